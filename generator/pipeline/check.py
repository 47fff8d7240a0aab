"""Whether rendered trees are what the sources give: file by file, with what differs in each object."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
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
from generator.pipeline.project import Project
from generator.pipeline.record import RECORDS, Recorded, digest, read_record
from generator.pipeline.render import RenderSettings, render_project
from generator.source import Dialect, read_documents

_SHOWN = 3
"""Changes told of one file; `qatgen diff` tells them all."""
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


@dataclass(slots=True)
class _Drift:
    """What differs, collected over all trees: many files that differ alike are told once."""

    mend: str
    _found: dict[tuple[Rule, str], list[Path]] = field(default_factory=dict)
    _gone: dict[tuple[str, str], list[Path]] = field(default_factory=dict)
    _known: dict[Any, "_Difference"] = field(default_factory=dict)

    def compare(self, fresh: Path, standing: Path) -> None:
        """One tree with what it should be."""
        wanted, there = _files(fresh), _files(standing)
        if wanted and not there:
            self._add(rules.MISSING, standing, f"the tree is not there: {len(wanted)} files are missing")
            return
        before, after = read_record(standing).files, read_record(fresh).files
        for name, path in wanted.items():
            at = standing / name
            if name not in there:
                self._add(rules.MISSING, at, "the file is missing")
            elif there[name].is_symlink():
                self._add(rules.EDITED, at, "a link stands in place of the file")
            else:
                self._content(at, path.read_bytes(), before.get(name), after.get(name))
        for name in there:
            if name not in wanted:
                link = " (a link, which is not followed)" if there[name].is_symlink() else ""
                self._add(rules.EXTRA, standing / name, f"nothing in the sources makes this file{link}")

    def _content(self, at: Path, then: bytes, before: Recorded | None, after: Recorded | None) -> None:
        """One file with what it should hold; one that goes while we look (another run may be writing) is missing."""
        try:
            now = at.read_bytes()
        except FileNotFoundError:
            self._add(rules.MISSING, at, "the file is missing")
            return
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
        hint = f"run `{self.mend}`"
        if rule == rules.EXTRA:
            hint = f"move it out of the tree, or run `{self.mend} --remove-unknown`"
        return Finding(rule=rule, message=message, at=Span(at.as_posix()), hint=hint)


@dataclass(frozen=True, slots=True)
class _Difference:
    """What differs in one object, in a line, and the paths of what it has no more."""

    kind: str = ""
    told: str = ""
    gone: tuple[str, ...] = ()


def _files(folder: Path) -> Mapping[str, Path]:
    """The files of a tree by name; dot-files are others' business, but for the record."""
    found = sorted(path for path in folder.rglob("*") if path.is_symlink() or path.is_file()) if folder.is_dir() else []
    names = {path.relative_to(folder).as_posix(): path for path in found}
    return {name: path for name, path in names.items() if name in RECORDS or not path.name.startswith(".")}


def _difference(now: bytes, then: bytes, shown: str) -> _Difference:
    one, other = _object(now, shown), _object(then, shown)
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


def _object(raw: bytes, shown: str) -> dict[str, Any] | None:
    try:
        documents = read_documents(raw, shown, Dialect.KUBERNETES)
    except Halt:
        return None
    return documents[0].data if len(documents) == 1 and isinstance(documents[0].data, dict) else None


def is_current(findings: Sequence[Finding]) -> bool:
    """Whether nothing keeps the trees from being trusted as they are."""
    return not has_errors(findings)
