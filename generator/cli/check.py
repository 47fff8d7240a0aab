"""`qatgen check`: whether rendered/ is what the sources give."""

import os
import shutil
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import click

from generator.cli.day import parse_day
from generator.cli.exits import Exit
from generator.cli.repairing import look_for_unfinished, rendered_of
from generator.cli.reporting import Reporting, halted, reporting_options
from generator.cli.root import chosen_root
from generator.pipeline.stamps import COARSEST, Look, UnsureError, Watched, first_difference, lasting, look
from generator.pipeline.trusted import (
    Memory,
    is_current,
    is_of_another_version,
    memory_file,
    recall,
    remember,
    versions,
)

PATH = click.Path(readable=False, path_type=Path)


@dataclass(frozen=True, slots=True)
class _Order:
    """What is to be checked, and how; `day` is `today` as it was given."""

    spec: Path
    environments: tuple[str, ...]
    output: Path
    today: date | None
    day: str
    reporting: Reporting

    @property
    def key(self) -> tuple[str, ...]:
        """What a remembered check has to have in common with this one: all that changes a verdict, except files."""
        day = self.today.isoformat() if self.today else ""
        settings = sorted(f"{name}={value}" for name, value in os.environ.items() if name.startswith("QATGEN_"))
        places = [str(self.spec.absolute()), str(self.output.absolute()), shutil.which("git") or ""]
        places.append(str(chosen_root(self.spec.parent).flag or ""))
        chosen = [day, self.reporting.fail_on, str(len(self.environments)), *sorted(self.environments)]
        return (*versions(), *places, *chosen, *settings)

    @property
    def place(self) -> Path | None:
        """Where checks are remembered."""
        cache, home = os.environ.get("XDG_CACHE_HOME"), os.environ.get("HOME")
        folder = Path(cache) if cache else Path(home) / ".cache" if home else None
        return memory_file(self.spec.parent, folder)

    def look(self, began: int) -> tuple[Look | None, tuple[str, ...]]:
        """Everything that is read, as it is now, and the sources by which it is found; no look where one fails."""
        from generator.pipeline.knownrecord import trees_sources  # noqa: PLC0415 - the short way knows them

        sources = (self.spec.name, *trees_sources(self.output))
        try:
            return look(Watched(self.spec.parent, self.output, sources), began - COARSEST), sources
        except UnsureError:
            return None, sources

    def may_be_short(self, memory: Memory) -> bool:
        """Whether a report of what is remembered is whole: warnings are not remembered, only that there were some."""
        return not memory.findings or all(form == "text" for form, _ in self.reporting.outputs)

    def say(self, text: str) -> None:
        """Tell a person."""
        if not self.reporting.quiet:
            click.echo(text, err=any(form != "text" for form, _ in self.reporting.outputs))


@click.command()
@click.argument("files", nargs=-1, type=PATH, metavar="[FILES]...")
@click.option("--spec", "spec", default="spec.yaml", type=PATH, help="The spec file.")
@click.option("-e", "--env", "environments", multiple=True, metavar="NAME", help="Only this environment; repeatable.")
@click.option("--output-dir", default=None, type=PATH, help="What is checked; default: rendered/.")
@click.option("--today", default=None, metavar="DATE", help="Day waivers are judged at, or now.")
@click.option("--changed-only", is_flag=True, help="Only environments that changed files concern.")
@click.option("--base", default=None, metavar="REVISION", help="What changed is what differs from it; default: HEAD.")
@look_for_unfinished(rendered_of)
@reporting_options
def check(
    *,
    files: tuple[Path, ...],
    spec: Path,
    environments: tuple[str, ...],
    output_dir: Path | None,
    today: str | None,
    changed_only: bool,
    base: str | None,
    reporting: Reporting,
) -> int:
    """Render anew, and compare: missing, stale, hand-edited and extra files, with what differs in each.

    Nothing is written. What was found current is remembered in the git folder, so that a check with nothing changed
    only looks at file times. With --changed-only only those environments are rendered that depend on FILES, or without
    FILES on what git says is changed; those that do are told by the records in the trees. With CI set everything is
    rendered anew, always.
    """
    if (files or base) and not changed_only:
        raise click.UsageError("FILES and --base go with --changed-only")
    if changed_only and environments:
        raise click.UsageError("--changed-only chooses the environments: leave out --env")
    order = _Order(spec, environments, output_dir or spec.parent / "rendered", parse_day(today), today or "", reporting)
    in_ci = bool(os.environ.get("CI"))
    memory = None if in_ci else recall(order.place)
    if memory is not None and is_current(memory, order.key, spec.parent, order.output) and order.may_be_short(memory):
        code = order.reporting.report(())
        order.say(f"{order.output.as_posix()} is current")
        return code
    if not changed_only:
        return _check(order, {}, "")
    if in_ci:
        return _check(order, {}, "every environment was checked: CI is set")
    if is_of_another_version(memory):
        return _check(order, {}, "every environment was checked: qatgen has another version than when it last did")
    return _check_changed(order, files, base or "", memory)


