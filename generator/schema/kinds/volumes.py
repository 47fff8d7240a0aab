"""Volumes of a pod: each has a name and one source."""

from collections.abc import Iterator
from typing import Any

from generator.location import FieldPath
from generator.schema import naming
from generator.schema.kinds.words import complaints, duplicates, forbidden, mapping, objects, one_of
from generator.schema.violation import Violation, invalid, required

_MODE = "must be a number between 0 and 0777 (octal), both inclusive"
_PROJECTED = ("secret", "configMap", "downwardAPI", "serviceAccountToken")
_HOST_TYPES = ("", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket")


def check_volumes(spec: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    """The volumes of a pod's spec."""
    volumes = list(objects(spec.get("volumes"), (*path, "volumes")))
    for at, volume in volumes:
        yield from _volume(volume, at)
    yield from duplicates(((*at, "name"), volume.get("name") or "") for at, volume in volumes)


def sound_volumes(spec: dict[str, Any]) -> frozenset[str]:
    """Names of the volumes that containers may mount: those with nothing wrong."""
    return frozenset(
        volume.get("name") or "" for at, volume in objects(spec.get("volumes"), ()) if not any(_volume(volume, at))
    )


def _volume(volume: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    name = volume.get("name") or ""
    if not name:
        yield required((*path, "name"))
    else:
        yield from complaints((*path, "name"), name, naming.label(name))
    sources = [key for key, value in volume.items() if key != "name" and value is not None]
    if not sources:
        return  # the server gives it an emptyDir
    for key in sources[1:]:
        yield forbidden((*path, key), "may not specify more than 1 volume type")
    check = _SOURCES.get(sources[0])
    if check is not None:
        yield from check(mapping(volume[sources[0]]), (*path, sources[0]))


def _host_path(source: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    where = source.get("path") or ""
    if not where:
        yield required((*path, "path"))
        return
    if ".." in where.split("/"):
        yield invalid((*path, "path"), where, "must not contain '..'")
    yield from one_of(source, "type", _HOST_TYPES, path)


def _config_map(source: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    if not source.get("name"):
        yield required((*path, "name"))
    yield from _files(source, path)


def _secret(source: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    if not source.get("secretName"):
        yield required((*path, "secretName"))
    yield from _files(source, path)


def _files(source: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    yield from _mode(source, "defaultMode", path)
    for at, item in objects(source.get("items"), (*path, "items")):
        if not item.get("key"):
            yield required((*at, "key"))
        yield from _inside(item.get("path") or "", (*at, "path"))
        yield from _mode(item, "mode", at)


def _mode(data: dict[str, Any], key: str, path: FieldPath) -> Iterator[Violation]:
    mode = data.get(key)
    if isinstance(mode, int) and not 0 <= mode <= 0o777:
        yield invalid((*path, key), mode, _MODE)


def _inside(where: str, path: FieldPath) -> Iterator[Violation]:
    """A path below a folder, which must not lead out of it."""
    if not where:
        yield required(path)
    elif where.startswith("/"):
        yield invalid(path, where, "must be a relative path")
    elif ".." in where.split("/"):
        yield invalid(path, where, "must not contain '..'")
    elif where.startswith(".."):
        yield invalid(path, where, "must not start with '..'")


def _claim(source: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    if not source.get("claimName"):
        yield required((*path, "claimName"))


def _projected(source: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    yield from _mode(source, "defaultMode", path)
    for at, one in objects(source.get("sources"), (*path, "sources")):
        kinds = [key for key in one if key in _PROJECTED and one[key] is not None]
        for key in kinds[1:]:
            yield forbidden((*at, key), "may not specify more than 1 volume type per source")
        for item_at, item in objects(mapping(one.get("configMap")).get("items"), (*at, "configMap", "items")):
            yield from _inside(item.get("path") or "", (*item_at, "path"))
        token = mapping(one.get("serviceAccountToken"))
        seconds = token.get("expirationSeconds")
        if isinstance(seconds, int) and seconds < 600:
            at_token = (*at, "serviceAccountToken", "expirationSeconds")
            yield invalid(at_token, seconds, "may not specify a duration less than 10 minutes")


_SOURCES = {
    "hostPath": _host_path,
    "configMap": _config_map,
    "secret": _secret,
    "persistentVolumeClaim": _claim,
    "projected": _projected,
}
