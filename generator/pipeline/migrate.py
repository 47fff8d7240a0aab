"""Machines written with the founding note's `devices.qats` become ones that released versions of KubeVirt take.

The text stays a person's own: a key and names are exchanged where they stand, told by ruamel.yaml; where the items join
others, ruamel.yaml writes the text anew, with its comments, order and quotes. Facts of domain notes 1 and 3.5: `qats`
items have a name and a deviceName, as items of `hostDevices` have; the resource must be one that KubeVirt's own plugin
serves.
"""

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from generator.location import FieldPath, format_path
from generator.source import Dialect, read_documents

_PLACES: Mapping[str, tuple[str, ...]] = {
    "VirtualMachine": ("spec", "template", "spec", "domain", "devices"),
    "VirtualMachineInstance": ("spec", "domain", "devices"),
    "VirtualMachineInstancePreset": ("spec", "domain", "devices"),
    "VirtualMachineInstanceReplicaSet": ("spec", "template", "spec", "domain", "devices"),
    "VirtualMachinePool": ("spec", "virtualMachineTemplate", "spec", "template", "spec", "domain", "devices"),
}
_INTEL = "qat.intel.com/"
_WIDE = 4096
_ODD = (ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What ruamel.yaml raises for values that contradict their tags."""
_IN_TEXT = re.compile(r"(?:^|[\s{,\"'/])qats[\"']?\s*[:/\[]|/qats$|^qats$", re.MULTILINE)
_WORD = re.compile(r""""[^"]*"|'[^']*'|[^\s,:}\]#]+""")


@dataclass(frozen=True, slots=True)
class Migrated:
    """A file's new text, what was done, and what a person has to decide; `text` is the old one where nothing was."""

    text: str
    done: tuple[str, ...]
    undecided: tuple[str, ...]


@dataclass(slots=True)
class _Work:
    """What is done to one text: words exchanged at places, or the whole text written anew."""

    resources: Mapping[str, str]
    edits: list[tuple[int, int, str]] = field(default_factory=list)
    anew: bool = False
    done: list[str] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)


def migrate_text(text: str, resources: Mapping[str, str], shown: str = "") -> Migrated:
    """A text of manifests with `qats` lowered to `hostDevices`; `resources` maps device names to new ones.

    Raises ValueError for text that is not YAML, and Halt for text that no other command reads either: aliases and merge
    keys that expand to too much, nesting that is too deep.
    """
    read_documents(text, shown, Dialect.LENIENT)
    if not any(word in text for word in ("qats", "QAT", _INTEL, *resources)):
        return Migrated(text, (), ())
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = _WIDE
    deep = re.search(r"^( *)[^\s#-][^\n]*:[^\n]*\n\1 +- ", text, re.MULTILINE)
    yaml.indent(mapping=2, sequence=4 if deep else 2, offset=2 if deep else 0)
    yaml.explicit_start = text.startswith("---")
    try:
        documents = list(yaml.load_all(text))
    except (YAMLError, *_ODD) as error:
        raise ValueError(str(error).replace("\n", " ")) from None
    work = _Work(resources)
    for document in documents:
        if isinstance(document, CommentedMap):
            _document(document, work)
    made = text
    if work.anew:
        out = io.StringIO()
        yaml.dump_all(documents, out)
        made = out.getvalue()
    elif work.edits:
        made = _edited(text, work.edits)
    return Migrated(made, tuple(work.done), tuple(work.undecided))


def _edited(text: str, edits: Iterable[tuple[int, int, str]]) -> str:
    """The text with the word at each place (line and column from 0) exchanged for another."""
    lines = text.splitlines(keepends=True)
    for line, column, word in sorted(edits, reverse=True):
        old = _WORD.match(lines[line], column)
        assert old is not None
        lines[line] = lines[line][:column] + word + lines[line][old.end() :]
    return "".join(lines)


