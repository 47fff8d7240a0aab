"""The transformers of one kustomization, in kustomize's order."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from generator.finding import Finding
from generator.location import Span
from generator.overlay import rules
from generator.overlay.builtin import transform
from generator.overlay.configuration import read_spec
from generator.overlay.fieldspec import FieldSpec, merge_all, merge_one
from generator.overlay.kustomization import Kustomization
from generator.overlay.load import Loader
from generator.overlay.metadata import note_transformer
from generator.overlay.patches import apply_patch, read_patch
from generator.overlay.refusal import RefusalError
from generator.overlay.replacements import replace as replace_values
from generator.overlay.resource import Gvk, Resource, scalar_text
from generator.overlay.state import State, each, told
from generator.overlay.texts import Outer, documents, looks_inline, parse, read_either
from generator.overlay.touched import Touch
from generator.overlay.transformers import add_strings, rename, set_image, set_namespace, set_replicas
from generator.source import Document, inline

Configs = Callable[[str, Loader, State], list[dict[str, Any]]]
"""Reads the configurations an entry of `transformers:` names."""
_METADATA_LABELS = FieldSpec(Gvk("", "", ""), "metadata/labels", create=True)
_CONTAINER_DISKS = tuple(
    FieldSpec(Gvk("", "", kind), f"{path}/volumes[]/containerDisk/image")
    for kind, path in (
        ("VirtualMachine", "spec/template/spec"),
        ("VirtualMachineInstance", "spec"),
        ("VirtualMachineInstanceReplicaSet", "spec/template/spec"),
        ("VirtualMachinePool", "spec/virtualMachineTemplate/spec/template/spec"),
    )
)


def transform_all(state: State, kustomization: Kustomization, loader: Loader, configs: Configs) -> None:
    """The transformers of a kustomization, in kustomize's order. Raises Halt."""
    data, objects, configuration = kustomization.data, state.objects, state.configuration
    done = _Done(state, loader, kustomization.name)
    _patches(state, kustomization, loader, done, ("patchesStrategicMerge", "patches"))
    with told(kustomization.span("namespace"), objects):
        if data.get("namespace"):
            pin = not state.settings.compat
            stayed = set_namespace(objects, data["namespace"], configuration.namespace, pin=pin)
            state.findings += [_pinned(one, kustomization, data["namespace"]) for one in stayed]
            done.note("NamespaceTransformer")
    for key, transformer in (("namePrefix", "PrefixTransformer"), ("nameSuffix", "SuffixTransformer")):
        with told(kustomization.span(key), objects):
            if data.get(key):
                if key == "namePrefix":
                    rename(objects, prefix=data[key], suffix="", specs=configuration.name_prefix)
                else:
                    rename(objects, prefix="", suffix=data[key], specs=configuration.name_suffix)
                done.note(transformer)
    _labels(state, kustomization, done)
    _patches(state, kustomization, loader, done, ("patchesJson6902",))
    for path, entry in each(kustomization, "replicas"):
        with told(kustomization.span(*path), objects):
            set_replicas(objects, str(entry.get("name") or ""), int(entry.get("count") or 0), configuration.replicas)
            done.note("ReplicaCountTransformer")
    images = configuration.images if state.settings.compat else (*configuration.images, *_CONTAINER_DISKS)
    for path, entry in each(kustomization, "images"):
        with told(kustomization.span(*path), objects):
            places = set_image(objects, entry, images, Touch(kustomization.span(*path), below="image"))
            if not places and not state.settings.compat:
                state.findings.append(_no_image(entry, kustomization.span(*path)))
            done.note("ImageTagTransformer")
    objects.changed()
    for path, entry in each(kustomization, "replacements"):
        with told(kustomization.span(*path), objects):
            for one in _replacements(entry, loader):
                replace_values(objects, one, compat=state.settings.compat)
            done.note("ReplacementTransformer")
    for path, entry in each(kustomization, "transformers"):
        with told(kustomization.span(*path), objects):
            for config in configs(entry, loader, state):
                transform(config, objects, loader, state.settings)
                done.note(str(config.get("kind")), config, "" if looks_inline(entry) else entry)
    objects.drop_gone()


@dataclass(frozen=True, slots=True)
class _Done:
    """Writes down which transformer was there, where that is asked for."""

    state: State
    loader: Loader
    name: str

    def note(self, transformer: str, config: Mapping[str, Any] | None = None, file: str = "") -> None:
        """Write down a transformer, with its configuration where it has one of its own, in this file or another."""
        if self.state.noted:
            by = config or {"apiVersion": "builtin", "kind": transformer}
            note_transformer(self.state.objects, self.loader, file or self.name, by)


