"""Read YAML files: refuse what readers disagree on, keep where everything stands."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from generator.bounds import Unit, running
from generator.files import MAX_BYTES, Door, Reason, RefusedError, named
from generator.finding import Finding, Halt, Note, Rule
from generator.location import Span
from generator.source import rules
from generator.source.construct import MAX_DEPTH, Constructor
from generator.source.document import Dialect, Document

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")
MAX_NODES = 2_000_000
"""Keys and values of one file; each takes about 400 bytes of memory while the file is read."""

_NODE_SIGNS = "\n,:-?[{"
"""Every key and value but the first follows one of these, so counting them shows that there cannot be too many."""

_DEEP_LINE = re.compile(r"^[ \-?:]{100}", re.MULTILINE)
_BRACKET = re.compile(r"[\[{}\]]")
_SHOWN = 80
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BOMS = ((b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"))


def read_file(path: Path, shown: str, dialect: Dialect = Dialect.STRICT, *, door: Door | None = None) -> list[Document]:
    """All documents of a file; `shown` is how findings name it, `door` the way to it.

    Without a door it is a file that a person named. Raises Halt.
    """
    try:
        raw = (door or named(path)).read(path, MAX_BYTES)
    except RefusedError as refused:
        raise Halt([refusal(refused, shown)]) from None
    return read_documents(raw, shown, dialect)


def refusal(refused: RefusedError, shown: str) -> Finding:
    """Why a file is not read, at the file."""
    rule = rules.TOO_LARGE if refused.reason is Reason.LARGE else rules.UNREADABLE
    message = f"cannot read: {refused.system}" if refused.system else f"the file {refused.what}"
    return Finding(rule=rule, message=message, at=Span(shown), hint=refused.hint)


def read_one(path: Path, shown: str, dialect: Dialect = Dialect.STRICT, *, door: Door | None = None) -> Document:
    """The one document of a file, which must be a mapping. Raises Halt."""
    documents = read_file(path, shown, dialect, door=door)
    if not documents:
        raise _halt(rules.EMPTY, "the file is empty", Span(shown), "write a spec, or remove the file")
    if len(documents) > 1:
        raise _halt(
            rules.DOCUMENTS,
            f"{len(documents)} documents in one file",
            documents[1].span(),
            "keep one document a file: remove the line `---` and what follows",
        )
    document = documents[0]
    if not isinstance(document.data, dict):
        what = "a list" if isinstance(document.data, list) else "a single value"
        raise _halt(rules.NOT_A_MAPPING, f"the document is {what}", document.span(), "start it with `apiVersion:`")
    return document


def decode(raw: bytes, shown: str) -> str:
    """UTF-8 bytes to text (a byte order mark is dropped). Raises Halt for anything else."""
    for bom, name in _BOMS:
        if raw.startswith(bom):
            raise _halt(rules.NOT_TEXT, f"the file is {name}, not UTF-8", Span(shown, 1, 1), "save it as UTF-8")
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        message = f"byte 0x{raw[error.start]:02x} is not UTF-8"
        raise _halt(rules.NOT_TEXT, message, Span(shown, line, column), "save the file as UTF-8 text") from None
    found = _CONTROL.search(text)
    if found is not None:
        position = found.start()
        line = text.count("\n", 0, position) + 1
        column = position - text.rfind("\n", 0, position)
        message = f"control character U+{ord(found[0]):04X}"
        raise _halt(rules.NOT_TEXT, message, Span(shown, line, column), "remove it, or write it as an escape")
    return text


def read_documents(raw: bytes | str, shown: str, dialect: Dialect = Dialect.STRICT) -> list[Document]:
    """All documents of a text; null documents are dropped. Raises Halt with every finding of the text."""
    with running(Unit(f"reading {shown}", Span(shown))):
        return _read_documents(raw, shown, dialect)


def _read_documents(raw: bytes | str, shown: str, dialect: Dialect) -> list[Document]:
    text = decode(raw, shown) if isinstance(raw, bytes) else raw
    _refuse_bombs(text, shown)
    anchors = _Anchors.of(text, shown)
    if dialect is Dialect.STRICT and (refused := anchors.refused()):
        raise Halt(refused)
    findings: list[Finding] = []
    documents: list[Document] = []
    for index, root in enumerate(_compose(text, shown)):
        constructor = Constructor(shown, dialect, explicit_tags=bool(anchors.tags))
        data = constructor.build(root)
        findings.extend(constructor.findings)
        if data is not None:
            documents.append(Document(shown, text, data, root, index))
    if findings:
        raise Halt(findings)
    return documents


def _compose(text: str, shown: str) -> list[yaml.Node]:
    try:
        return list(yaml.compose_all(text, Loader=_Loader))
    except yaml.MarkedYAMLError as error:
        raise Halt([_syntax(error, shown)]) from None
    except yaml.YAMLError as error:
        raise _halt(rules.NOT_YAML, f"not YAML: {error}", Span(shown, 1, 1)) from None


def _refuse_bombs(text: str, shown: str) -> None:
    """Refuse what would take too much stack or memory, before anything is made of it. Raises Halt."""
    many = len(text) > MAX_NODES and sum(map(text.count, _NODE_SIGNS)) > MAX_NODES
    if many or _looks_deep(text):
        _count_exactly(text, shown)


def _looks_deep(text: str) -> bool:
    """Whether nesting may be deep: composing recurses in C, where no limit stops it before the stack ends."""
    if _DEEP_LINE.search(text):
        return True
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return False
    depth = 0
    for match in _BRACKET.finditer(text):
        depth = depth + 1 if match[0] in "[{" else max(0, depth - 1)
        if depth > MAX_DEPTH:
            return True
    return False


def _count_exactly(text: str, shown: str) -> None:
    """Count depth and values, event by event. Raises Halt where nesting is too deep or values are too many."""
    depth = nodes = 0
    try:
        for event in yaml.parse(text, Loader=_Loader):
            nodes += 1
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > MAX_DEPTH or nodes > MAX_NODES:
                break
        else:
            return
    except yaml.YAMLError:
        return  # composing stops at the same place, and `_syntax` says what is wrong
    mark = event.start_mark
    at = Span(shown, mark.line + 1, mark.column + 1) if mark else Span(shown, 1, 1)
    if depth > MAX_DEPTH:
        raise _halt(rules.TOO_DEEP, f"nested more than {MAX_DEPTH} levels", at, "flatten the document")
    message = f"the file holds more than {MAX_NODES:,} keys and values"
    raise _halt(rules.TOO_LARGE, message, at, "split the file, or name only the part that matters")


def _syntax(error: yaml.MarkedYAMLError, shown: str) -> Finding:
    mark = error.problem_mark or error.context_mark
    at = Span(shown, mark.line + 1, mark.column + 1) if mark else Span(shown, 1, 1)
    notes: tuple[Note, ...] = ()
    if error.context and error.context_mark and error.problem_mark:
        started = error.context_mark
        notes = (Note(error.context, Span(shown, started.line + 1, started.column + 1)),)
    problem = error.problem or "not YAML"
    if "nesting depth" in problem:  # PyYAML from 6.0.4 on counts too, before its first event
        message = f"nested more than {MAX_DEPTH} levels"
        return Finding(rule=rules.TOO_DEEP, message=message, at=at, hint="flatten the document")
    hint = "indent with spaces" if "\\t" in problem else "quote text that holds `: `, ` #` or starts with a sign"
    return Finding(rule=rules.NOT_YAML, message=f"not YAML: {problem}", at=at, hint=hint, notes=notes)


@dataclass(frozen=True, slots=True)
class _Anchors:
    """Where a text uses anchors, aliases and tags; composing would resolve them silently."""

    anchors: Sequence[Finding] = field(default=())
    tags: Sequence[Finding] = field(default=())

    @classmethod
    def of(cls, text: str, shown: str) -> "_Anchors":
        if not any(sign in text for sign in "&*!"):
            return cls()
        anchors: list[Finding] = []
        tags: list[Finding] = []
        try:
            for token in yaml.scan(text, Loader=_Loader):
                if isinstance(token, yaml.AnchorToken | yaml.AliasToken):
                    sign = "&" if isinstance(token, yaml.AnchorToken) else "*"
                    anchors.append(_token(rules.ALIAS, f'"{sign}{token.value}"', token, shown, "write the value out"))
                elif isinstance(token, yaml.TagToken):
                    tag = "".join(part or "" for part in token.value)
                    tags.append(_token(rules.TAG, f'tag "{tag}"', token, shown, "quote the value instead"))
        except yaml.YAMLError:
            return cls()  # composing says what is wrong, better
        return cls(anchors, tags)

    def refused(self) -> list[Finding]:
        """What the strict dialect refuses."""
        return [*self.anchors, *self.tags]


def _token(rule: Rule, what: str, token: Any, shown: str, hint: str) -> Finding:
    start, end = token.start_mark, token.end_mark
    at = Span(shown, start.line + 1, start.column + 1, end.line + 1, end.column + 1)
    what = what if len(what) <= _SHOWN else f"{what[:_SHOWN]}…"
    return Finding(rule=rule, message=f"{what} is not allowed here", at=at, hint=hint)


def _halt(rule: Rule, message: str, at: Span, hint: str = "") -> Halt:
    return Halt([Finding(rule=rule, message=message, at=at, hint=hint)])
