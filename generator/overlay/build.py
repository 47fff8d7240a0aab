"""Build a kustomization: what it names, brought together and transformed, in kustomize's order of steps."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from generator.finding import Finding
from generator.location import FieldPath, Span
from generator.overlay import rules
from generator.overlay.builtin import generate, transform
from generator.overlay.configuration import EMPTY, Configuration, defaults, read_configuration, read_spec
from generator.overlay.crds import configuration_of_crds
from generator.overlay.fieldspec import FieldSpec, merge_all, merge_one
from generator.overlay.generators import absorb, generated, hashed_name
from generator.overlay.kustomization import Kustomization
from generator.overlay.load import Loader, loader_of
from generator.overlay.metadata import add_metadata, note_transformation, origin_of
from generator.overlay.ordering import sort_objects
from generator.overlay.patches import apply_patch, read_patch
from generator.overlay.references import fix_references
from generator.overlay.refusal import RefusalError
from generator.overlay.replacements import replace as replace_values
from generator.overlay.resmap import ResMap
from generator.overlay.resource import Gvk, Resource, scalar_text
from generator.overlay.settings import Settings
from generator.overlay.shapes import Shapes, compact, of_crds
from generator.overlay.texts import documents, looks_inline, objects_of, parse, read_either
from generator.overlay.touched import Touch
from generator.overlay.transformers import add_strings, rename, set_image, set_namespace, set_replicas
from generator.overlay.variables import Variable, bind, merge_variables, read_variable, resolve_variables
from generator.source import Document, inline

_LOCAL = "config.kubernetes.io/local-config"
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


@dataclass(slots=True)
class State:
    """What a build has so far: objects, field specs, variables; `findings` are what is told besides.

    `given` are the objects it began with, in their order.
    """

    settings: Settings
    objects: ResMap = field(default_factory=ResMap)
    configuration: Configuration = EMPTY
    variables: list[Variable] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    noted: tuple[str, ...] = ()
    given: list[Resource] = field(default_factory=list)

    def scope(self, gvk: Gvk) -> bool:
        """Whether a kind is known to live outside namespaces."""
        namespaced = self.settings.shapes.scopes.get(f"{gvk.api_version}/{gvk.kind}")
        return namespaced is False


def build(folder: Path, shown: str, settings: Settings) -> State:
    """Everything a folder's kustomization gives, finished. Raises Halt."""
    loader = loader_of(folder, shown, lenient=settings.compat)
    kustomization = loader.kustomization()
    with _told(kustomization.span()):
        settings = _with_openapi(kustomization, loader, settings)
    state = State(settings, noted=tuple(kustomization.get("buildMetadata")))
    _accumulate(state, kustomization, loader)
    finish(state, kustomization)
    return state


def apply_over(base: Iterable[dict[str, Any]], folder: Path, shown: str, settings: Settings) -> State:
    """A folder's kustomization (or component) over objects that are there already. Raises Halt."""
    loader = loader_of(folder, shown, lenient=settings.compat)
    kustomization = loader.kustomization()
    with _told(kustomization.span()):
        settings = _with_openapi(kustomization, loader, settings)
    state = State(settings, noted=tuple(kustomization.get("buildMetadata")))
    with _told(kustomization.span()):
        state.given = [Resource(data, state.scope) for data in base]
        state.objects.extend(state.given)
    _accumulate(state, kustomization, loader)
    finish(state, kustomization)
    return state


def _with_openapi(kustomization: Kustomization, loader: Loader, settings: Settings) -> Settings:
    path = (kustomization.data.get("openapi") or {}).get("path")
    if not path:
        return settings
    found = parse(loader.text(path), loader.show(path))
    definitions = found[0].get("definitions") if found and isinstance(found[0], dict) else None
    if not isinstance(definitions, dict):
        raise RefusalError(rules.CONFIGURATION, f'"{path}" has no definitions', "name an OpenAPI document")
    kinds, types = compact(definitions, server_side=False)
    # A schema of one's own stands in for the built-in ones, as kustomize has it.
    shapes = Shapes(kinds, types, settings.shapes.scopes)
    return replace(settings, shapes=shapes if settings.compat else settings.shapes.with_more(shapes))


