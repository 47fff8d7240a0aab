"""Whether rendered trees are what the sources give: file by file, with what differs in each object."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from stat import S_ISREG
from typing import Any

from generator.compare import Change, changes, vanished
from generator.compare.show import one_line
from generator.emit import scratch
from generator.finding import Finding, Halt, Rule, has_errors
from generator.location import Span
from generator.manifest import identify
from generator.overlay import settings as overlay_settings
from generator.pipeline import rules
from generator.pipeline.before import strays
from generator.pipeline.inputs import one_object
from generator.pipeline.knownrecord import known_record
from generator.pipeline.project import Project
from generator.pipeline.record import RECORDS, Recorded, digest
from generator.pipeline.render import RenderSettings, render_project

_SHOWN = 3
"""Changes told of one file; `qatgen diff` tells them all."""
_LARGEST = 1 << 26
"""Bytes of a rendered file that are read; nothing we write is nearly as large."""
_ALIKE = 10
"""Files told one by one when they differ alike; of more the first is told, and how many there are."""


def check_project(project: Project, settings: RenderSettings, mend: str) -> list[Finding]:
    """Render anew beside the trees of `settings.output`, and compare; `mend` is the command that would mend it."""
    with scratch("check") as top:
        fresh = top / "rendered"
        summaries, findings = render_project(project, replace(settings, output=fresh, delivered=settings.output), None)
        if settings.stop(findings):
            return findings
        drift = _Drift(mend)
        for summary in summaries:
            tree = Path(summary.folder).name
            drift.compare(fresh / tree, settings.output / tree)
        findings += drift.findings()
    if not settings.environments:
        findings += strays(project, settings.output)
    return findings


_CONFLICT = b"<<<<<<< "


@dataclass(slots=True)
class _Drift:
    """What differs, collected over all trees: many files that differ alike are told once."""

    mend: str
    _found: dict[tuple[Rule, str], list[Path]] = field(default_factory=dict)
    _gone: dict[tuple[str, str], list[Path]] = field(default_factory=dict)
    _lines: dict[Path, int] = field(default_factory=dict)
    _known: dict[Any, "_Difference"] = field(default_factory=dict)

    def compare(self, fresh: Path, standing: Path) -> None:
        """One tree with what it should be."""
        wanted, there = _files(fresh), _files(standing)
        if wanted and not there:
            self._add(rules.MISSING, standing, f"the tree is not there: {len(wanted)} files are missing")
            return
        before, after = known_record(standing).files, known_record(fresh).files
        for name in wanted:
            at = standing / name
            if name not in there:
                self._add(rules.MISSING, at, "the file is missing")
            elif there[name]:
                self._add(rules.EDITED, at, f"{there[name]} is in the place of the file")
            else:
                self._content(at, (fresh / name).read_bytes(), before.get(name), after.get(name))
        for name, what in there.items():
            if name not in wanted:
                words = {"": "", "a link": " (a link, which is not followed)"}.get(what, f" ({what})")
                self._add(rules.EXTRA, standing / name, f"nothing in the sources makes this file{words}")

    def _content(self, at: Path, then: bytes, before: Recorded | None, after: Recorded | None) -> None:
        """One file with what it should hold; one that goes while we look (another run may be writing) is missing."""
        try:
            now = _bytes(at)
        except FileNotFoundError:
            self._add(rules.MISSING, at, "the file is missing")
        except _NotOursError as error:
            self._add(rules.STALE, at, str(error))
        else:
            if now != then:
                self._differs(at, now, then, before, after)

    def findings(self) -> Iterator[Finding]:
        """Everything that differs, in the order of trees and files, then keys that vanished."""
        told = [one for (rule, message), files in self._found.items() for one in self._alike(rule, message, files)]
        yield from sorted(told, key=lambda finding: finding.at)
        for (kind, path), files in self._gone.items():
            more = f" (and of {len(files) - 1:,} more)" if len(files) > 1 else ""
            message = f"{path} vanishes: rendered/ has it in this {kind}{more}, and the sources give it no more"
            yield self._finding(rules.VANISHED, files[0], message)

    def _alike(self, rule: Rule, message: str, files: Sequence[Path]) -> Iterator[Finding]:
        shown = files if len(files) <= _ALIKE else files[:1]
        more = f" (and {len(files) - 1:,} more files alike)" if len(shown) < len(files) else ""
        yield from (self._finding(rule, file, message + more) for file in shown)

    def _add(self, rule: Rule, at: Path, message: str) -> None:
        self._found.setdefault((rule, message), []).append(at)

    def _differs(self, at: Path, now: bytes, then: bytes, before: Recorded | None, after: Recorded | None) -> None:
        if at.name in RECORDS:
            self._add(rules.STALE, at, "the record is not that of these files")
            return
        difference = self._difference(at, now, then, after)
        edited = before is not None and digest(now) != before.digest
        words = "the file was changed by hand" if edited else "the file is not what the sources give"
        line = next((number for number, text in enumerate(now.splitlines(), 1) if text.startswith(_CONFLICT)), None)
        if line:
            self._lines[at] = line
        message = f"{words}: {difference.told}" if difference.told else words
        self._add(rules.EDITED if edited else rules.STALE, at, message)
        for path in difference.gone:
            self._gone.setdefault((difference.kind, path), []).append(at)

    def _difference(self, at: Path, now: bytes, then: bytes, after: Recorded | None) -> "_Difference":
        """What differs in a file's object. Objects made alike whose texts differ in the same lines are read once."""
        one, other = now.splitlines(), then.splitlines()
        made = (after.template, after.item) if after and after.item else at
        key = (made, frozenset(one).difference(other), frozenset(other).difference(one), len(one), len(other))
        if key not in self._known:
            self._known[key] = _difference(now, then, at.as_posix())
        return self._known[key]

    def _finding(self, rule: Rule, at: Path, message: str) -> Finding:
        hint, line = f"run `{self.mend}`", self._lines.get(at, 0)
        place = Span(at.as_posix(), line, 1) if line else Span(at.as_posix())
        if rule == rules.EXTRA:
            hint = f"move it out of the tree, or run `{self.mend} --remove-unknown`"
        return Finding(rule=rule, message=message, at=place, hint=hint)


