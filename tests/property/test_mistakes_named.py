"""A mistake is named for what it is, at its line, wherever in a file it is made; what is legal is never named."""

import json
import random
import re

import pytest

from generator.finding import Finding, Halt
from generator.source import Dialect, read_documents
from tests.property.mistakes import KINDS, structural
from tests.support.workspace import REPOSITORY

_LARGEST = 20_000
_FOLDERS = ("examples", "generator/catalog", "generator/starter", "integrations", "overlays", "policies", "rendered")
_TESTS = ("spec.yaml", "teams", "templates/index.yaml", "tests/golden/cases")


def texts() -> dict[str, str]:
    """The YAML files of the repository, by name."""
    found: dict[str, str] = {}
    for name in (*_FOLDERS, *_TESTS):
        path = REPOSITORY / name
        for file in sorted(path.rglob("*.yaml")) if path.is_dir() else [path]:
            if file.stat().st_size < _LARGEST and "schema" not in file.parts:
                found[file.relative_to(REPOSITORY).as_posix()] = file.read_text(encoding="utf-8")
    return found


TEXTS = texts()


def finding(text: str, shown: str = "f.yaml", dialect: Dialect = Dialect.KUBERNETES) -> Finding | None:
    """The first finding of a text; None where it is read."""
    try:
        read_documents(text, shown, dialect)
    except Halt as halt:
        return halt.findings[0]
    return None


def test_the_corpus_is_there():
    assert len(TEXTS) > 300
    assert all(finding(text) is None for text in TEXTS.values())


@pytest.mark.property
@pytest.mark.parametrize("kind", KINDS)
def test_a_mistake_is_named_at_its_line(kind):
    chance, mistake, made_in_all, wrong = random.Random(kind), KINDS[kind], 0, []
    for name, text in list(TEXTS.items())[:: 3 if kind != "bracket" else 1]:
        lines = text.split("\n")
        places = list(structural(text))
        chance.shuffle(places)
        made = next(filter(None, (mistake.make(lines, place, chance) for place in places)), None)
        if made is None:
            continue
        made_in_all += 1
        found = finding("\n".join(made[0]))
        if found is None and mistake.may_be_read:
            continue  # another text, but YAML: `name x` can be a value, and a deeper key its only one
        if found is None or mistake.word not in found.message or found.at.line != made[1] + 1 or not found.hint:
            wrong.append((name, made[1] + 1, str(found and found.at), found and found.message))
    assert wrong == []
    assert made_in_all > 40


LEGAL = [
    'a: "x\ty"',
    "a: 'x\ty'",
    "a: |\n  x\n  \ty\n  <<<<<<< HEAD\n  =======\n  {{ x }}\n  > > >",
    "a:\tb",
    "a: b # \t {{ x }} <<<<<<< “x” \u00a0",
    'a: "{{ x }}"',
    "a: '{{ x }}: y'",
    "a: echo {{ x }} ${{ y }}",
    "a: ${{ y }}",
    "a: “x”",
    "a: x “y” z",
    'a: "\u00a0x"',
    "a: >-\n  \u00a0x: y\n  z",
    "a: x\u00a0y",
    "a: [x, \ty]",
    'a: "x\n  <<<<<<< HEAD\n  y"',
    "# <<<<<<< HEAD\n# \tx: {{ y }}\na: b",
    "a: 'it''s'",
    'a: "x: y"',
    "a: b@c",
    "a: x%y",
    "a: -1",
    "a:\n  - - x\n    - y",
]
LATER = {
    "b: {c: 1\nd: 2\n": ("is never closed", 1),
    "b:\n  c: 1\n    d: 2\n": ("is indented by", 3),
    "b c\nd: 2\n": ("has no `:`", 1),
    "b: @x\n": ("cannot begin with `@`", 1),
    'b: "c\n': ("the quote", 1),
    "b: c: d\n": ("holds `: `", 1),
    "b: [1 2, {c: 3 d: 4}]\n": ("a comma is missing", 1),
}


