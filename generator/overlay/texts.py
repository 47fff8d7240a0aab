"""YAML inside a kustomization, or in a file it names, as plain data."""

from collections.abc import Iterator
from typing import Any

from generator.finding import Halt
from generator.location import FieldPath
from generator.overlay import rules
from generator.overlay.load import Loader
from generator.overlay.refusal import RefusalError
from generator.secrecy import concealed, values_in
from generator.source import Dialect, Document, finding_in_scalar, read_documents


def parse(text: str, shown: str) -> list[Any]:
    """The documents of a text. Raises RefusalError where it is not YAML."""
    return [document.data for document in documents(text, shown)]


Outer = tuple[Document, FieldPath]
"""The document that a text is written in, and the path of the text there."""


def documents(text: str, shown: str, outer: Outer | None = None) -> list[Document]:
    """The same with places; `outer` is what the text is written in. Raises RefusalError."""
    try:
        return read_documents(text, shown, Dialect.KUSTOMIZE)
    except Halt as halt:
        first = concealed(halt.findings[0], values_in(text))
        if outer is not None:
            first = finding_in_scalar(first, text, *outer)
        raise RefusalError(rules.RESOURCE, first.message, first.hint, place=first.at, notes=first.notes) from None


def looks_inline(entry: str) -> bool:
    """Whether an entry of a list of paths is YAML itself."""
    return "\n" in entry or ": " in entry or entry.lstrip().startswith(("{", "[", "- "))


def read_either(entry: str, loader: Loader, outer: Outer | None = None) -> tuple[list[Document], str]:
    """The documents an entry names or holds, and how findings call them. Raises RefusalError."""
    if looks_inline(entry):
        return documents(entry, loader.show("inline"), outer), loader.show("inline")
    shown = loader.show(entry)
    return documents(loader.text(entry), shown), shown


def objects_of(found: list[Document]) -> Iterator[tuple[Document, dict[str, Any]]]:
    """The objects of documents, lists taken apart. Raises RefusalError for what is no object."""
    for document in found:
        yield from _objects(document, document.data)


def _objects(document: Document, data: Any) -> Iterator[tuple[Document, dict[str, Any]]]:
    if data in (None, {}):
        return
    if not isinstance(data, dict):
        raise RefusalError(rules.RESOURCE, "a document is not an object", "write apiVersion, kind and metadata")
    kind = data.get("kind")
    if not isinstance(kind, str) or not kind:
        raise RefusalError(rules.RESOURCE, "an object has no kind", "write its kind")
    if kind.endswith("List") and ("items" in data or "metadata" not in data):
        if isinstance(data.get("items"), list):
            for item in data["items"]:
                yield from _objects(document, item)
            return
        if data.get("items") is None:
            return
    metadata = data.get("metadata")
    if not isinstance(metadata, dict) or not (metadata.get("name") or metadata.get("generateName")):
        raise RefusalError(rules.RESOURCE, f"a {kind} has no metadata.name", "write its name")
    yield document, data
