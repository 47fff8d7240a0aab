"""Every rule has a page, and what its page shows is what happens: refused and let pass, by the real command."""

import re

import pytest

from generator.explain.pages import load_pages
from generator.explain.rules import all_rules
from generator.pipeline.policies import pack_rules
from generator.spec.example import example_spec
from tests.support.workspace import REPOSITORY, qatgen, write

PAGES = load_pages()
SHOWN = sorted(code for code, page in PAGES.items() if page.rejected is not None)


def test_every_rule_has_a_page_and_every_page_a_rule():
    assert sorted([*PAGES, *(rule.code for rule in pack_rules())]) == sorted(all_rules())


def test_every_rule_is_made_somewhere():
    sources = [p.read_text() for p in (REPOSITORY / "generator").rglob("*.py") if p.name != "rules.py"]
    words = set(re.findall(r"[A-Z_]{3,}", "\n".join(sources)))
    named = re.findall(
        r"^([A-Z_]+) = Rule\(\s*\"([A-Z]+-?[0-9]+)",
        rules_text := "\n".join(p.read_text() for p in (REPOSITORY / "generator").rglob("rules.py")),
        re.MULTILINE,
    )
    assert len(named) == rules_text.count("= Rule(")
    assert [code for name, code in named if name not in words and code in all_rules()] == []


def test_a_page_shows_examples_or_tells_the_situation():
    assert [code for code, page in PAGES.items() if (page.rejected is None) == (not page.situation)] == []
    assert [code for code, page in PAGES.items() if (page.rejected is None) != (page.accepted is None)] == []


def codes_of(folder, example):
    write(folder, {"spec.yaml": example_spec() + example.append})
    if example.overlay:
        write(folder, {"overlays/dev/spec.yaml": example.overlay})
    write(folder, example.files)
    for name, target in example.links.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).symlink_to(target)
    result = qatgen(folder, *example.command)
    assert result.code in {0, 1, 2}, result
    return set(re.findall(r"^(?:error|warning|info)\[((?:[A-Z]+|QATK-)[0-9]+) ", result.err, re.MULTILINE))


@pytest.mark.parametrize("code", SHOWN)
def test_the_rejected_example_is_rejected(tmp_path, code):
    assert code in codes_of(tmp_path, PAGES[code].rejected)


@pytest.mark.parametrize("code", SHOWN)
def test_the_accepted_example_is_accepted(tmp_path, code):
    assert codes_of(tmp_path, PAGES[code].accepted) <= {"RES025", "REF001"} - {code}