@pytest.mark.parametrize("legal", LEGAL)
def test_what_is_legal_is_read(legal):
    assert finding(f"{legal}\nz: 1\n") is None


@pytest.mark.parametrize("legal", LEGAL)
@pytest.mark.parametrize("later", LATER)
def test_what_is_legal_is_not_taken_for_the_mistake_below_it(legal, later):
    word, line = LATER[later]
    found = finding(f"{legal}\n{later}")
    assert found is not None
    assert (word in found.message, found.at.line) == (True, legal.count("\n") + 1 + line), found


_DAMAGE = "\t\n\r :-{}[],\"'#&*!|>%@`?<=\\\u00a0\ufeff“\u2028é😀a0"


@pytest.mark.property
@pytest.mark.parametrize("shown", ["f.yaml", "f.json"])
def test_no_damage_ends_in_anything_but_a_finding_in_the_text(shown):
    chance = random.Random(shown)
    texts = [text for text in TEXTS.values() if len(text) < 1500][:80]
    for number in range(1500):
        text = chance.choice([*texts, *LEGAL, *LATER])
        if shown == "f.json":
            text = json.dumps(read_documents(chance.choice(texts), "f.yaml", Dialect.KUBERNETES)[0].data, indent=1)
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(text) + 1)
            new = "".join(chance.choices(_DAMAGE, k=chance.randint(0, 2)))
            text = text[:at] + new + text[at + chance.randint(0, 2) :]
        if chance.random() < 0.2:
            text = text[: chance.randrange(len(text) + 1)]
        found = finding(text, shown, list(Dialect)[number % 4])
        if found is not None:
            assert 0 < found.at.line <= len(re.split(r"\r\n|[\n\r\x85\u2028\u2029]", text)) + 1, (text, found)
            assert found.at.column >= 1
            assert found.message


JSON = {
    "comma": (lambda line: line + "," if not line.endswith((",", "{", "[")) else None, "comma"),
    "comment": (lambda line: f"{line} // why", "a comment"),
    "hash": (lambda line: f"{line} # why", "a comment"),
    "quotes": (lambda line: line.replace('"', "'") if '"' in line else None, "`'` does not quote"),
    "unquoted": (lambda line: line.replace('"', "", 2) if line.lstrip().startswith('"') else None, "quotes"),
    "printed": (lambda line: line.replace('"', "“", 1) if '"' in line else None, "typographic"),
    "open": (lambda line: line.rstrip(",")[:-1] if line.rstrip(",").endswith('"') else None, "string does not end"),
    "number": (lambda line: f"{line.split(':')[0]}: NaN" if ": " in line else None, "NaN"),
    "marker": (lambda line: f"<<<<<<< HEAD\n{line}", "conflict marker"),
    "braces": (lambda line: f"{line.split(':')[0]}: {{{{ x }}}}" if ": " in line else None, "braces of a template"),
}


@pytest.mark.property
@pytest.mark.parametrize("kind", JSON)
def test_a_mistake_in_json_is_named_at_its_line(kind):
    make, word = JSON[kind]
    chance, made_in_all, wrong = random.Random(kind), 0, []
    for name, text in list(TEXTS.items())[::5]:
        [document, *_] = read_documents(text, name, Dialect.KUBERNETES)
        lines = json.dumps(document.data, indent=2).split("\n")
        places = [place for place in range(1, len(lines) - 1) if make(lines[place]) is not None]
        if kind == "comma":  # only before a closing bracket there is one too many
            places = [place for place in places if lines[place + 1].strip()[:1] in ("}", "]")]
        if not places:
            continue
        place = chance.choice(places)
        found = finding("\n".join([*lines[:place], str(make(lines[place])), *lines[place + 1 :]]), "f.json")
        made_in_all += 1
        if found is None or word not in found.message or found.at.line != place + 1 or not found.hint:
            wrong.append((name, place + 1, str(found and found.at), found and found.message))
    assert wrong == []
    assert made_in_all > 40
