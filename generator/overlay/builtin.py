"""Built-in transformers and generators given as configuration of their own (`transformers:`, `generators:`)."""

from collections.abc import Mapping
from typing import Any

from generator.location import Span
from generator.overlay import rules
from generator.overlay.configuration import read_spec
from generator.overlay.fieldspec import FieldSpec, apply, split_path
from generator.overlay.generators import generated, hashed_name
from generator.overlay.kustomization import unfit
from generator.overlay.load import Loader
from generator.overlay.patches import apply_patch, read_patch
from generator.overlay.refusal import RefusalError
from generator.overlay.replacements import replace, selector_of
from generator.overlay.resmap import ResMap
from generator.overlay.resource import Gvk, Resource, Scope, scalar_text
from generator.overlay.settings import Settings
from generator.overlay.texts import documents
from generator.overlay.transformers import add_strings, rename, set_image, set_namespace, set_replicas

_METADATA = {"name": "scalar", "namespace": "scalar"}
_OPTIONS = {"labels": "scalars", "annotations": "scalars", "disableNameSuffixHash": "bool", "immutable": "bool"}
_MADE = {
    "metadata": _METADATA,
    "behavior": "scalar",
    "type": "scalar",
    **dict.fromkeys(("envs", "literals", "files"), "texts"),
    "options": _OPTIONS,
}
_TARGET = dict.fromkeys(
    ("group", "version", "kind", "name", "namespace", "apiVersion", "labelSelector", "annotationSelector"), "scalar"
)
_IMAGE = dict.fromkeys(("name", "newName", "newTag", "digest", "tagSuffix"), "scalar")
_VALUE = {"selector": _TARGET, "fieldPath": "scalar", "filePathPosition": "int"}
_CONFIGURED: Mapping[str, Any] = {
    "metadata": _METADATA,
    "fieldSpecs": ["any"],
    **dict.fromkeys(("prefix", "suffix", "value", "setRoleBindingSubjects", "path", "patch", "jsonOp"), "scalar"),
    "unsetOnly": "bool",
    **dict.fromkeys(("labels", "annotations"), "scalars"),
    "replica": {"name": "scalar", "count": "int"},
    "imageTag": _IMAGE,
    "targets": [_VALUE],
    "target": _TARGET,
    "options": dict.fromkeys(("allowNameChange", "allowKindChange", "allowNoMatch"), "bool"),
    "paths": "texts",
    "patches": "scalar",
}
"""The fields of transformers by their form; no name means something else in another transformer."""
_SERVICE = {
    "metadata": _METADATA,
    "cloud": "scalar",
    "kubernetesService": _METADATA,
    "serviceAccount": {"name": "scalar", "projectId": "scalar"},
}
_EVERY_NAME = (FieldSpec(Gvk("", "", ""), "metadata/name"),)


def generate(config: Mapping[str, Any], loader: Loader, scope: Scope) -> Resource:
    """What a generator's configuration makes. Raises RefusalError for one that is not built in."""
    kind = config.get("kind")
    if config.get("apiVersion") == "builtin" and kind in ("ConfigMapGenerator", "SecretGenerator"):
        _fit(config, _MADE)
        entry = {**config, **{k: v for k, v in (config.get("metadata") or {}).items() if k in ("name", "namespace")}}
        entry.setdefault("files", config.get("files"))
        return generated("Secret" if kind == "SecretGenerator" else "ConfigMap", entry, {}, loader, scope)
    if config.get("apiVersion") == "builtin" and kind == "IAMPolicyGenerator":
        _fit(config, _SERVICE)
        return _service_account(config, scope)
    raise _unknown(config, "generator")


def _service_account(config: Mapping[str, Any], scope: Scope) -> Resource:
    account, service = config.get("kubernetesService") or {}, config.get("serviceAccount") or {}
    if config.get("cloud") != "gke":
        raise RefusalError(rules.GENERATOR, f'cloud "{scalar_text(config.get("cloud"))}" is not known', "write gke")
    email = f"{service.get('name')}@{service.get('projectId')}.iam.gserviceaccount.com"
    metadata: dict[str, Any] = {"name": account.get("name"), "annotations": {"iam.gke.io/gcp-service-account": email}}
    if account.get("namespace"):
        metadata["namespace"] = account["namespace"]
    return Resource({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}, scope)


