"""Which templates there are: templates/index.yaml, the project's own beside the built-in."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from generator.files import Door, RefusedError, door_of
from generator.finding import Finding, Halt, did_you_mean
from generator.location import Span
from generator.nearest import nearest
from generator.pipeline import rules
from generator.render import TemplateFolder
from generator.render.folders import FolderLoader
from generator.render.rules import TEMPLATE_MISSING
from generator.source import Document, read_one, refusal
from generator.spec.load import is_folder

INDEX = "index.yaml"
ARGOCD = "argocd"
TREES = (ARGOCD, "flux")

MACHINES = "machines"
"""The list that is rendered in blocks, on all cores."""
ONCE = ("platforms", "platform")
"""The list of one item that an entry without `each` is rendered for, and the item's name."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One template: the list it is rendered for (`each`), what an item is called there, and the tree it goes to.

    `at` is where the index names the list, `named_at` where it names the template.
    """

    template: str
    each: str
    name: str
    at: Span
    named_at: Span
    tree: str = ""


def template_folders(root: Path, shown: str, door: Door | None = None) -> tuple[TemplateFolder, ...]:
    """Where templates are looked for: `templates/` beside the spec, then the built-in ones.

    `door` is the way to the project's files. Raises Halt for what is not a folder.
    """
    own, name = root / "templates", f"{shown}/templates" if shown else "templates"
    door = door or door_of(root)
    built_in = TemplateFolder(built_in_templates(), "templates")
    if not is_folder(door, own, name) or door.real(own) == built_in.path:
        return (built_in,)
    return (TemplateFolder(own, name, door), built_in)


def built_in_templates() -> Path:
    """The templates shipped with the package, or those of a checkout."""
    package = Path(str(files("generator")))
    inside = package / "templates"
    return inside if inside.is_dir() else package.parent / "templates"


def load_index(folders: Sequence[TemplateFolder]) -> tuple[Entry, ...]:
    """All entries; the project's own come over the built-in of the same template. Raises Halt."""
    entries: dict[str, Entry] = {}
    findings: list[Finding] = []
    for folder in reversed(folders):
        path, shown, door = folder.path / INDEX, f"{folder.shown}/{INDEX}", folder.way()
        try:
            there = door.kind(path) is not None
        except RefusedError as refused:
            findings.append(refusal(refused, shown))
            continue
        if there:
            document = read_one(path, shown, door=door, first="templates")
            for index, row in enumerate(_rows(document, findings)):
                entry = _entry(document, index, row, findings)
                if entry is not None:
                    entries[entry.template] = entry
    if findings:
        raise Halt(findings)
    return tuple(entries.values())


def missing_templates(folders: Sequence[TemplateFolder], entries: Sequence[Entry]) -> Iterator[Finding]:
    """Entries that name a template which no folder has, each at the name."""
    loader = FolderLoader(folders, 0)
    for entry in entries:
        if message := loader.missing(entry.template):
            near = _near(entry.template, loader.names())
            hint = f"create templates/{entry.template}" + (f", or name {' or '.join(near)}" if near else "")
            yield Finding(rule=TEMPLATE_MISSING, message=message, at=entry.named_at, hint=hint)


def _near(name: str, known: Iterable[str]) -> list[str]:
    """Templates of names near one's, apart from the ends that all have."""
    stems = {one.removesuffix(".yaml.j2"): one for one in known}
    return [stems[stem] for stem in nearest(name.removesuffix(".yaml.j2"), stems)]


def _rows(document: Document, findings: list[Finding]) -> list[Any]:
    rows = document.data.get("templates")
    if isinstance(rows, list):
        return rows
    message = "the index has no list `templates`"
    hint = "write `templates:` and one entry a line: `- {template: …, each: …, as: …}`"
    findings.append(Finding(rule=rules.BAD_INDEX, message=message, at=document.span(), hint=hint))
    return []


def _entry(document: Document, index: int, row: Any, findings: list[Finding]) -> Entry | None:
    def find(message: str, at: Span, hint: str) -> None:
        findings.append(Finding(rule=rules.BAD_INDEX, message=message, at=at, hint=hint))

    path = ("templates", index)
    known = {"template", "each", "as", "into"}
    wanted = ("template", "each", "as") if isinstance(row, dict) and {"each", "as"} & set(row) else ("template",)
    if not isinstance(row, dict) or not all(isinstance(row.get(key), str) for key in wanted):
        hint = "`{template: …, each: …, as: …}`, or `{template: …}` to render it once"
        find("an entry names a template, and a list with a name for its items", document.span(path), hint)
        return None
    for key in row:
        if key not in known:
            find(f'unknown key "{key}"', document.span((*path, key), key=True), did_you_mean(key, known))
            return None
    tree = row.get("into", "")
    if tree and tree not in TREES:
        find(f'there is no tree "{tree}"', document.span((*path, "into")), did_you_mean(str(tree), TREES))
        return None
    each, name = (row["each"], row["as"]) if "each" in row else ONCE
    named_at = document.span((*path, "template"))
    return Entry(row["template"], each, name, document.span((*path, "each")), named_at, tree)
