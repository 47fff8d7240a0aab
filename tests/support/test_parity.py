"""The page of parity keeps its table where the run writes it, and everything else as people wrote it."""

import pytest

from tests.e2e.parity import BEGIN, END, PAGE, rewritten, table
from tests.support.parity import Row

ROWS = [
    Row("API server", "policies", "kube-apiserver v1.36.3", 1200, ["one"], {"needs a controller": 3}),
    Row("KubeVirt", "pods", "kubevirt 1.9.0", 10),
]


def test_the_page_has_the_marks():
    page = PAGE.read_text("utf-8")
    written = rewritten(page, ROWS)
    assert table(ROWS) in written
    assert written.split(BEGIN)[0] == page.split(BEGIN)[0]
    assert written.split(END)[1] == page.split(END)[1]
    assert rewritten(written, ROWS) == written


def test_rows_count_what_agrees():
    assert table(ROWS).splitlines()[2:] == [
        "| API server | policies | kube-apiserver v1.36.3 | 1,200 | 1,199 | 1 | 3 |",
        "| KubeVirt | pods | kubevirt 1.9.0 | 10 | 10 | 0 |  |",
        "| all | | | 1,210 | 1,209 | 1 | 3 |",
    ]


@pytest.mark.parametrize("page", ["", BEGIN, f"{END}\n{BEGIN}", f"{BEGIN}{BEGIN}{END}"])
def test_a_page_without_marks_is_not_touched(page):
    with pytest.raises(ValueError, match="once each"):
        rewritten(page, ROWS)
