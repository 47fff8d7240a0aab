"""The objects of files, each file read once: lists taken apart, every object kept small and found again for its lines.

An object with its places takes a hundred times the memory of its text, so of most only the data is kept, packed. A file
is parsed again where a finding needs a line of it, unless it is the one that was read last.
"""

import marshal
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from generator.files import RefusedError
from generator.finding import Finding, Halt
from generator.location import FieldPath, Span
from generator.pipeline.inputs import Input
from generator.source import Document, glance_at, parts

Remarks = Callable[[str, str], Iterable[Finding]]
"""What to say of the text of a file, given the text and the file's name."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One object of a file: its data, packed, and how to find its places again.

    `ordinal` counts the objects of the file, `size` is that of its text in bytes. `document` is kept of kinds by which
    other objects are judged.
    """

    file: Input
    ordinal: int
    kind: str
    group: str
    size: int
    packed: bytes
    document: Document | None = None

    def data(self) -> Any:
        """The object."""
        return marshal.loads(self.packed)  # noqa: S302 - packed by this module

    def is_a(self, kind: str, group: str) -> bool:
        """Whether it is of a kind, at whatever version."""
        return self.kind == kind and self.group == group


@dataclass(slots=True)
class ManifestReader:
    """Reads files; keeps what it read of each. `findings` are about files that cannot be read, once each.

    `with_places` are the kinds whose objects keep their documents.
    """

    with_places: frozenset[str] = frozenset()
    findings: list[Finding] = field(default_factory=list)
    _kept: dict[str, tuple[Kept, ...]] = field(default_factory=dict)
    _last: tuple[str, Sequence[Document]] = ("", ())

    def objects(self, file: Input, remarks: Remarks | None = None) -> tuple[Kept, ...]:
        """The objects of a file, in order; `remarks` are added to the findings."""
        found = self._kept.get(file.shown)
        if found is None:
            documents = self._documents(file)
            if documents and remarks is not None:
                self.findings.extend(remarks(documents[0].text, file.shown))
            found = self._kept[file.shown] = tuple(self._packed(file, documents))
        return found

    def mentioning(self, files: Iterable[Input], words: Iterable[str]) -> Iterator[Kept]:
        """The objects of those files that may hold one of the words; other files are not parsed."""
        chosen = tuple(words)
        for file in files:
            if chosen and (file.shown in self._kept or self._may_hold(file, chosen)):
                yield from self.objects(file)

    def document(self, kept: Kept) -> Document | None:
        """An object with its places; None where its file is another one by now."""
        if kept.document is not None:
            return kept.document
        if self._last[0] != kept.file.shown:
            self._documents(kept.file)
        documents = self._last[1]
        return documents[kept.ordinal] if kept.ordinal < len(documents) else None

    def place(self, kept: Kept, path: FieldPath, *, key: bool = False) -> tuple[Span, FieldPath]:
        """Where a value of an object is (its key with `key`): its span, and its path in the document of the file."""
        document = self.document(kept)
        if document is None:
            return Span(kept.file.shown), path
        return document.span(path, key=key), (*document.within, *path)

    def _documents(self, file: Input) -> Sequence[Document]:
        self._last = ("", ())  # before another file is read: two of them take twice the memory
        try:
            whole = file.read()
            self._report(remark for document in whole for remark in document.remarks)
            found = [part for document in whole for part in parts(document)]
        except Halt as halt:
            self._report(halt.findings)
            found = []
        self._last = (file.shown, found)
        return found

    def _report(self, findings: Iterable[Finding]) -> None:
        """Keep what is new of findings: a file may be read again for its places."""
        new = dict.fromkeys(findings)
        known = set(self.findings) if new else set()
        self.findings.extend(finding for finding in new if finding not in known)

    def _packed(self, file: Input, documents: Sequence[Document]) -> Iterator[Kept]:
        for ordinal, document in enumerate(documents):
            data = document.data
            kind, group = _named(data)
            size = len(document.text.encode()) if len(documents) == 1 else _size(document)
            places = document if kind in self.with_places else None
            yield Kept(file, ordinal, kind, group, size, marshal.dumps(data), places)

    @staticmethod
    def _may_hold(file: Input, words: Sequence[str]) -> bool:
        try:
            return glance_at(file.raw()).may_hold(*words)
        except RefusedError:
            return False  # a file that was named is read for good, and said to be unreadable then


def _named(data: Any) -> tuple[str, str]:
    """The kind and the group of an object, empty where it has none."""
    if not isinstance(data, dict):
        return "", ""
    kind, api_version = data.get("kind"), data.get("apiVersion")
    group = api_version.rpartition("/")[0] if isinstance(api_version, str) else ""
    return (kind if isinstance(kind, str) else ""), group


def _size(document: Document) -> int:
    """The bytes of an object's own text in a file of several."""
    start, end = document.root.start_mark, document.root.end_mark
    return len(document.text[start.index : end.index].encode())