@contextmanager
def _told(at: Span) -> Iterator[None]:
    """What a step refuses, as a finding at the place that asked for it."""
    try:
        yield
    except RefusalError as error:
        raise error.halt(at) from None


def _each(kustomization: Kustomization, key: str) -> Iterator[tuple[FieldPath, Any]]:
    for index, item in enumerate(kustomization.get(key)):
        if item is not None:
            yield (key, index), item


_SUCCESSORS = {
    "bases": "resources",
    "imageTags": "images",
    "commonLabels": "labels",
    "patchesStrategicMerge": "patches",
    "patchesJson6902": "patches",
    "vars": "replacements",
}


def _deprecated(kustomization: Kustomization) -> Iterator[Finding]:
    for key, successor in _SUCCESSORS.items():
        if kustomization.document.data.get(key):
            at = kustomization.document.span((key,), key=True)
            message = f'"{key}" is deprecated'
            yield Finding(rule=rules.DEPRECATED, message=message, at=at, hint=f'use "{successor}"')


def _accumulate(state: State, kustomization: Kustomization, loader: Loader) -> None:
    """One kustomization onto the state. Raises Halt."""
    if not state.settings.compat:
        state.findings += _deprecated(kustomization)
    for path, name in _each(kustomization, "resources"):
        with _told(kustomization.span(*path)):
            for one in loader.expand(name):
                _resource(state, one, loader)
    _configure(state, kustomization, loader)
    _generate(state, kustomization, loader)
    for path, name in _each(kustomization, "components"):
        with _told(kustomization.span(*path)):
            if not loader.is_folder(name):
                raise RefusalError(rules.MISSING, f'"{name}" is no folder', "a component is a folder")
            inner = loader.folder(name)
            component = inner.kustomization()
            if not component.component:
                raise RefusalError(rules.KIND, f'"{name}" is a Kustomization', "name it under resources")
            _accumulate(state, component, inner)
    _transform(state, kustomization, loader)
    with _told(kustomization.span("vars")):
        variables = [read_variable(entry) for entry in kustomization.get("vars")]
        bind(variables, state.objects)
        state.variables = merge_variables(state.variables, variables)


def _resource(state: State, name: str, loader: Loader) -> None:
    """A file of objects, or another kustomization. Raises RefusalError, Halt."""
    if loader.is_folder(name):
        inner = loader.folder(name)
        base = inner.kustomization()
        if base.component:
            raise RefusalError(rules.KIND, f'"{name}" is a Component', "name it under components")
        below = State(state.settings, noted=state.noted)
        _accumulate(below, base, inner)
        state.objects.extend(below.objects)
        state.configuration = state.configuration.merge(below.configuration)
        state.variables = merge_variables(state.variables, below.variables)
        state.findings += below.findings
        return
    for document, data in objects_of(loader.documents(name)):
        resource = Resource(data, state.scope, source=document)
        if "originAnnotations" in state.noted:
            resource.origin = origin_of(loader, name)
        state.objects.append(resource)


def _configure(state: State, kustomization: Kustomization, loader: Loader) -> None:
    configuration = defaults()
    paths = kustomization.get("configurations")
    if paths:
        configuration = EMPTY
    for path, name in _each(kustomization, "configurations"):
        with _told(kustomization.span(*path)):
            for data in parse(loader.text(name), loader.show(name)):
                configuration = configuration.merge(read_configuration(data, strict=not state.settings.compat))
    if paths:
        configuration = defaults().merge(configuration)
    with _told(kustomization.span("crds")):
        for name in kustomization.get("crds"):
            for data in parse(loader.text(name), loader.show(name)):
                configuration = configuration.merge(configuration_of_crds(data))
    state.configuration = state.configuration.merge(configuration)
    crds = [one.body for one in state.objects if one.kind == "CustomResourceDefinition"]
    if crds and not state.settings.compat:
        state.settings = replace(state.settings, shapes=state.settings.shapes.with_more(of_crds(crds)))