def _touched(state: State, at: Span, below: str, values: Mapping[str, Any]) -> None:
    """Remember who wrote labels or annotations."""
    touches = [Touch(at, below=below, value=scalar_text(value)) for value in values.values()]
    for resource in state.objects:
        resource.touches += touches


def _pinned(resource: Resource, kustomization: Kustomization, namespace: str) -> Finding:
    message = f'{resource.id} stays where it is: its operator looks for it there, not in "{namespace}"'
    hint = "move it by the spec, or use --kustomize-compat"
    return Finding(rule=rules.PINNED, message=message, at=kustomization.span("namespace"), hint=hint)


def _no_image(entry: Mapping[str, Any], at: Span) -> Finding:
    message = f'no object uses an image "{entry.get("name")}"'
    hint = "write the name as the base has it, without its tag"
    return Finding(rule=rules.NO_MATCH, message=message, at=at, hint=hint)


def _replacements(entry: Mapping[str, Any], loader: Loader) -> list[Mapping[str, Any]]:
    path = entry.get("path")
    if not path:
        return [entry]
    if entry.get("source") or entry.get("targets"):
        raise RefusalError(
            rules.REPLACEMENT, "the entry has a path, and source or targets", "remove the path or the others"
        )
    found = parse(loader.text(path), loader.show(path))
    out: list[Mapping[str, Any]] = []
    for data in found:
        listed = data.get("replacements") if isinstance(data, dict) else data
        out += listed if isinstance(listed, list) else [data]
    return out


def _patches(state: State, kustomization: Kustomization, loader: Loader, done: _Done, keys: Sequence[str]) -> None:
    for key in keys:
        for path, entry in each(kustomization, key):
            at = kustomization.span(*path)
            with told(at, state.objects):
                about: Mapping[str, Any] = {} if isinstance(entry, str) else entry
                outer = kustomization.document, path
                found = (
                    _named_or_inline(entry, loader, outer)
                    if isinstance(entry, str)
                    else _documents(entry, loader, (kustomization.document, (*path, "patch")))
                )
                if isinstance(entry, Mapping) and entry.get("patch"):
                    found = [inline(document, kustomization.document, (*path, "patch")) for document in found]
                patch = read_patch(found, about, found[0].span() if found else at, compat=state.settings.compat)
                apply_patch(state.objects, replace(patch, remembers=key == "patches"), state.settings)
                done.note("PatchTransformer" if key == "patches" else f"P{key[1:].replace('patches', 'atch')}")


def _named_or_inline(entry: str, loader: Loader, outer: Outer) -> list[Document]:
    found, shown = read_either(entry, loader, outer)
    if not [document for document in found if document.data]:
        raise RefusalError(rules.PATCH, f'"{shown}" is empty', "write the patch, or remove the entry")
    return found


def _documents(entry: Mapping[str, Any], loader: Loader, outer: Outer) -> list[Document]:
    path, text = entry.get("path"), entry.get("patch")
    if path and text:
        raise RefusalError(rules.PATCH, "the entry has both a path and a patch", "remove one of them")
    if not path and not text:
        raise RefusalError(rules.PATCH, "the entry has neither a path nor a patch", "write one of them")
    if path:
        return documents(loader.text(path), loader.show(path))
    return documents(str(text), loader.show("inline"), outer)


def _labels(state: State, kustomization: Kustomization, done: _Done) -> None:
    configuration = state.configuration
    for path, entry in each(kustomization, "labels"):
        with told(kustomization.span(*path), state.objects):
            specs = [read_spec(spec, "fields") for spec in entry.get("fields") or ()]
            if entry.get("includeSelectors"):
                specs = merge_all(specs, configuration.common_labels)
            else:
                if entry.get("includeTemplates"):
                    specs = merge_all(specs, configuration.template_labels)
                if entry.get("includeVolumeClaimTemplates"):
                    specs = merge_all(specs, configuration.volume_claim_template_labels)
                merge_one(specs, _METADATA_LABELS)
            add_strings(state.objects, entry.get("pairs") or {}, tuple(specs))
            _touched(state, kustomization.span(*path), "labels", entry.get("pairs") or {})
            done.note("LabelTransformer")
    if kustomization.get("labels") and not kustomization.data.get("commonLabels"):
        with told(kustomization.span("labels"), state.objects):
            done.note("LabelTransformer")  # kustomize makes one for commonLabels too
    for key, specs_of, transformer in (
        ("commonLabels", configuration.common_labels, "LabelTransformer"),
        ("commonAnnotations", configuration.common_annotations, "AnnotationsTransformer"),
    ):
        with told(kustomization.span(key), state.objects):
            if kustomization.data.get(key):
                add_strings(state.objects, kustomization.data[key], specs_of)
                below = "labels" if key == "commonLabels" else "annotations"
                _touched(state, kustomization.span(key), below, kustomization.data[key])
                done.note(transformer)
