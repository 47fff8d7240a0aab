"""Volumes of a pod: each has a name and one source (K8s: core/validation, validateVolumeSource)."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from generator.location import FieldPath
from generator.schema import naming
from generator.schema.kinds.downward import check_file
from generator.schema.kinds.paths import check_descending, check_inside, check_mode, check_no_steps_back
from generator.schema.kinds.resources import amount
from generator.schema.kinds.storage import check_storage
from generator.schema.kinds.volumeclaims import check_claim_inside
from generator.schema.kinds.words import complaints, duplicate, forbidden, mapping, objects, unsupported
from generator.schema.violation import Violation, invalid, required

_HOST_TYPES = ("", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket")
_PULL = ("Always", "IfNotPresent", "Never")
_ORDER = (
    *("emptyDir", "hostPath", "gitRepo", "gcePersistentDisk", "awsElasticBlockStore", "secret", "nfs", "iscsi"),
    *("glusterfs", "flocker", "persistentVolumeClaim", "rbd", "cinder", "cephfs", "quobyte", "downwardAPI", "fc"),
    *("flexVolume", "configMap", "azureFile", "vsphereVolume", "photonPersistentDisk", "portworxVolume", "azureDisk"),
    *("storageos", "projected", "scaleIO", "csi", "ephemeral", "image"),
)
_LONGEST_DRIVER = 63
_LONGEST_PORTAL = 64
_PORTAL_WORDS = (
    "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters"
    " if iscsi.initiatorName is specified."
)
_Check = Callable[[dict[str, Any], FieldPath], Iterator[Violation]]


def check_volumes(spec: dict[str, Any], path: FieldPath, pod: str | None, minor: int) -> Iterator[Violation]:
    """The volumes of a pod's spec; `pod` is the name of a pod, None of a template."""
    made = {f"{pod}-{one.get('name') or ''}" for _, one in objects(spec.get("volumes"), ()) if one.get("ephemeral")}
    names: set[str] = set()
    for at, volume in objects(spec.get("volumes"), (*path, "volumes")):
        name = volume.get("name") or ""
        found = list(_volume(volume, at, pod, minor))
        yield from found
        if name in names:
            yield duplicate((*at, "name"), name)
        elif not found:
            names.add(name)
        claim = mapping(volume.get("persistentVolumeClaim")).get("claimName") or ""
        if pod and claim in made:
            detail = "must not reference a PVC that gets created for an ephemeral volume"
            yield invalid((*at, "persistentVolumeClaim", "claimName"), claim, detail)


def sound_volumes(spec: dict[str, Any], minor: int) -> dict[str, str]:
    """The source of each volume that containers may mount, by name: those with nothing wrong, the first of a name."""
    found: dict[str, str] = {}
    for at, volume in objects(spec.get("volumes"), ()):
        name = volume.get("name") or ""
        if name not in found and not any(_volume(volume, at, None, minor)):
            found[name] = next((key for key in _ORDER if volume.get(key) is not None), "emptyDir")
    return found


def _volume(volume: dict[str, Any], path: FieldPath, pod: str | None, minor: int) -> Iterator[Violation]:
    name = volume.get("name") or ""
    sources = [key for key in _ORDER if volume.get(key) is not None]
    for key in sources[1:]:
        yield forbidden((*path, key), "may not specify more than 1 volume type", "remove all but one")
    if sources:  # the server gives a volume without one an emptyDir
        source = mapping(volume[sources[0]])
        yield from check_source(source, sources[0], (*path, sources[0]), minor)
        if sources[0] == "image" and pod is not None and not source.get("reference"):
            yield required((*path, "image", "reference"))
    if not name:
        yield required((*path, "name"))
        return
    yield from complaints((*path, "name"), name, naming.label(name))
    portal = mapping(volume.get("iscsi"))
    if portal.get("initiatorName") is not None and len(f"{name}:{portal.get('targetPortal') or ''}") > _LONGEST_PORTAL:
        yield invalid((*path, "name"), name, _PORTAL_WORDS)
    if pod and sources[:1] == ["ephemeral"]:
        claim = f"{pod}-{name}"
        for complaint in naming.subdomain(claim):
            yield invalid((*path, "name"), name, f'PVC name "{claim}": {complaint}')


def check_source(source: dict[str, Any], kind: str, path: FieldPath, minor: int) -> Iterator[Violation]:
    """The source of a volume, by its kind."""
    yield from check_storage(source, kind, path)
    if kind == "projected":
        yield from _projected(source, path, minor)
    elif kind == "ephemeral":
        if source.get("volumeClaimTemplate") is None:
            yield required((*path, "volumeClaimTemplate"))
        else:
            template = mapping(source["volumeClaimTemplate"])
            yield from check_claim_inside(template, (*path, "volumeClaimTemplate"), minor)
    elif kind in _CHECKS:
        yield from _CHECKS[kind](source, path)


