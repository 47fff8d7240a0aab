"""112 mistakes people make: each is refused, or warned of, at the line to edit, with the value and the way out."""

import pytest

from tests.support.mistakes import answer, table
from tests.support.workspace import REPOSITORY, qatgen, write

NUMBERED = {f"{row['number']} {row['name']}": row for row in table()["mistakes"]}
ROWS = NUMBERED | {row["name"]: row for row in table()["more"]}
NEVER = ("Traceback", "internal error", " | .", "::: templates/machine/_")
"""Words of no answer: those of a crash, of an error of CEL in several lines, of paths that nobody has."""


def test_every_mistake_is_here():
    numbers = [row["number"] for row in table()["mistakes"]]
    assert sorted([*numbers, *table()["elsewhere"]]) == list(range(1, 113))
    assert len(ROWS) == len(numbers) + len(table()["more"])
    for named in table()["elsewhere"].values():
        file, _, test = named.partition("::")
        assert f"def {test}(" in (REPOSITORY / file).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ROWS)
def test_the_answer(tmp_path, monkeypatch, name):
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    row = ROWS[name]
    result = answer(row, tmp_path)
    said = result.out + result.err
    assert result.code == row.get("code", 1), said
    if "at" in row:
        assert any(line.strip() == f"--> {row['at']}" for line in said.splitlines()), said
    message, help_ = _parts(said)
    assert [words for words in row["says"] if words not in message] == [], said
    assert [words for words in row["help"] if words not in help_] == [], said
    assert [words for words in (*NEVER, *row.get("never", ())) if words in said] == []


def _parts(said):
    """What an answer says is wrong, and its ways out; of usage, which has no line for that, the same for both."""
    help_ = [line for line in said.splitlines() if line.lstrip().startswith("= help: ")]
    return (said, said) if not help_ else (said, "\n".join(help_))


def test_mistakes_that_stop_a_render_leave_the_trees_as_they_were(tmp_path):
    row = ROWS["3 a field indented too little"]
    result = answer(row, tmp_path)
    assert (result.code, (tmp_path / "demo/rendered").exists()) == (1, False)


def test_a_tree_that_nothing_is_made_for_goes(tmp_path):
    assert qatgen(tmp_path, "init", ".").code == 0
    assert qatgen(tmp_path, "render", "-q").code == 0
    spec = (tmp_path / "spec.yaml").read_text(encoding="utf-8").replace("    argocd: {", "    flux: {")
    overlays = {f"overlays/{name}/spec.yaml": "spec: {}\n" for name in ("dev", "prod")}
    write(tmp_path, {"spec.yaml": spec, **overlays})
    result = qatgen(tmp_path, "render")
    assert (result.code, (tmp_path / "rendered/argocd").exists()) == (0, False), result
    assert "rendered/argocd: removed, because nothing in the sources makes it any more\n" in result.out
    assert qatgen(tmp_path, "check").out == "rendered is current\n"
    assert "argocd" not in qatgen(tmp_path, "render").out
