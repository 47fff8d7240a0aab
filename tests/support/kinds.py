"""Objects of built-in kinds written down in `tests/data/kinds`, and changes of them."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from generator.source import Dialect, read_file
from tests.support.workspace import REPOSITORY

Manifest = dict[str, Any]
Path = tuple[str | int, ...]
FOLDER = REPOSITORY / "tests" / "data" / "kinds"


class _Gone:
    """Nothing is left at the path."""

    def __repr__(self) -> str:
        return "GONE"


GONE = _Gone()


@dataclass(frozen=True)
class Change:
    """What is written at a path of an object; GONE removes it."""

    path: Path
    value: Any


@dataclass(frozen=True)
class Case:
    """One base and the changes made to it, in order."""

    base: int
    changes: tuple[Change, ...]

    def made(self, bases: Sequence[Manifest]) -> Manifest:
        """The changed object."""
        data = copy.deepcopy(bases[self.base])
        for change in self.changes:
            apply(data, change)
        return data


def apply(data: Manifest, change: Change) -> None:
    """Make one change in place; raises LookupError or TypeError where its path leads nowhere."""
    node: Any = data
    for step in change.path[:-1]:
        node = node[step]
    last: Any = change.path[-1]
    if change.value is GONE:
        del node[last]
    elif isinstance(node, list) and last == len(node):
        node.append(copy.deepcopy(change.value))
    else:
        node[last] = copy.deepcopy(change.value)


def read_bases() -> list[Manifest]:
    """The written objects, and every pod once more as the template of a Deployment."""
    found: list[Manifest] = []
    for path in sorted(FOLDER.glob("*.yaml")):
        for document in read_file(path, path.name, Dialect.KUBERNETES):
            found.append(document.data)
            if document.data["kind"] == "Pod":
                found.append(_deployed(document.data))
    return found


def _deployed(pod: Manifest) -> Manifest:
    labels = {"app": pod["metadata"]["name"]}
    spec = {**pod["spec"], "restartPolicy": "Always"}
    spec.pop("activeDeadlineSeconds", None)
    template = {"metadata": {**pod["metadata"], "labels": labels}, "spec": spec}
    template["metadata"] = {
        key: value for key, value in template["metadata"].items() if key in ("labels", "annotations")
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": pod["metadata"]["name"], "namespace": "default"},
        "spec": {"selector": {"matchLabels": labels}, "template": template},
    }
