"""A spec's folder, read and decided: every environment's model."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from generator.catalog import Catalog, load_catalog
from generator.files import NOTHING_CHOSEN, Chosen, Kind, RefusedError
from generator.finding import Finding, Halt, Told, did_you_mean, has_errors, once
from generator.location import Span
from generator.pipeline import rules
from generator.pipeline.index import Entry, load_index, missing_templates, template_folders
from generator.pipeline.objects import check_lists
from generator.render import TemplateFolder
from generator.resolve import Model, resolve
from generator.resolve.delivery import check_destinations
from generator.source import Document
from generator.spec.load import Environment, SpecFolder, environment_names, load_environments, open_folder


@dataclass(frozen=True, slots=True)
class Project:
    """The environments of a spec with their models, their templates, and what is reported about them.

    Not `named`: the spec has no overlays, and its one environment is called `default` by us alone.
    """

    folder: SpecFolder
    catalog: Catalog
    environments: Sequence[tuple[Environment, Model]]
    templates: tuple[TemplateFolder, ...]
    entries: tuple[Entry, ...]
    told: Sequence[Told]
    named: bool = True

    def reported(self, told: Iterable[Told]) -> list[Finding]:
        """Findings as a reader sees them, each once; a spec without overlays has no environment worth a name."""
        return once((name if self.named else "", finding) for name, finding in told)

    def is_own(self, template: Span) -> bool:
        """Whether a template is a file beside the spec, which its people would edit, and not one we ship."""
        name = template.file.rpartition("templates/")[2]
        return self.folder.door.kind(self.folder.root / "templates" / name) is Kind.FILE

    def chosen(self, names: Sequence[str]) -> list[tuple[Environment, Model]]:
        """The environments of these names, or all where none is named. Raises Halt for one that is not there."""
        known = [environment.name for environment, _ in self.environments]
        unknown = [name for name in names if name not in known]
        if unknown:
            raise Halt(unknown_environment(name, known, self.folder.shown) for name in unknown)
        return [row for row in self.environments if not names or row[0].name in names]


def unknown_environment(name: str, known: Sequence[str], shown: str) -> Finding:
    """That an environment is asked for which is not there; `shown` is the spec's folder as findings name it."""
    return Finding(
        rule=rules.NO_ENVIRONMENT,
        message=f'there is no environment "{name}"',
        at=Span(f"{shown}/overlays" if shown else "overlays"),
        hint=did_you_mean(name, known),
    )


def open_project(spec: Path, only: str = "", over: Document | None = None, *, root: Chosen = NOTHING_CHOSEN) -> Project:
    """Read a spec and everything it names, or what one environment needs of it, with `over` laid over that.

    `root` narrows what is read, which is the work tree of the spec's folder, or that folder.
    Raises Halt with every finding when one of them is an error.
    """
    project = read_project(spec, only, over, root=root)
    findings = project.reported(project.told)
    if has_errors(findings):
        raise Halt(findings)
    return project


def _check_schemas(folder: SpecFolder) -> None:
    """Raise Halt where the project's schemas are not to be read: a kind may never be looked for there."""
    schemas = folder.root / "schemas"
    if folder.is_folder(schemas):
        try:
            odd = [folder.refusal(refused, path) for path, refused in folder.door.odd(schemas)]
        except RefusedError as refused:
            odd = [folder.refusal(refused, schemas)]
        if odd:
            raise Halt(odd)


def read_project(spec: Path, only: str = "", over: Document | None = None, *, root: Chosen = NOTHING_CHOSEN) -> Project:
    """Read a spec, as open_project does; environments with errors are told of and left out.

    Raises Halt where nothing can be read.
    """
    folder = open_folder(spec, root)
    environments = load_environments(folder, only, over)
    if only and not environments:
        raise Halt([unknown_environment(only, environment_names(folder), folder.shown)])
    catalog = load_catalog()
    templates = template_folders(folder.root, folder.shown, folder.door)
    entries = load_index(templates)
    _check_schemas(folder)
    told: list[Told] = []
    models: list[tuple[Environment, Model]] = []
    for environment in environments:
        try:
            model, warnings = resolve(environment, folder, catalog)
            models.append((environment, model))
            found: Sequence[Finding] = warnings
        except Halt as halt:
            found = halt.findings
        told.extend((environment.name, finding) for finding in found)
    told.extend(("", finding) for finding in check_destinations(models))
    told.extend(("", finding) for finding in check_lists(entries, tuple(model for _, model in models)) if models)
    told.extend(("", finding) for finding in missing_templates(templates, entries))
    named = any(environment.folder is not None for environment in environments)
    return Project(folder, catalog, models, templates, entries, told, named)
