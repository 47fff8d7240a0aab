"""What a program of others is given to read: nothing that leads out of the root."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from generator.files import Door, Kind, RefusedError
from generator.finding import Halt
from generator.overlay.kustomization import find_file, read_kustomization
from generator.overlay.load import is_remote, loader_of
from generator.overlay.state import told
from generator.spec.load import SpecFolder, refused_at

_LONGEST = 255


def copy_files(project: SpecFolder, source: Path, target: Path, above: tuple[Path, ...] = ()) -> None:
    """Copy a folder of a project, what links lead to in place of the links. Raises Halt for what is not to be read."""
    door = project.door
    path = source
    try:
        real = door.real(source)
        target.mkdir()
        for name in door.names(source) if real not in above else ():  # a link back has nothing of its own
            path = source / name
            if door.kind(path) is Kind.FOLDER:
                copy_files(project, path, target / name, (*above, real))
            else:
                (target / name).write_bytes(door.read(path))
    except RefusedError as refused:
        raise Halt([project.refusal(refused, path)]) from None


_PATHS = (
    "resources",
    "components",
    "bases",
    "crds",
    "configurations",
    "generators",
    "transformers",
    "patchesStrategicMerge",
)


def refuse_outside(folder: Path, shown: str, door: Door, *, anywhere: bool = False) -> None:
    """Raise Halt where a kustomization, or one it names, leads out of the door's root: a program would follow it.

    `anywhere`: files are looked at too, which kustomize itself keeps in the folder of their kustomization otherwise.
    """
    loader = loader_of(folder, shown, door, lenient=True, anywhere=True)
    for path, refused in door.odd(folder):
        name = f"{shown}/{path.relative_to(folder).as_posix()}"
        raise Halt([refused_at(refused, name)])
    todo = [loader]
    seen = set()
    while todo:
        loader = todo.pop()
        if loader.root in seen:
            continue
        seen.add(loader.root)
        found = read_kustomization(find_file(loader.root, loader.shown, door), loader.shown, door, lenient=True)
        for key in _PATHS:
            for index, entry in enumerate(found.get(key)):
                if not isinstance(entry, str) or "\n" in entry or is_remote(entry):
                    continue
                with told(found.span(key, index)):
                    if loader.is_folder(entry):
                        todo.append(loader.folder(entry))
        for text in texts(found.data) if anywhere else ():
            name = text.rpartition("=")[2]
            if "\n" not in name and (name.startswith("/") or ".." in name.split("/")):
                with told(found.span()):
                    loader.is_folder(name)


def texts(data: Any) -> Iterator[str]:
    """Every text in a value that may be a path."""
    if isinstance(data, str) and len(data) < _LONGEST and "\n" not in data and "\0" not in data:
        yield data
    elif isinstance(data, list):
        for value in data:
            yield from texts(value)
    elif isinstance(data, dict):
        for value in data.values():
            yield from texts(value)