def transform(config: Mapping[str, Any], objects: ResMap, loader: Loader, settings: Settings) -> None:
    """Do what a transformer's configuration says. Raises RefusalError for one that is not built in."""
    if config.get("apiVersion") != "builtin":
        raise _unknown(config, "transformer")
    _fit(config, _CONFIGURED)
    specs = tuple(read_spec(spec, "fieldSpecs", strict=not settings.compat) for spec in config.get("fieldSpecs") or ())
    metadata = config.get("metadata") or {}
    match config.get("kind"):
        case "PrefixSuffixTransformer" | "PrefixTransformer" | "SuffixTransformer":
            prefix, suffix = scalar_text(config.get("prefix")), scalar_text(config.get("suffix"))
            if settings.compat and not specs:
                raise RefusalError(rules.CONFIGURATION, "the transformer has no fieldSpecs", "write `fieldSpecs:`")
            rename(objects, prefix=prefix, suffix=suffix, specs=specs or _EVERY_NAME)
        case "NamespaceTransformer":
            subjects = scalar_text(config.get("setRoleBindingSubjects"))
            only = config.get("unsetOnly") is True
            set_namespace(objects, scalar_text(metadata.get("namespace")), specs, subjects=subjects, unset_only=only)
        case "LabelTransformer":
            add_strings(objects, config.get("labels") or {}, specs)
        case "AnnotationsTransformer":
            add_strings(objects, config.get("annotations") or {}, specs)
        case "ReplicaCountTransformer":
            replica = config.get("replica") or {}
            set_replicas(objects, scalar_text(replica.get("name")), _count(replica, "count"), specs)
        case "ImageTagTransformer":
            set_image(objects, config.get("imageTag") or {}, specs)
        case "ReplacementTransformer":
            found = config.get("replacements") or ()
            objects.changed()
            for entry in found if isinstance(found, list) else [found]:
                replace(objects, entry, compat=settings.compat)
        case "HashTransformer":
            for resource in objects:
                if resource.needs_hash:
                    resource.remember()
                    resource.own_metadata()["name"] = f"{resource.name}-{hashed_name(resource.body)}"
            objects.changed()
        case "ValueAddTransformer":
            for target in config.get("targets") or ():
                _add_value(objects, scalar_text(config.get("value")), target or {})
        case "PatchTransformer" | "PatchJson6902Transformer" | "PatchStrategicMergeTransformer":
            _patch(config, objects, loader, settings)
        case _:
            raise _unknown(config, "transformer")


def _fit(config: Mapping[str, Any], shape: Mapping[str, Any]) -> None:
    """Raise RefusalError for a configuration with a field of another form than it has."""
    wrong = unfit(config, shape, "the configuration")
    if wrong is not None:
        what = f"{scalar_text(config.get('kind'))} {scalar_text(config['metadata'].get('name'))}".rstrip()
        raise RefusalError(rules.CONFIGURATION, f"{what}: {wrong}", "correct the field")


def _count(config: Mapping[str, Any], key: str) -> int:
    """A whole number of a configuration, 0 where there is none. Raises RefusalError."""
    value = config.get(key) or 0
    if isinstance(value, bool) or not isinstance(value, int):
        raise RefusalError(rules.CONFIGURATION, f"`{key}: {value}` is not a whole number", "write a number")
    return value


def _add_value(objects: ResMap, value: str, target: Mapping[str, Any]) -> None:
    """Write a value into a field, or between the parts of the path a field holds."""
    position = _count(target, "filePathPosition")
    selector = target.get("selector") or {}
    chosen = objects.select(selector_of(selector)) if selector else list(objects)

    def put(container: Any, key: Any) -> None:
        parts = scalar_text(container[key]).split("/")
        container[key] = "/".join([*parts[:position], value, *parts[position:]]) if position else value

    for resource in chosen:
        path = split_path(scalar_text(target.get("fieldPath")))
        apply(resource.body, path, put, create=not position, blank=str)
    objects.changed()


def _patch(config: Mapping[str, Any], objects: ResMap, loader: Loader, settings: Settings) -> None:
    path = scalar_text(config.get("path"))
    texts = [loader.text(one or "") for one in ([path] if path else config.get("paths") or ())]
    texts += [config[key] for key in ("patch", "jsonOp", "patches") if isinstance(config.get(key), str)]
    shown = loader.show(path or "patch")
    for text in texts:
        patch = read_patch(documents(text, shown), config, Span(shown), compat=settings.compat)
        apply_patch(objects, patch, settings)


def _unknown(config: Mapping[str, Any], what: str) -> RefusalError:
    name = "/".join(text for key in ("apiVersion", "kind") if (text := scalar_text(config.get(key))))
    return RefusalError(rules.UNSUPPORTED, f"{what} {name} is not run here", "use the fields of a kustomization")
