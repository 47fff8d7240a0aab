"""Read YAML files: refuse what readers disagree on, keep where everything stands."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from generator.bounds import Unit, running
from generator.files import MAX_BYTES, Door, Reason, RefusedError, named
from generator.finding import Finding, Halt, Rule
from generator.location import Span
from generator.source import rules
from generator.source.construct import Constructor
from generator.source.decode import decode, without_marks
from generator.source.document import Dialect, Document
from generator.source.json_document import (
    BARE,
    LOOKS_LIKE_JSON,
    json_finding,
    json_parts,
    line_starts,
    read_json,
)
from generator.source.json_mistakes import JsonMistakeError
from generator.source.limits import MAX_DEPTH, MAX_NODES
from generator.source.mistakes import finding_of, leftover_conflict, not_yaml

_NODE_SIGNS = "\n,:-?[{"
"""Every key and value but the first follows one of these, so counting them shows that there cannot be too many."""

_DEEP_LINE = re.compile(r"^[ \-?:]{100}", re.MULTILINE)
_BRACKET = re.compile(r"[\[{}\]]")
_SHOWN = 80
_NO_TAG = "remove the tag, and put the value in quotes if it is a text"
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


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


def read_one(
    path: Path, shown: str, dialect: Dialect = Dialect.STRICT, *, door: Door | None = None, first: str = "apiVersion"
) -> Document:
    """The one document of a file, which must be a mapping; `first` is a key that such a file has. Raises Halt."""
    documents = read_file(path, shown, dialect, door=door)
    if not documents:
        raise _halt(
            rules.EMPTY, "the file is empty", Span(shown), f"write it, beginning with `{first}:`, or remove the file"
        )
    if len(documents) > 1:
        raise _halt(
            rules.DOCUMENTS,
            f"the file holds {len(documents)} documents, and one is read",
            _separator(documents[1]),
            "keep one document a file: remove the line `---` and what follows, or move it to a file of its own",
        )
    document = documents[0]
    if not isinstance(document.data, dict):
        raise Halt([_not_a_mapping(document, first)])
    return document


def _separator(document: Document) -> Span:
    """The line `---` before a document, or its start where there is none."""
    span = document.span()
    lines = document.lines()
    for number in range(min(span.line, len(lines)), 0, -1):
        if lines[number - 1].startswith("---"):
            return Span(span.file, number, 1, number, 4)
    return span


def _not_a_mapping(document: Document, first: str) -> Finding:
    """Why a list or a single value is not what a file holds."""
    hint = f"start it with `{first}:`"
    if isinstance(document.data, list):
        number = len(document.data)
        what = f"a list of {number} item{'' if number == 1 else 's'}"
        if number == 1 and isinstance(document.data[0], dict) and first in document.data[0]:
            hint = "remove the `- ` at its start, and indent the lines after it by 2 spaces less"
    else:
        what = f"the single value `{_short(str(document.data))}`"
    message = f"the document is {what}, not a mapping of fields"
    return Finding(rule=rules.NOT_A_MAPPING, message=message, at=document.span(), hint=hint)


def _short(text: str) -> str:
    line = text.split("\n", 1)[0]
    return line if len(line) <= _SHOWN and line == text else f"{line[:_SHOWN]}…"


def read_documents(raw: bytes | str, shown: str, dialect: Dialect = Dialect.STRICT) -> list[Document]:
    """All documents of a text; null documents are dropped. Raises Halt with every finding of the text."""
    with running(Unit(f"reading {shown}", Span(shown))):
        return _read_documents(raw, shown, dialect)


def _read_documents(raw: bytes | str, shown: str, dialect: Dialect) -> list[Document]:
    text = decode(raw, shown) if isinstance(raw, bytes) else without_marks(raw)
    found, findings, rest = _json(text, shown, dialect)
    if rest is not None:
        _refuse_bombs(rest, shown)
        anchors = _Anchors.of(rest, shown)
        if dialect is Dialect.STRICT and (refused := anchors.refused()):
            raise Halt(refused)
        for root in _compose(rest, shown, text):
            constructor = Constructor(shown, dialect, anchors.tagged)
            data = constructor.build(root)
            findings.extend(constructor.findings)
            found.append(_Read(root.start_mark.line, data, root, tuple(constructor.remarks)))
        findings.extend(_leftovers(rest, shown))
    if findings:
        raise Halt(findings)
    if len(found) > 1:
        found.sort(key=lambda one: one.line)
    return [
        Document(shown, text, one.data, one.root, index, remarks=one.remarks)
        for index, one in enumerate(found)
        if one.data is not None
    ]


@dataclass(frozen=True, slots=True)
class _Read:
    """What one document holds, and the line it begins on, from 0."""

    line: int
    data: Any
    root: yaml.Node
    remarks: tuple[Finding, ...] = ()


def _json(text: str, shown: str, dialect: Dialect) -> tuple[list[_Read], list[Finding], str | None]:
    """The documents of a text that are JSON, what is wrong in them, and the text without them, if any is left.

    A file that ends in .json is JSON and nothing else. In others a document that begins with a bracket is, where it
    can be read so, as kubectl has it (k8s.io/apimachinery pkg/util/yaml/decoder.go, YAMLOrJSONDecoder): a brace
    begins a mapping of YAML, too. Raises Halt.
    """
    whole = shown.endswith(".json")
    parts = json_parts(text, whole=whole)
    if not parts:
        return [], [], text
    starts = line_starts(text)
    found: list[_Read] = []
    findings: list[Finding] = []
    left: list[str] = []
    done = 0
    for at, end in parts:
        try:
            values, wrong = read_json(text, shown, dialect, starts, at, end)
        except JsonMistakeError as error:
            if whole:
                raise Halt([*findings, json_finding(error, shown, starts)]) from None
            continue
        findings += wrong
        found += [_Read(value.root.start_mark.line, value.data, value.root) for value in values]
        left += [text[done:at], "\n" * text.count("\n", at, end)]
        done = end
    if whole:
        return found, findings, None
    rest = "".join((*left, text[done:]))
    return found, findings, rest if not found or not BARE.fullmatch(rest) else None


def _compose(text: str, shown: str, written: str) -> list[yaml.Node]:
    """The nodes of a text of YAML; `written` is the text with the documents of JSON in it. Raises Halt."""
    try:
        return list(yaml.compose_all(text, Loader=_Loader))
    except yaml.MarkedYAMLError as error:
        raise Halt([_syntax(error, text, shown, written)]) from None
    except yaml.YAMLError as error:
        raise _halt(rules.NOT_YAML, f"not YAML: {error}", Span(shown, 1, 1)) from None


def _leftovers(text: str, shown: str) -> list[Finding]:
    """Conflict markers in a text that can be read in spite of them: in the brackets of a mapping or a list, say."""
    found = leftover_conflict(text, _Loader)
    return [finding_of(found, shown)] if found is not None else []


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


def _syntax(error: yaml.MarkedYAMLError, text: str, shown: str, written: str) -> Finding:
    if "nesting depth" in (error.problem or ""):  # PyYAML from 6.0.4 on counts too, before its first event
        mark = error.problem_mark or error.context_mark
        at = Span(shown, mark.line + 1, mark.column + 1) if mark else Span(shown, 1, 1)
        message = f"nested more than {MAX_DEPTH} levels"
        return Finding(rule=rules.TOO_DEEP, message=message, at=at, hint="flatten the document")
    return _broken_json(error, shown, written) or not_yaml(text, error, shown, _Loader)


def _broken_json(error: yaml.MarkedYAMLError, shown: str, text: str) -> Finding | None:
    """What is wrong with the document of an error as JSON, where it looks like JSON."""
    if error.problem_mark is None:
        return None
    starts = line_starts(text)
    line = starts[min(error.problem_mark.line, len(starts) - 1)]  # YAML has more line breaks, and one after the last
    for at, end in json_parts(text, whole=False):
        if not LOOKS_LIKE_JSON.match(text, at, end) or not at <= line < max(end, at + 1):
            continue
        try:
            read_json(text, shown, Dialect.KUBERNETES, starts, at, end)
        except JsonMistakeError as mistake:
            return json_finding(mistake, shown, starts)
    return None


@dataclass(frozen=True, slots=True)
class _Anchors:
    """Where a text uses anchors, aliases and tags; composing would resolve them silently.

    `tagged` are the places of nodes with a tag, line and column from 0; true for `!`, which makes a text of any value.
    """

    anchors: Sequence[Finding] = field(default=())
    tags: Sequence[Finding] = field(default=())
    tagged: Mapping[tuple[int, int], bool] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str, shown: str) -> "_Anchors":
        if not any(sign in text for sign in "&*!"):
            return cls()
        anchors: list[Finding] = []
        tags: list[Finding] = []
        tagged: dict[tuple[int, int], bool] = {}
        first: tuple[int, int] | None = None  # where the anchor and the tag of a value begin, as its node does
        try:
            for token in yaml.scan(text, Loader=_Loader):
                place = (token.start_mark.line, token.start_mark.column)
                if isinstance(token, yaml.AnchorToken | yaml.AliasToken):
                    sign = "&" if isinstance(token, yaml.AnchorToken) else "*"
                    anchors.append(_alias(sign, token, shown))
                    first = None if sign == "*" else first or place
                elif isinstance(token, yaml.TagToken):
                    tag = _short("".join(part or "" for part in token.value))
                    tags.append(_token(rules.TAG, f'tag "{tag}" is not allowed here', token, shown, _NO_TAG))
                    first = first or place
                    tagged[first] = tag == "!"
                else:
                    first = None
        except yaml.YAMLError:
            return cls()  # composing says what is wrong, better
        return cls(anchors, tags, tagged)

    def refused(self) -> list[Finding]:
        """What the strict dialect refuses."""
        return [*self.anchors, *self.tags]


def _alias(sign: str, token: Any, shown: str) -> Finding:
    """The finding for an anchor or an alias: it says what to write in its place."""
    name = _short(token.value)
    if sign == "&":
        message = f"the anchor `&{name}` is not allowed here: an alias of it would hide what a value is"
        hint = f"remove `&{name}`, and write the value out in place of each `*{name}`"
    else:
        message = f"the alias `*{name}` is not allowed here: it hides what the value is"
        hint = f'write the value of `&{name}` out, or put it in quotes if it is a text: "*{name}"'
    return _token(rules.ALIAS, message, token, shown, hint)


def _token(rule: Rule, message: str, token: Any, shown: str, hint: str) -> Finding:
    start, end = token.start_mark, token.end_mark
    at = Span(shown, start.line + 1, start.column + 1, end.line + 1, end.column + 1)
    return Finding(rule=rule, message=message, at=at, hint=hint)


def _halt(rule: Rule, message: str, at: Span, hint: str = "") -> Halt:
    return Halt([Finding(rule=rule, message=message, at=at, hint=hint)])
