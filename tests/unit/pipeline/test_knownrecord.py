"""Records that anybody may have written: those that are too much are none, in bounded time."""

import json
import os
import time

import pytest

from generator.pipeline.knownrecord import known_record, record_digest, trees_sources
from generator.pipeline.record import Record

GOOD = {"files": {"a.yaml": {"sha256": "0"}}, "sources": ["spec.yaml"]}


def _pipe(place):
    place.unlink()
    os.mkfifo(place)


BAD = {
    "large": lambda p: p.write_text(json.dumps({**GOOD, "about": "x" * (1 << 25)})),
    "huge": lambda p: os.truncate(p, 1 << 40),
    "a million sources": lambda p: p.write_text(json.dumps({**GOOD, "sources": ["a"] * 1_000_000})),
    "a long source": lambda p: p.write_text(json.dumps({**GOOD, "sources": ["*a" * 5000]})),
    "nested": lambda p: p.write_text('{"files": ' + "[" * 200_000),
    "nested objects": lambda p: p.write_text('{"a":' * 100_000),
    "digits": lambda p: p.write_text('{"files": ' + "9" * 100_000 + "}"),
    "a list": lambda p: p.write_text("[]"),
    "files is a list": lambda p: p.write_text('{"files": []}'),
    "a file is a number": lambda p: p.write_text('{"files": {"a": 1}}'),
    "sources is a number": lambda p: p.write_text('{"files": {}, "sources": 1}'),
    "a zero byte": lambda p: p.write_text(json.dumps({**GOOD, "sources": ["a\0b"]})),
    "not UTF-8": lambda p: p.write_bytes(b'{"files": "\xff"}'),
    "a pipe": _pipe,
    "a link": lambda p: (p.rename(p.with_name("real")), p.symlink_to("real")),
    "a folder": lambda p: (p.unlink(), p.mkdir()),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_is_no_record(tmp_path, kind):
    record = tmp_path / "a/.qatgen.json"
    record.parent.mkdir()
    record.write_text(json.dumps(GOOD))
    assert known_record(record.parent).sources == ("spec.yaml",)
    start = time.process_time()
    BAD[kind](record)
    assert known_record(record.parent) == Record()
    assert trees_sources(tmp_path) == ()
    assert record_digest(tmp_path / "none") == ""
    assert time.process_time() - start < 5
