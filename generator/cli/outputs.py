"""Where reports go: a file that qatgen may replace, or a stream; never over a file that qatgen did not make."""

import errno
import json
import os
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from stat import S_ISDIR, S_ISREG

import click

from generator.emit import NewFile, current, put_files
from generator.emit.ownership import RECORDS
from generator.finding import Halt

_LARGEST = 1 << 28
_READER_COMES = 5.0
"""Seconds that a pipe may be without a reader: the one who made it may still be starting it."""
_STREAM = re.compile(r"/(?:dev/(?P<name>stdout|stderr)|(?:dev|proc/self)/fd/(?P<number>[0-9]{1,6}))\Z")
_NUMBERS = {"stdout": 1, "stderr": 2}

_TEXT = re.compile(
    rb"(?:error|warning|info)\[[^\]\n]+\]: .*\n(?:[0-9,]+ (?:errors?|warnings?|info)(?:, )?)+\n\Z", re.DOTALL
)
_MARKDOWN = re.compile(rb"## qatgen: (?:no findings|[0-9][0-9,]* (?:error|warning|info))")
_GITHUB = (b"::error ", b"::warning ", b"::notice ")
_HTML = re.compile(rb'\s*<!doctype html>.{0,2000}<meta name="generator" content="qatgen ', re.DOTALL)
_JUNIT = re.compile(rb'\s*<\?xml [^>]*>\s*<testsuites name="qatgen"')
_SCHEMAS = "https://qatgen.dev/schemas/"


def check_outputs(outputs: Sequence[tuple[str, str]]) -> None:
    """Refuse, as a usage error and before any work, what reports would go to and must not."""
    taken: dict[tuple[int, int] | str, str] = {}
    for form, path in outputs:
        if not path or path in ("-", os.devnull):
            continue
        known = _known(path)
        if known in taken:
            raise click.UsageError(f'"{path}" is named for two reports, {taken[known]} and {form}: name two files')
        taken[known] = form
        _check(path)


def _known(path: str) -> tuple[int, int] | str:
    """What tells whether two paths are one file, links and hard links among them."""
    try:
        found = os.stat(path)  # noqa: PTH116 - a text, as it was given
    except (OSError, ValueError):
        return os.path.realpath(path)
    return (found.st_dev, found.st_ino) if S_ISREG(found.st_mode) else os.path.realpath(path)


def write_output(path: str, text: str) -> None:
    """Write a report, whole or not at all, or to the stream that the path names. Raises UsageError."""
    try:
        stream = _stream(path)
        if stream is not None:
            sys.stdout.flush()
            with os.fdopen(os.dup(stream), "wb") as file:
                file.write(text.encode())
        elif _is_special(path):
            _to_reader(path, text.encode())
        else:
            _check(path)
            put_files([NewFile(Path(path), text.encode(), current(Path(path)))])
    except Halt as halt:
        raise _refused(path, halt.findings[0].message) from None
    except OSError as error:
        raise _refused(path, error.strerror or str(error)) from None


def _stream(path: str) -> int | None:
    match = _STREAM.match(path)
    if match is None:
        return None
    return _NUMBERS[match["name"]] if match["name"] else int(match["number"])


def _is_special(path: str) -> bool:
    """Whether a path leads to a pipe or a device, which are written to and never replaced."""
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 - a text, as it was given
    except (OSError, ValueError):
        return False
    return not S_ISREG(mode) and not S_ISDIR(mode)


def _check(path: str) -> None:
    if _stream(path) is not None or _is_special(path):
        return
    place = Path(path)
    try:
        if place.is_dir():
            raise _refused(path, os.strerror(errno.EISDIR))
        if place.is_symlink():
            raise _refused(path, f"it is a link to {os.path.realpath(path)}; name the file itself")
        if not place.parent.is_dir():
            missing = not os.path.lexists(place.parent)
            what = "does not exist; create it first" if missing else "is not a folder"
            raise _refused(path, f'the folder "{place.parent}" {what}')
        tree = next((one for one in place.absolute().parents if any((one / name).is_file() for name in RECORDS)), None)
        if tree is not None:
            raise _refused(path, f"{tree.name} is a tree that qatgen replaces as a whole; name a file beside it")
        raw = current(place)
    except Halt as halt:
        raise _refused(path, halt.findings[0].message) from None
    except (OSError, ValueError) as error:
        raise _refused(path, getattr(error, "strerror", None) or str(error)) from None
    if raw and not is_report(raw):
        raise _refused(path, "it is a file that qatgen did not write; move it away, or name another")


def is_report(raw: bytes) -> bool:
    """Whether a file's content is one of our reports, of any form."""
    if any(pattern.match(raw) for pattern in (_HTML, _JUNIT, _TEXT, _MARKDOWN)):
        return True
    if raw and all(line.startswith(_GITHUB) and b"title=" in line for line in raw.splitlines()):
        return True
    if raw.lstrip()[:1] not in (b"{", b"[") or len(raw) > _LARGEST:
        return False
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError):
        return False
    return _is_data(data)


def _is_data(data: object) -> bool:
    if isinstance(data, list):  # GitLab's list of issues
        keys = {"description", "check_name", "fingerprint", "severity", "location"}
        return all(isinstance(one, dict) and set(one) == keys for one in data)
    if not isinstance(data, dict):
        return False
    if str(data.get("$schema", "")).startswith(_SCHEMAS) and data.get("kind") in ("Report", "Overview"):
        return True
    runs = data.get("runs")
    if data.get("version") != "2.1.0" or not isinstance(runs, list) or not runs:
        return False
    return all(_driver(run) == "qatgen" for run in runs)


def _driver(run: object) -> object:
    for key in ("tool", "driver", "name"):
        run = run.get(key) if isinstance(run, dict) else None
    return run


def _to_reader(path: str, data: bytes) -> None:
    """Write to a pipe or a device; a pipe that nobody reads is refused after a moment. Raises OSError."""
    file = _opened(path, time.monotonic() + _READER_COMES)
    os.set_blocking(file, True)
    with os.fdopen(file, "wb") as stream:
        stream.write(data)


def _opened(path: str, end: float) -> int:
    while True:
        try:
            return os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
            if time.monotonic() > end:
                raise OSError(errno.ENXIO, "nobody reads the pipe") from None
            time.sleep(0.02)


def _refused(path: str, reason: str) -> click.UsageError:
    return click.UsageError(f'cannot write the report to "{path}": {reason}')