def _generate(state: State, kustomization: Kustomization, loader: Loader) -> None:
    options = kustomization.data.get("generatorOptions") or {}
    for key, kind in (("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")):
        for path, entry in _each(kustomization, key):
            with _told(kustomization.span(*path)):
                made = generated(kind, entry, options, loader, state.scope)
                if "originAnnotations" in state.noted:
                    made.origin = origin_of(loader, kustomization.document.file.rpartition("/")[2], f"{kind}Generator")
                absorb(state.objects, made)
    for path, entry in _each(kustomization, "generators"):
        with _told(kustomization.span(*path)):
            for config in _configs(entry, loader, state):
                absorb(state.objects, generate(config, loader, state.scope))


def _configs(entry: str, loader: Loader, state: State) -> list[dict[str, Any]]:
    """Configurations of generators or transformers: inline, a file, or a folder with a kustomization."""
    if not looks_inline(entry) and loader.is_folder(entry):
        inner = loader.folder(entry)
        below = State(state.settings)
        _accumulate(below, inner.kustomization(), inner)
        return [one.body for one in below.objects]
    found, _ = read_either(entry, loader)
    return [data for _, data in objects_of(found)]


def _transform(state: State, kustomization: Kustomization, loader: Loader) -> None:
    """The transformers of a kustomization, in kustomize's order. Raises Halt."""
    data, objects, configuration = kustomization.data, state.objects, state.configuration
    done = _Done(state, loader)
    _patches(state, kustomization, loader, done, ("patchesStrategicMerge", "patches"))
    with _told(kustomization.span("namespace")):
        if data.get("namespace"):
            pin = not state.settings.compat
            stayed = set_namespace(objects, data["namespace"], configuration.namespace, pin=pin)
            state.findings += [_pinned(one, kustomization, data["namespace"]) for one in stayed]
            done.note("NamespaceTransformer")
    for key, transformer in (("namePrefix", "PrefixTransformer"), ("nameSuffix", "SuffixTransformer")):
        with _told(kustomization.span(key)):
            if data.get(key):
                if key == "namePrefix":
                    rename(objects, prefix=data[key], suffix="", specs=configuration.name_prefix)
                else:
                    rename(objects, prefix="", suffix=data[key], specs=configuration.name_suffix)
                done.note(transformer)
    _labels(state, kustomization, done)
    _patches(state, kustomization, loader, done, ("patchesJson6902",))
    for path, entry in _each(kustomization, "replicas"):
        with _told(kustomization.span(*path)):
            set_replicas(objects, str(entry.get("name") or ""), int(entry.get("count") or 0), configuration.replicas)
            done.note("ReplicaCountTransformer")
    images = configuration.images if state.settings.compat else (*configuration.images, *_CONTAINER_DISKS)
    for path, entry in _each(kustomization, "images"):
        with _told(kustomization.span(*path)):
            places = set_image(objects, entry, images, Touch(kustomization.span(*path), below="image"))
            if not places and not state.settings.compat:
                state.findings.append(_no_image(entry, kustomization.span(*path)))
            done.note("ImageTagTransformer")
    for path, entry in _each(kustomization, "replacements"):
        with _told(kustomization.span(*path)):
            for one in _replacements(entry, loader):
                replace_values(objects, one)
            objects.changed()
            done.note("ReplacementTransformer")
    for path, entry in _each(kustomization, "transformers"):
        with _told(kustomization.span(*path)):
            for config in _configs(entry, loader, state):
                transform(config, objects, loader, state.settings)
                done.note(str(config.get("kind")))
    objects.drop_gone()