@dataclass(frozen=True, slots=True)
class _Difference:
    """What differs in one object, in a line, and the paths of what it has no more."""

    kind: str = ""
    told: str = ""
    gone: tuple[str, ...] = ()


class _NotOursError(Exception):
    """What is in a file's place is nothing that we wrote."""


def _files(folder: Path) -> Mapping[str, str]:
    """What a tree holds by name, and what it is where it is not a file; dot-files are not ours, except the record.

    Raises OSError for a folder that may not be read.
    """
    found: dict[str, str] = {}
    todo = [""]
    while todo:
        below = todo.pop()
        try:
            entries = list(os.scandir(folder / below))
        except (FileNotFoundError, NotADirectoryError):
            continue
        for entry in entries:
            name = f"{below}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                todo.append(f"{name}/")
            elif name in RECORDS or not entry.name.startswith("."):
                found[name] = _what(entry)
    return dict(sorted(found.items()))


def _what(entry: "os.DirEntry[str]") -> str:
    """What something is, in words; nothing for a file."""
    if entry.is_symlink():
        return "a link"
    return "" if entry.is_file(follow_symlinks=False) else "a pipe, a socket or a device"


def _bytes(path: Path) -> bytes:
    """A file of a tree: no link is followed, and nothing is waited for. Raises OSError, _NotOursError."""
    opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    with os.fdopen(opened, "rb") as file:
        about = os.fstat(opened)
        if not S_ISREG(about.st_mode):
            raise _NotOursError("it is not a file any more")
        if about.st_size > _LARGEST:
            raise _NotOursError(f"the file is not what the sources give: it holds {about.st_size:,} bytes")
        return file.read(_LARGEST)


def _difference(now: bytes, then: bytes, shown: str) -> _Difference:
    try:
        one, other = one_object(now, shown), one_object(then, shown)
    except Halt as halt:
        first = halt.findings[0]
        where = f"line {first.at.line}: " if first.at.line else ""
        return _Difference(told=f"{where}{first.message}")
    if one is None or other is None:
        return _Difference()
    if identify(one) != identify(other):
        return _Difference(told=f"it holds {identify(one)}, not {identify(other)}")
    found = changes(one, other, overlay_settings().shapes)
    return _Difference(str(one.get("kind")), "; ".join(_lines(found)), tuple(vanished(found)))


def _lines(found: Sequence[Change]) -> Iterable[str]:
    yield from (one_line(change) for change in found[:_SHOWN])
    if len(found) > _SHOWN:
        yield f"and {len(found) - _SHOWN:,} more"


def changed_meanwhile(path: str) -> Finding:
    """That a file changed while everything was rendered and compared, twice: nothing can be said."""
    name = os.path.relpath(path) if path.startswith("/") else path
    message = "the file changed while it was checked, so nothing can be said of the trees"
    hint = "run the check again when nothing writes the project's files (an editor, a build, a render)"
    return Finding(rule=rules.CHANGING, message=message, at=Span(name), hint=hint)


def is_clean(findings: Sequence[Finding]) -> bool:
    """Whether nothing keeps the trees from being trusted as they are."""
    return not has_errors(findings)
