"""Whether rendered trees are what the sources give: file by file, with what differs in each object."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from generator.compare import changes
from generator.compare.show import one_line
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


def check_project(project: Project, settings: RenderSettings, mend: str) -> list[Finding]:
    """Render anew beside the trees of `settings.output`, and compare; `mend` is the command that would mend it."""
    with tempfile.TemporaryDirectory(prefix="qatgen-check-") as name:
        fresh = Path(name) / "rendered"
        summaries, findings = render_project(project, replace(settings, output=fresh), None)
        if settings.stop(findings):
            return findings
        for summary in summaries:
            tree = Path(summary.folder).name
            findings += _tree(fresh / tree, settings.output / tree, mend)
    if not settings.environments:
        findings += strays(project, settings.output)
    return findings


def _tree(fresh: Path, standing: Path, mend: str) -> Iterator[Finding]:
    wanted, there = _files(fresh), _files(standing)
    record = read_record(standing).files
    if wanted and not there:
        yield _finding(rules.MISSING, standing, f"the tree is not there: {len(wanted)} files are missing", mend)
        return
    for name, path in wanted.items():
        at = standing / name
        if name not in there:
            yield _finding(rules.MISSING, at, "the file is missing", mend)
        elif there[name].is_symlink():
            yield _finding(rules.EDITED, at, "a link stands in place of the file", mend)
        elif (now := there[name].read_bytes()) != (then := path.read_bytes()) and name not in RECORDS:
            yield _differs(at, now, then, record.get(name), mend)
    for name in there:
        if name not in wanted:
            yield _finding(rules.EXTRA, standing / name, "nothing in the sources makes this file", mend)
    for name in RECORDS:
        if name in wanted and name in there and there[name].read_bytes() != wanted[name].read_bytes():
            yield _finding(rules.STALE, standing / name, "the record is not that of these files", mend)


def _files(folder: Path) -> Mapping[str, Path]:
    """The files of a tree by name; dot-files are others' business, but for the record."""
    found = sorted(path for path in folder.rglob("*") if path.is_symlink() or path.is_file()) if folder.is_dir() else []
    names = {path.relative_to(folder).as_posix(): path for path in found}
    return {name: path for name, path in names.items() if name in RECORDS or not path.name.startswith(".")}


def _differs(at: Path, now: bytes, then: bytes, recorded: Recorded | None, mend: str) -> Finding:
    edited = recorded is not None and digest(now) != recorded.digest
    told = "; ".join(_changes(now, then, at.as_posix()))
    words = "the file was changed by hand" if edited else "the file is not what the sources give"
    return _finding(rules.EDITED if edited else rules.STALE, at, f"{words}: {told}" if told else words, mend)


def _changes(now: bytes, then: bytes, shown: str) -> Iterator[str]:
    one, other = _object(now, shown), _object(then, shown)
    if one is None or other is None:
        return
    if identify(one) != identify(other):
        yield f"it holds {identify(one)}, not {identify(other)}"
        return
    found = changes(one, other, overlay_settings().shapes)
    yield from (one_line(change) for change in found[:_SHOWN])
    if len(found) > _SHOWN:
        yield f"and {len(found) - _SHOWN:,} more"


def _object(raw: bytes, shown: str) -> dict[str, Any] | None:
    try:
        documents = read_documents(raw, shown, Dialect.KUBERNETES)
    except Halt:
        return None
    return documents[0].data if len(documents) == 1 and isinstance(documents[0].data, dict) else None


def _finding(rule: Rule, at: Path, message: str, mend: str) -> Finding:
    return Finding(rule=rule, message=message, at=Span(at.as_posix()), hint=f"run `{mend}`")


def is_current(findings: Sequence[Finding]) -> bool:
    """Whether nothing keeps the trees from being trusted as they are."""
    return not has_errors(findings)
