"""Where a project's output may go: apart from everything it is made of."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from generator.emit import check_output
from generator.emit.rules import PLACE
from generator.finding import Finding, Halt
from generator.location import Span
from generator.pipeline.project import Project
from generator.pipeline.record import RECORDS

_MANIFESTS = (".yaml", ".yml", ".json")
_FOLDERS = ("overlays", "templates", "policies", "schemas")


def check_place(project: Project, output: Path, read: Iterable[str] = ()) -> None:
    """Raises Halt where an output folder is, contains or lies inside a source of the project.

    `read` are sources as records name them, relative to the spec's folder: those that only a render knows of.
    """
    root = project.folder.root
    check_output(output, (*_known(project), *(root / name for name in sorted(read))), root)
    _check_apart(output)


def _check_apart(output: Path) -> None:
    """A folder of manifests that others wrote is not one for trees: whoever applies it would apply those as well."""
    if not output.is_dir():
        return
    entries = sorted(output.iterdir())
    if any((entry / record).is_file() for entry in entries for record in RECORDS):
        return
    foreign = [one for one in entries if one.suffix in _MANIFESTS and not one.name.startswith(".") and not one.is_dir()]
    if foreign:
        shown = output.as_posix()
        message = f"the output folder {shown} holds {foreign[0].name}, and no tree that qatgen made"
        hint = "name a folder of its own, such as `--output-dir rendered`, or move the file elsewhere"
        raise Halt([Finding(rule=PLACE, message=message, at=Span(foreign[0].as_posix()), hint=hint)])


def _known(project: Project) -> Iterator[Path]:
    root = project.folder.root
    yield root / project.folder.file
    yield from (root / name for name in _FOLDERS)
    for environment, model in project.environments:
        yield from environment.files
        yield from sorted(model.read)
        yield from (root / pattern for pattern in environment.layer.data["spec"].get("include") or ())
