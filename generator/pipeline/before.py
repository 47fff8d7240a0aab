"""What is reported about a project before anything is rendered: waivers, style, folders that belong to nothing."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from generator.checks.waivers import check_waivers
from generator.files import Kind, enclosed, kind_of
from generator.finding import Finding, Told
from generator.location import Span
from generator.pipeline import rules
from generator.pipeline.kubevirt import nearest_release
from generator.pipeline.project import Project
from generator.pipeline.proof import ProofSettings
from generator.pipeline.record import RECORDS
from generator.resolve import Model
from generator.spec.load import RESERVED, Environment, environment_names


def told_before(
    project: Project,
    rows: Sequence[tuple[Environment, Model]],
    today: date | None,
    proof: ProofSettings,
    *,
    style: bool = True,
) -> Iterator[Told]:
    """Waivers past their day (`today`), and what yamllint says about the files people write.

    Also which release of KubeVirt machines are judged as, where that is another one than was asked for.
    """
    for environment, model in rows:
        span = environment.layer.origin.span
        for finding in check_waivers(model.spec, today, span):
            yield environment.name, finding
        if proof.ask_kubevirt and model.machine_count:
            at, version = span(("spec", "target", "kubevirt")), proof.kubevirt_version or model.spec.target.kubevirt
            yield from ((environment.name, finding) for finding in nearest_release(version, at))
    if style:
        yield from _style(project, rows)


def _style(project: Project, rows: Sequence[tuple[Environment, Model]]) -> Iterator[Told]:
    # Imported where it is needed: not everybody who renders is told of style, and it takes a while to load.
    from generator.lint import lint_text  # noqa: PLC0415

    texts: dict[Path, list[Finding]] = {}
    for environment, _ in rows:
        for path in environment.files:
            if path not in texts:
                texts[path] = list(lint_text(project.folder.door.text(path), project.folder.show(path)))
            yield from ((environment.name, finding) for finding in texts[path])


def strays(project: Project, output: Path) -> Iterator[Finding]:
    """Folders of rendered/ that belong to nothing; an environment with errors is an environment all the same."""
    known = {*environment_names(project.folder), *RESERVED}
    if kind_of(output) is not Kind.FOLDER:
        return
    for path in (output / name for name in enclosed(output).names(output)):
        if kind_of(path) is Kind.FOLDER and not path.name.startswith(".") and path.name not in known:
            message = f'"{path.name}" is not an environment of this spec'
            ours = any(enclosed(path).has_file(path / record) for record in RECORDS)
            shown = path.as_posix()
            # A folder that qatgen did not make is nobody's to remove but its owner's.
            hint = f"remove it: `git rm -r {shown}`" if ours else f"move it out of {output.as_posix()}"
            yield Finding(rule=rules.STRAY, message=message, at=Span(path.as_posix()), hint=hint)
