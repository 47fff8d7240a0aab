"""What a build has so far, and how its steps tell what they refuse."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generator.finding import Finding, Halt
from generator.location import FieldPath, Span
from generator.overlay.configuration import EMPTY, Configuration
from generator.overlay.kustomization import Kustomization
from generator.overlay.refusal import RefusalError
from generator.overlay.resmap import ResMap
from generator.overlay.resource import Gvk, Resource
from generator.overlay.settings import Settings
from generator.overlay.variables import Variable
from generator.secrecy import concealed, values_of


@dataclass(slots=True)
class State:
    """What a build has so far: objects, field specs, variables; `findings` are what is told besides.

    `given` are the objects it began with, in their order; `read` the files it read, and patterns of such.
    """

    settings: Settings
    objects: ResMap = field(default_factory=ResMap)
    configuration: Configuration = EMPTY
    variables: list[Variable] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    noted: tuple[str, ...] = ()
    given: list[Resource] = field(default_factory=list)
    read: set[Path] = field(default_factory=set)

    def scope(self, gvk: Gvk) -> bool:
        """Whether a kind is known to live outside namespaces."""
        namespaced = self.settings.shapes.scopes.get(f"{gvk.api_version}/{gvk.kind}")
        return namespaced is False


@contextmanager
def told(at: Span, objects: Iterable[Resource] = ()) -> Iterator[None]:
    """What a step refuses, as a finding at the place that asked for it; without the data of Secrets among `objects`."""
    try:
        yield
    except RefusalError as error:
        values = frozenset[str]().union(*(values_of(one.body) for one in objects if one.kind == "Secret"))
        raise Halt([concealed(error.at(at), values)]) from None


def each(kustomization: Kustomization, key: str) -> Iterator[tuple[FieldPath, Any]]:
    """The items of a list field with their places; null ones are nothing."""
    for index, item in enumerate(kustomization.get(key)):
        if item is not None:
            yield (key, index), item
