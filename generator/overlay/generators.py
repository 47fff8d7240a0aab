"""ConfigMaps and Secrets made of files, literals and env files, and the hashes their names carry."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from generator.overlay import rules
from generator.overlay.load import Loader
from generator.overlay.metadata import keep_origin
from generator.overlay.refusal import RefusalError
from generator.overlay.resmap import ResMap
from generator.overlay.resource import Resource, Scope, scalar_text
from generator.secrecy import MASK

_KEY = re.compile(r"[-._a-zA-Z0-9]+\Z")
_BEHAVIORS = ("", "unspecified", "create", "merge", "replace")
_LINE = 70


def generated(
    kind: str, entry: Mapping[str, Any], options: Mapping[str, Any], loader: Loader, scope: Scope
) -> Resource:
    """The object of one entry of a generator. Raises RefusalError."""
    name = entry.get("name")
    if not name:
        raise RefusalError(rules.GENERATOR, f"a {kind} generator has no name", "write `name:`")
    behavior = str(entry.get("behavior") or "")
    if behavior not in _BEHAVIORS:
        raise RefusalError(rules.GENERATOR, f'"{behavior}" is not a behavior', "write create, merge or replace")
    own = {**options, **{key: value for key, value in (entry.get("options") or {}).items() if value is not None}}
    own |= {key: True for key in ("disableNameSuffixHash", "immutable") if options.get(key) is True}
    metadata: dict[str, Any] = {"name": name}
    if entry.get("namespace"):
        metadata["namespace"] = entry["namespace"]
    for key in ("labels", "annotations"):
        merged = {**(options.get(key) or {}), **((entry.get("options") or {}).get(key) or {})}
        if merged:
            metadata[key] = {name: scalar_text(value) for name, value in sorted(merged.items())}
    data: dict[str, Any] = {"apiVersion": "v1", "kind": kind, "metadata": metadata}
    try:
        data |= _secret(entry, loader) if kind == "Secret" else _config_map(entry, loader)
    except RefusalError as error:
        raise _without_lines(error) if kind == "Secret" else error from None
    if own.get("immutable") is True:
        data["immutable"] = True
    made = Resource(data, scope)
    made.behavior = behavior if behavior != "unspecified" else ""
    made.needs_hash = own.get("disableNameSuffixHash") is not True
    return made


def _without_lines(error: RefusalError) -> RefusalError:
    """The refusal of a Secret, without what a literal or a line of a file says."""
    message = re.sub(r'(literal|reads) ".*"( from| is)', rf"\1 {MASK}\2", error.message, flags=re.DOTALL)
    return RefusalError(error.rule, message, error.hint)


def _config_map(entry: Mapping[str, Any], loader: Loader) -> dict[str, Any]:
    plain: dict[str, str] = {}
    binary: dict[str, str] = {}
    for key, value in sorted(_pairs(entry, loader).items()):
        try:
            plain[key] = value.decode("utf-8")
        except UnicodeDecodeError:
            binary[key] = _wrapped(value)
    return {key: found for key, found in (("data", plain), ("binaryData", binary)) if found}


def _secret(entry: Mapping[str, Any], loader: Loader) -> dict[str, Any]:
    data = {key: _wrapped(value) for key, value in sorted(_pairs(entry, loader).items())}
    made: dict[str, Any] = {"data": data} if data else {}
    return {"type": entry.get("type") or "Opaque", **made}


def _wrapped(value: bytes) -> str:
    """Base64, in lines of 70 where it is longer than one."""
    text = base64.b64encode(value).decode()
    if len(text) // _LINE == 0:
        return text
    return "".join(f"{text[at : at + _LINE]}\n" for at in range(0, len(text), _LINE))


def _pairs(entry: Mapping[str, Any], loader: Loader) -> dict[str, bytes]:
    out: dict[str, bytes] = {}
    for key, value in _all_pairs(entry, loader):
        if not _KEY.match(key) or key in (".", "..") or len(key) > 253:
            raise RefusalError(
                rules.GENERATOR,
                f'"{key}" is not a valid key of a ConfigMap or Secret',
                "use letters, digits, `-`, `_` and `.`",
            )
        if key in out:
            raise RefusalError(rules.GENERATOR, f'key "{key}" is given twice', "keep one of them")
        out[key] = value
    return out


def _all_pairs(entry: Mapping[str, Any], loader: Loader) -> Iterator[tuple[str, bytes]]:
    for name in _listed(entry, "envs"):
        yield from _env_file(loader.raw(name), name, lenient=loader.lenient)
    for literal in _listed(entry, "literals"):
        key, sign, value = literal.partition("=")
        if not sign or not key:
            raise RefusalError(rules.GENERATOR, f'literal "{literal}" is not key=value', "write `key=value`")
        yield key, _unquoted(value).encode()
    for source in _listed(entry, "files"):
        key, sign, path = source.partition("=")
        if not sign:
            key, path = source.rpartition("/")[2], source
        if not key or not path or "=" in path:
            raise RefusalError(rules.GENERATOR, f'"{source}" is not key=path or path', "write `key=path`")
        yield key, loader.raw(path)


def _listed(entry: Mapping[str, Any], key: str) -> list[str]:
    """The texts of a list; null is the empty one."""
    return [item or "" for item in entry.get(key) or ()]


def _env_file(raw: bytes, name: str, *, lenient: bool) -> Iterator[tuple[str, bytes]]:
    for number, line in enumerate(raw.removeprefix(b"\xef\xbb\xbf").splitlines(), 1):
        text = line.lstrip()
        if not text or text.startswith(b"#"):
            continue
        key, sign, value = text.partition(b"=")
        if not sign and not lenient:
            raise RefusalError(
                rules.GENERATOR,
                f'line {number} of "{name}" reads "{key.decode(errors="replace")}" from the environment',
                "write `key=value`: what is built must not depend on where it is built",
            )
        yield key.decode(errors="replace"), value


def _unquoted(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value


def absorb(objects: ResMap, made: Resource) -> None:
    """Add what a generator made to the objects, or merge it into the one that is there. Raises RefusalError."""
    matches = objects.by_any(made.id)
    if len(matches) > 1:
        raise RefusalError(rules.GENERATOR, f"{made.id} could be merged into several objects", "name them apart")
    if not matches:
        if made.behavior in ("merge", "replace"):
            raise RefusalError(
                rules.NO_MATCH, f"{made.id} is not there to {made.behavior}", "use behavior create, or correct the name"
            )
        objects.append(made)
        return
    old = matches[0]
    if made.behavior not in ("merge", "replace"):
        raise RefusalError(rules.GENERATOR, f"{made.id} is there already", "say `behavior: merge` or `replace`")
    _take_over(old, made)


def _take_over(old: Resource, made: Resource) -> None:
    """The old object with the new one's content; its name and what is known of it stay."""
    for key in ("labels", "annotations"):
        made.set_strings(key, {**old.strings(key), **made.strings(key)})
    if made.behavior == "merge":
        keep_origin(old, made)
    metadata = made.own_metadata()
    metadata["name"] = old.metadata.get("name")
    made.set_namespace(old.namespace)
    if made.behavior == "merge":
        texts = old.body.get("stringData") if old.kind == "Secret" else None
        encoded = {key: _wrapped(scalar_text(value).encode()) for key, value in (texts or {}).items()}
        for key, more in (("data", encoded), ("binaryData", {})):
            merged = {**(old.body.get(key) or {}), **more, **(made.body.get(key) or {})}
            if merged:
                made.body[key] = dict(sorted(merged.items()))
    old.data = made.data
    old.needs_hash = old.needs_hash and made.needs_hash


def hashed_name(data: Mapping[str, Any]) -> str:
    """The ten characters that stand for an object's content; its name has no part in them."""
    kind = data.get("kind")
    if kind == "ConfigMap":
        content = {"kind": kind, "name": "", "data": data.get("data", "")}
        extra = "binaryData"
    elif kind == "Secret":
        content = {"kind": kind, "type": data.get("type", ""), "name": "", "data": data.get("data", "")}
        extra = "stringData"
    else:
        content, extra = dict(data), ""
    if isinstance(data.get(extra), dict):
        content[extra] = data[extra]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    digest = hashlib.sha256(text.encode()).hexdigest()[:10]
    return digest.translate(str.maketrans("013ae", "ghkmt"))