def _empty_dir(source: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    size = amount(source.get("sizeLimit"))
    if size is not None and size < 0:
        yield forbidden((*path, "sizeLimit"), "SizeLimit field must be a valid resource quantity")


def _host_path(source: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    where = source.get("path") or ""
    if not where:
        yield required((*path, "path"))
        return
    yield from check_no_steps_back(where, (*path, "path"))
    kind = source.get("type")
    if kind is not None and kind not in _HOST_TYPES:
        yield unsupported((*path, "type"), kind, _HOST_TYPES)


def _config_map(source: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    if not source.get("name"):
        yield required((*path, "name"))
    yield from check_mode(source, "defaultMode", path)
    yield from _items(source, path)


def _secret(source: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    if not source.get("secretName"):
        yield required((*path, "secretName"))
    yield from check_mode(source, "defaultMode", path)
    yield from _items(source, path)


def _items(source: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    for at, item in objects(source.get("items"), (*path, "items")):
        if not item.get("key"):
            yield required((*at, "key"))
        if not item.get("path"):
            yield required((*at, "path"))
        yield from check_inside(item.get("path") or "", (*at, "path"))
        yield from check_mode(item, "mode", at)


def _downward(source: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    yield from check_mode(source, "defaultMode", path)
    for at, file in objects(source.get("items"), (*path, "items")):
        yield from check_file(file, at)


def _nfs(source: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    for key in ("server", "path"):
        if not source.get(key):
            yield required((*path, key))
    if source.get("path") and not source["path"].startswith("/"):
        yield invalid((*path, "path"), source["path"], "must be an absolute path")


def check_driver(driver: str, path: FieldPath) -> Iterator[Violation]:
    """The name of a CSI driver."""
    if not driver:
        yield required(path)
        return
    if len(driver.encode()) > _LONGEST_DRIVER:
        yield Violation(path, f"Too long: may not be more than {_LONGEST_DRIVER} bytes", "shorten it")
    yield from complaints(path, driver, naming.subdomain(driver.lower()))


def _csi(source: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    yield from check_driver(source.get("driver") or "", (*path, "driver"))
    if source.get("nodePublishSecretRef") is None:
        return
    name, at = mapping(source["nodePublishSecretRef"]).get("name") or "", (*path, "nodePublishSecretRef", "name")
    if not name:
        yield required(at)
    else:
        yield from complaints(at, name, naming.subdomain(name))


def _git(source: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    if not source.get("repository"):
        yield required((*path, "repository"))
    yield from check_descending(source.get("directory") or "", (*path, "directory"))


def _image(source: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    policy = source.get("pullPolicy") or "Always"
    if policy not in _PULL:
        yield unsupported((*path, "pullPolicy"), policy, _PULL)


def _projected(source: dict[str, Any], path: FieldPath, minor: int) -> Iterator[Violation]:
    yield from check_mode(source, "defaultMode", path)
    taken: set[str] = set()
    for at, one in objects(source.get("sources"), (*path, "sources")):
        given = 0
        for key in ("secret", "configMap", "downwardAPI"):
            if one.get(key) is None:
                continue
            given += 1
            part, where = mapping(one[key]), (*at, key)
            if key == "downwardAPI":
                for place, file in objects(part.get("items"), (*where, "items")):
                    yield from check_file(file, place)
            else:
                if not part.get("name"):
                    yield required((*where, "name"))
                yield from _items(part, where)
            for place, item in objects(part.get("items"), (*where, "items")):
                written = item.get("path") or ""
                if written and written in taken:
                    yield invalid((*place, "path"), written, "conflicting duplicate paths")
                taken.add(written)
        if one.get("serviceAccountToken") is not None:
            given += 1
            yield from _token(mapping(one["serviceAccountToken"]), (*at, "serviceAccountToken"), minor)
        if given > 1:  # sources behind feature gates that are off are dropped before
            hint = "make each an entry of its own"
            yield forbidden(at, "may not specify more than 1 volume type per source", hint)


def _token(token: dict[str, Any], path: FieldPath, minor: int) -> Iterator[Violation]:
    seconds = token.get("expirationSeconds")
    at = (*path, "expirationSeconds")
    if seconds is not None and seconds < 600:
        yield invalid(at, seconds, "may not specify a duration less than 10 minutes", hint="write at least 600")
    if seconds is not None and seconds > 1 << 32:
        yield invalid(at, seconds, "may not specify a duration larger than 2^32 seconds")
    where = token.get("path") or ""
    if not where:
        yield required((*path, "path"))
    elif minor >= _LOCAL_TOKENS_SINCE:
        yield from check_inside(where, (*path, "path"))


_LOCAL_TOKENS_SINCE = 25
_CHECKS: Mapping[str, _Check] = {
    "emptyDir": _empty_dir,
    "hostPath": _host_path,
    "configMap": _config_map,
    "secret": _secret,
    "downwardAPI": _downward,
    "nfs": _nfs,
    "csi": _csi,
    "gitRepo": _git,
    "image": _image,
}
