"""Sources as files, folders and patterns: what pathlib finds by a pattern is claimed, and nothing takes long."""

import itertools
import time

import pytest

from generator.pipeline.claims import claims_of

NAMES = ("a.yaml", "b.yaml", "ab.yaml", ".a", "[a", "a]", "-", "é.yaml", "x y")
FOLDERS = ("", "t/", "t/u/", "t/u/v/", ".h/", "w/")
PATTERNS = (
    "*.yaml",
    "t/*.yaml",
    "**/*.yaml",
    "t/**/a.yaml",
    "t/**/**/*",
    "*/u/?.yaml",
    "t/[ab].yaml",
    "t/[!a].yaml",
    "[[]a",
    "[a",
    "a]",
    "[]a]*",
    "[!]a]*",
    "[z-a]*",
    "[!z-a]*",
    "[+--]",
    "[a-]*",
    "*[é]*",
    "?*y",
    "**/[.]a",
    "t/*/../*.yaml",
)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_claims_what_pathlib_finds(tmp_path, pattern):
    for folder, name in itertools.product(FOLDERS, NAMES):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / folder / name).touch()
    files = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    found = {p.relative_to(tmp_path).as_posix() for p in tmp_path.glob(pattern) if p.is_file() and ".." not in p.parts}
    claims = claims_of([pattern])
    assert {file for file in files if claims.claims(file)} - {pattern} == found - {pattern}


def test_files_and_folders():
    claims = claims_of(["a/b.yaml", "c/", "../d.yaml"])
    assert [claims.claims(file) for file in ("a/b.yaml", "c/x/y", "c", "../d.yaml", "a/b")] == [1, 1, 0, 1, 0]


HARD = {
    "stars": ["*a" * 5000 + "b"],
    "folders": ["**/" * 2000 + "zz"],
    "brackets": ["[" * 5000 + "*"],
    "many": [f"*{number}" for number in range(100_000)],
    "long": ["*" + "a" * 10_000_000],
    "all kinds": ["**/*a*a*a*a*[a-z]*?*/**/" * 100 + "b"],
    "plain": [f"file-{number}" for number in range(250_000)],
}


@pytest.mark.parametrize("kind", HARD)
def test_no_pattern_takes_long(kind):
    start = time.process_time()
    claims = claims_of(HARD[kind])
    for file in ("a" * 4000, "a/" * 2000 + "zz", "[" * 4000):
        claims.claims(file)
    assert time.process_time() - start < 3


def test_too_much_claims_everything():
    assert claims_of(HARD["many"]).claims("README.md")
    assert claims_of(["*.yaml"]).claims("\udcff.yaml")