def _check_changed(order: _Order, files: tuple[Path, ...], base: str, memory: Memory | None) -> int:
    """Check what the changed files concern. Hooks of a push say which revision is there already."""
    from generator.finding import Halt  # noqa: PLC0415 - loaded where they are used, the short way starts faster
    from generator.pipeline.changed import what_changed  # noqa: PLC0415

    pushed = os.environ.get("PRE_COMMIT_FROM_REF", "")
    try:
        found = what_changed(
            order.spec, order.output, files, base or pushed, _vouched(memory), root=chosen_root(order.spec.parent)
        )
    except Halt as halt:
        if pushed and not base:
            return _check(order, {}, f"every environment was checked: git has no {pushed}")
        order.reporting.report(halt.findings)
        return Exit.USAGE if base or not order.spec.exists() else halted(halt.findings)
    if found.affected is None:
        return _check(order, {}, f"every environment was checked: {found.why}")
    untracked = _untracked(found.tree.untracked(_below(order)) if found.tree and _is_hook() else ())
    told = "; ".join(f"{name} was checked ({why})" for name, why in found.affected.environments.items())
    left = ", ".join(found.affected.others)
    if not found.affected.shared:
        code = order.reporting.report(untracked)
        if not untracked:
            order.say(f"{order.output.as_posix()} depends on nothing that changed (not concerned: {left})")
        return code
    told = told or f"what is made of all environments was checked ({found.affected.shared})"
    scope = f"{told}; not concerned: {left}" if left else told
    return _check(order, found.affected.others, scope, untracked)


def _vouched(memory: Memory | None) -> dict[str, str]:
    """The records that a check by what is installed now found right."""
    return dict(memory.records) if memory is not None and memory.key[:3] == tuple(versions()) else {}


def _is_hook() -> bool:
    return bool(os.environ.get("PRE_COMMIT"))


def _below(order: _Order) -> str:
    return os.path.relpath(order.output.absolute(), order.spec.parent.absolute())


def _untracked(files: Collection[str]) -> list[Any]:
    """A commit that leaves out rendered files delivers nothing of them."""
    from generator.finding import Finding  # noqa: PLC0415 - as above
    from generator.location import Span  # noqa: PLC0415
    from generator.pipeline import rules  # noqa: PLC0415

    if not files:
        return []
    first = min(files)
    more = f" (and {len(files) - 1:,} more files)" if len(files) > 1 else ""
    message = f"the file is not in the commit{more}"
    return [Finding(rule=rules.UNTRACKED, message=message, at=Span(first), hint="run `git add rendered`")]


def _check(order: _Order, others: Any, scope: str, more: Collection[Any] = ()) -> int:
    """Render and compare; what is found current is remembered where it is everything, and did not change meanwhile."""
    # Imported late: a check with nothing changed has no use for them.
    from generator.pipeline.check import changed_meanwhile, is_clean  # noqa: PLC0415

    tried = _try(order, others)
    if tried.different:
        tried = _try(order, others)
    if tried.different:
        return order.reporting.report([changed_meanwhile(tried.different)])
    findings = [*tried.findings, *(() if tried.halted else more)]
    code = order.reporting.report(findings)
    if tried.halted:
        return Exit.USAGE if not order.spec.exists() else halted(findings)
    if is_clean(findings):
        if not others and tried.seen is not None and not os.environ.get("CI"):
            _remember(order, tried, len(findings))
        order.say(f"{order.output.as_posix()} is current" + (f": {scope}" if scope else ""))
    return code


@dataclass(frozen=True, slots=True)
class _Tried:
    """What one render and comparison found, and the first file that changed meanwhile.

    `began` is the time before the first look, `seen` what it saw: nothing where not everything can be looked at.
    """

    findings: Sequence[Any]
    halted: bool
    began: int
    seen: Look | None
    sources: tuple[str, ...]
    different: str


def _try(order: _Order, others: Any) -> _Tried:
    """Render and compare, between two looks at everything that is read."""
    from generator.finding import Halt  # noqa: PLC0415 - as above

    began = time.time_ns()
    before, sources = order.look(began)
    try:
        findings, halted = _findings(order, others), False
    except Halt as halt:
        findings, halted = list(halt.findings), True
    after, _ = order.look(began)
    if before is None or after is None:
        return _Tried(findings, halted, began, None, sources, "")
    return _Tried(findings, halted, began, before, sources, first_difference(before, after))


def _remember(order: _Order, tried: _Tried, findings: int) -> None:
    """Remember that all was current when it was seen."""
    from generator.pipeline.knownrecord import record_digests  # noqa: PLC0415 - the short way has no use for them

    records = record_digests(order.output, order.environments)
    seen = lasting(tried.seen or {}, tried.began - COARSEST)
    remember(order.place, Memory(order.key, tried.began, seen, tried.sources, records, findings))


def _findings(order: _Order, others: Any) -> list[Any]:
    """Render and compare. Raises Halt."""
    from generator.cli.proving import Proving  # noqa: PLC0415 - as above
    from generator.cli.render import cores  # noqa: PLC0415
    from generator.overlay import settings as overlay_settings  # noqa: PLC0415
    from generator.pipeline.check import check_project  # noqa: PLC0415
    from generator.pipeline.project import open_project  # noqa: PLC0415
    from generator.pipeline.render import RenderSettings  # noqa: PLC0415
    from generator.pipeline.validate import project_sources  # noqa: PLC0415

    project = open_project(order.spec, root=chosen_root(order.spec.parent))
    settings = RenderSettings(
        output=order.output,
        environments=order.environments,
        jobs=cores(),
        today=order.today,
        proof=Proving().settings([], project_sources(project)),
        overlay=overlay_settings(),
        stop=order.reporting.failed,
        others=others,
    )
    return check_project(project, settings, _mend(order))


def _mend(order: _Order) -> str:
    spec, output = order.spec, order.output
    words = ["qatgen render"]
    words += [f"--spec {spec.as_posix()}"] if spec.as_posix() != "spec.yaml" else []
    words += [f"--env {name}" for name in order.environments]
    words += [f"--output-dir {output.as_posix()}"] if output != spec.parent / "rendered" else []
    return " ".join([*words, *([f"--today {order.day}"] if order.day else [])])
