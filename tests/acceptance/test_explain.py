"""`qatgen explain`."""

import pytest

from tests.support.workspace import qatgen


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("RES016", "# RES016 partial-vfs"),
        ("res016", "# RES016 partial-vfs"),
        ("partial-vfs", "# RES016 partial-vfs"),
        ("spec.nodePools.virtualFunctions", "VFs per endpoint"),
        ("defaults.memory", "# spec.defaults.memory"),
    ],
)
def test_what_is_known(tmp_path, subject, words):
    result = qatgen(tmp_path, "explain", subject)
    assert (result.code, words in result.out) == (0, True), result


@pytest.mark.parametrize(("subject", "words"), [("RES999", "RES019"), ("spec.nodePol", "nodePools"), ("qatt", "known")])
def test_what_is_not(tmp_path, subject, words):
    result = qatgen(tmp_path, "explain", subject)
    assert (result.code, result.out) == (2, "")
    assert words in result.err
