"""Built-in transformers and generators given as configuration of their own (`transformers:`, `generators:`)."""

from collections.abc import Mapping
from typing import Any

from generator.location import Span
from generator.overlay import rules
from generator.overlay.configuration import read_spec
from generator.overlay.fieldspec import FieldSpec, apply, split_path
from generator.overlay.generators import generated, hashed_name
from generator.overlay.load import Loader
from generator.overlay.patches import apply_patch, read_patch
from generator.overlay.refusal import RefusalError
from generator.overlay.replacements import replace, selector_of
from generator.overlay.resmap import ResMap
from generator.overlay.resource import Gvk, Resource, Scope, scalar_text
from generator.overlay.settings import Settings
from generator.overlay.texts import documents
from generator.overlay.transformers import add_strings, rename, set_image, set_namespace, set_replicas

_EVERY_NAME = (FieldSpec(Gvk("", "", ""), "metadata/name"),)


def generate(config: Mapping[str, Any], loader: Loader, scope: Scope) -> Resource:
    """What a generator's configuration makes. Raises RefusalError for one that is not built in."""
    kind = config.get("kind")
    if config.get("apiVersion") == "builtin" and kind in ("ConfigMapGenerator", "SecretGenerator"):
        entry = {**config, **{k: v for k, v in (config.get("metadata") or {}).items() if k in ("name", "namespace")}}
        entry.setdefault("files", config.get("files"))
        return generated("Secret" if kind == "SecretGenerator" else "ConfigMap", entry, {}, loader, scope)
    if config.get("apiVersion") == "builtin" and kind == "IAMPolicyGenerator":
        return _service_account(config, scope)
    raise _unknown(config, "generator")


def _service_account(config: Mapping[str, Any], scope: Scope) -> Resource:
    account, service = config.get("kubernetesService") or {}, config.get("serviceAccount") or {}
    if config.get("cloud") != "gke":
        raise RefusalError(rules.GENERATOR, f"cloud {config.get('cloud')!r} is not known", "known: gke")
    email = f"{service.get('name')}@{service.get('projectId')}.iam.gserviceaccount.com"
    metadata: dict[str, Any] = {"name": account.get("name"), "annotations": {"iam.gke.io/gcp-service-account": email}}
    if account.get("namespace"):
        metadata["namespace"] = account["namespace"]
    return Resource({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}, scope)


def transform(config: Mapping[str, Any], objects: ResMap, loader: Loader, settings: Settings) -> None:
    """Do what a transformer's configuration says. Raises RefusalError for one that is not built in."""
    if config.get("apiVersion") != "builtin":
        raise _unknown(config, "transformer")
    specs = tuple(read_spec(spec, "fieldSpecs", strict=not settings.compat) for spec in config.get("fieldSpecs") or ())
    metadata = config.get("metadata") or {}
    match config.get("kind"):
        case "PrefixSuffixTransformer" | "PrefixTransformer" | "SuffixTransformer":
            prefix, suffix = config.get("prefix") or "", config.get("suffix") or ""
            if settings.compat and not specs:
                raise RefusalError(rules.CONFIGURATION, "the transformer has no fieldSpecs", "write `fieldSpecs:`")
            rename(objects, prefix=prefix, suffix=suffix, specs=specs or _EVERY_NAME)
        case "NamespaceTransformer":
            subjects = str(config.get("setRoleBindingSubjects") or "")
            only = config.get("unsetOnly") is True
            set_namespace(objects, metadata.get("namespace") or "", specs, subjects=subjects, unset_only=only)
        case "LabelTransformer":
            add_strings(objects, config.get("labels") or {}, specs)
        case "AnnotationsTransformer":
            add_strings(objects, config.get("annotations") or {}, specs)
        case "ReplicaCountTransformer":
            replica = config.get("replica") or {}
            set_replicas(objects, str(replica.get("name") or ""), _count(replica, "count"), specs)
        case "ImageTagTransformer":
            set_image(objects, config.get("imageTag") or {}, specs)
        case "ReplacementTransformer":
            found = config.get("replacements") or ()
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
                _add_value(objects, str(config.get("value") or ""), target)
        case "PatchTransformer" | "PatchJson6902Transformer" | "PatchStrategicMergeTransformer":
            _patch(config, objects, loader, settings)
        case _:
            raise _unknown(config, "transformer")


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
        path = split_path(str(target.get("fieldPath") or ""))
        apply(resource.body, path, put, create=not position, blank=str)
    objects.changed()


def _patch(config: Mapping[str, Any], objects: ResMap, loader: Loader, settings: Settings) -> None:
    texts = [loader.text(path) for path in ([config["path"]] if config.get("path") else config.get("paths") or ())]
    texts += [config[key] for key in ("patch", "jsonOp", "patches") if isinstance(config.get(key), str)]
    shown = loader.show(str(config.get("path") or "patch"))
    for text in texts:
        patch = read_patch(documents(text, shown), config, Span(shown), compat=settings.compat)
        apply_patch(objects, patch, settings)


def _unknown(config: Mapping[str, Any], what: str) -> RefusalError:
    name = f"{config.get('apiVersion')}/{config.get('kind')}"
    return RefusalError(rules.UNSUPPORTED, f"{what} {name} is not run here", "use the fields of a kustomization")