@dataclass(frozen=True, slots=True)
class _Done:
    """Writes down which transformer was there, where that is asked for."""

    state: State
    loader: Loader

    def note(self, transformer: str) -> None:
        if "transformerAnnotations" in self.state.noted:
            for resource in self.state.objects:
                note_transformation(resource, self.loader, transformer)


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
    hint = "write the name as it stands in the base, without its tag"
    return Finding(rule=rules.NO_MATCH, message=message, at=at, hint=hint)


def _replacements(entry: Mapping[str, Any], loader: Loader) -> list[Mapping[str, Any]]:
    path = entry.get("path")
    if not path:
        return [entry]
    if entry.get("source") or entry.get("targets"):
        raise RefusalError(rules.REPLACEMENT, "a path beside source or targets", "write one of the two")
    found = parse(loader.text(path), loader.show(path))
    out: list[Mapping[str, Any]] = []
    for data in found:
        out += data if isinstance(data, list) else (data.get("replacements") or [data])
    return out


def _patches(state: State, kustomization: Kustomization, loader: Loader, done: _Done, keys: Sequence[str]) -> None:
    for key in keys:
        for path, entry in _each(kustomization, key):
            at = kustomization.span(*path)
            with _told(at):
                about: Mapping[str, Any] = {} if isinstance(entry, str) else entry
                found = _named_or_inline(entry, loader) if isinstance(entry, str) else _documents(entry, loader)
                if isinstance(entry, Mapping) and entry.get("patch"):
                    outer = kustomization.document
                    found = [inline(document, outer, (*path, "patch")) for document in found]
                patch = read_patch(found, about, found[0].span() if found else at)
                apply_patch(state.objects, patch, state.settings)
                done.note("PatchTransformer" if key == "patches" else f"P{key[1:].replace('patches', 'atch')}")


def _named_or_inline(entry: str, loader: Loader) -> list[Document]:
    found, shown = read_either(entry, loader)
    if not [document for document in found if document.data]:
        raise RefusalError(rules.PATCH, f'"{shown}" is empty', "write the patch, or remove the entry")
    return found


def _documents(entry: Mapping[str, Any], loader: Loader) -> list[Document]:
    path, text = entry.get("path"), entry.get("patch")
    if bool(path) == bool(text):
        raise RefusalError(rules.PATCH, "an entry of patches has one of path and patch", "write one of the two")
    if path:
        return documents(loader.text(path), loader.show(path))
    return documents(str(text), loader.show("inline"))


def _labels(state: State, kustomization: Kustomization, done: _Done) -> None:
    configuration = state.configuration
    for path, entry in _each(kustomization, "labels"):
        with _told(kustomization.span(*path)):
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
    for key, specs_of, transformer in (
        ("commonLabels", configuration.common_labels, "LabelTransformer"),
        ("commonAnnotations", configuration.common_annotations, "AnnotationsTransformer"),
    ):
        with _told(kustomization.span(key)):
            if kustomization.data.get(key):
                add_strings(state.objects, kustomization.data[key], specs_of)
                below = "labels" if key == "commonLabels" else "annotations"
                _touched(state, kustomization.span(key), below, kustomization.data[key])
                done.note(transformer)


def finish(state: State, kustomization: Kustomization) -> None:
    """What is done once, at the top: hashes, references, variables, order. Raises Halt."""
    objects = state.objects
    with _told(kustomization.span()):
        for resource in objects:
            if resource.needs_hash and not resource.gone:
                resource.remember()
                resource.own_metadata()["name"] = f"{resource.name}-{hashed_name(resource.body)}"
        for resource in objects if state.settings.compat else ():
            if resource.metadata.get("annotations"):
                resource.set_strings("annotations", resource.strings("annotations"))
        objects.changed()
        fix_references(objects, state.configuration.name_reference, compat=state.settings.compat)
        resolve_variables(objects, state.variables, state.configuration.var_reference)
        kept = [one for one in objects if not one.gone and one.strings("annotations").get(_LOCAL, "false") == "false"]
        objects.resources = sort_objects(kept, kustomization.data.get("sortOptions"))
        objects.changed()
        add_metadata(objects, state.noted)