def _document(document: CommentedMap, work: _Work) -> None:
    """Do what is to be done to one object, or to all of a List, and tell what is not decided."""
    items = document.get("items")
    if str(document.get("kind")).endswith("List") and isinstance(items, CommentedSeq):
        for item in items:
            if isinstance(item, CommentedMap):
                _document(item, work)
        return
    told = len(work.undecided)
    _machine(document, work)
    if len(work.undecided) == told:
        who = f"{document.get('kind')} {_part(document, 'metadata', 'name')}"
        work.undecided += [f"{who}: {what}" for what in _left(document, ())]


def _left(value: Any, path: FieldPath) -> Iterator[str]:
    """Where `qats` still stands: in objects that hold a machine inside of others, in patches, in texts."""
    if isinstance(value, CommentedMap):
        for key, inner in value.items():
            if key == "qats":
                where = format_path((*path, key))
                yield f"line {value.lc.key(key)[0] + 1}: qats stays at {where}, which is no machine of its own"
            else:
                yield from _left(inner, (*path, str(key)))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _left(inner, (*path, index))
    elif isinstance(value, str) and _IN_TEXT.search(value):
        yield f"the text at {format_path(path)} speaks of qats"


def _part(document: CommentedMap, holder: str, key: str) -> Any:
    """The value of a key in a mapping of the document; None where there is none."""
    found = document.get(holder)
    return found.get(key) if isinstance(found, CommentedMap) else None


def _machine(document: CommentedMap, work: _Work) -> None:
    """Do what is to be done to one object."""
    kind, name = str(document.get("kind")), str(_part(document, "metadata", "name"))
    who = f"{kind} {name}"
    if kind == "ConfigMap" and "QAT" in re.split(r"[,\s]+", str(_part(document, "data", "feature-gates") or "")):
        work.undecided.append(f"{who}: feature-gates names QAT, a gate no release has; the one needed is HostDevices")
    devices: Any = document
    for part in _PLACES.get(kind, ()):
        devices = devices.get(part) if isinstance(devices, CommentedMap) else None
    if not _PLACES.get(kind) or not isinstance(devices, CommentedMap):
        return
    if isinstance(devices.get("hostDevices"), CommentedSeq):
        for item in devices["hostDevices"]:
            _renamed(who, item, work)
    if "qats" not in devices:
        return
    if not isinstance(devices["qats"], CommentedSeq):
        work.undecided.append(f"{who}: qats is no list")
        return
    _lower(who, devices, work)


def _renamed(who: str, item: Any, work: _Work) -> bool:
    """Give a device its new resource, or say that it needs one; whether it names any."""
    given = str(item.get("deviceName") or "") if isinstance(item, CommentedMap) else ""
    if given in work.resources:
        work.edits.append((*item.lc.value("deviceName"), work.resources[given]))
        item["deviceName"] = work.resources[given]
    elif given.startswith(_INTEL):
        line = item.lc.value("deviceName")[0] + 1
        what = f"line {line}: {given} is served by Intel's plugin, not by KubeVirt's"
        work.undecided.append(f"{who}: {what}: map it, --resource {given}=NAME")
    return bool(given)


def _lower(who: str, devices: CommentedMap, work: _Work) -> None:
    if not isinstance(devices.get("hostDevices", []), list):
        work.undecided.append(f"{who}: hostDevices is not a list")
        return
    taken = {str(item.get("name")) for item in devices.get("hostDevices") or () if isinstance(item, dict)}
    clash = sorted(taken & {str(item.get("name")) for item in devices["qats"] if isinstance(item, dict)})
    if clash:
        work.undecided.append(f'{who}: a host device is called "{clash[0]}" already: rename one of the two')
        return
    for item in devices["qats"]:
        if not _renamed(who, item, work):
            work.undecided.append(f"{who}: a device of qats has no deviceName: write the resource KubeVirt permits")
    work.done.append(f"{who}: {len(devices['qats'])} of qats moved to hostDevices")
    if "hostDevices" in devices:
        work.anew = True
        devices["hostDevices"].extend(devices.pop("qats"))
        return
    work.edits.append((*devices.lc.key("qats"), "hostDevices"))
    place = list(devices).index("qats")
    comment = devices.ca.items.pop("qats", None)
    devices.insert(place, "hostDevices", devices.pop("qats"))
    if comment is not None:
        devices.ca.items["hostDevices"] = comment
