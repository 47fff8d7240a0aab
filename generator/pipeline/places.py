"""Where a project's output may go: apart from everything it is made of."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from generator.emit import check_output
from generator.pipeline.project import Project

_FOLDERS = ("overlays", "templates", "policies", "schemas")


def check_place(project: Project, output: Path, read: Iterable[str] = ()) -> None:
    """Raises Halt where an output folder is, contains or lies inside a source of the project.

    `read` are sources as records name them, relative to the spec's folder: those that only a render knows of.
    """
    root = project.folder.root
    check_output(output, (*_known(project), *(root / name for name in sorted(read))), root)


def _known(project: Project) -> Iterator[Path]:
    root = project.folder.root
    yield root / project.folder.file
    yield from (root / name for name in _FOLDERS)
    for environment, model in project.environments:
        yield from environment.files
        yield from sorted(model.read)
        yield from (root / pattern for pattern in environment.layer.data["spec"].get("include") or ())
