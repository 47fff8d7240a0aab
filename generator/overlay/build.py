"""Build a kustomization: what it names, brought together and transformed, in kustomize's order of steps."""

import marshal
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from generator.bounds import Unit, running
from generator.bounds.unit import SECONDS
from generator.files import Door
from generator.finding import Finding
from generator.overlay import rules
from generator.overlay.builtin import generate
from generator.overlay.configuration import EMPTY, defaults, read_configuration
from generator.overlay.crds import configuration_of_crds
from generator.overlay.following import follow
from generator.overlay.generators import absorb, generated, hashed_name
from generator.overlay.kustomization import Kustomization
from generator.overlay.load import Loader, loader_of
from generator.overlay.metadata import add_metadata, note_generator, note_origin
from generator.overlay.openapi import of_crds, of_openapi
from generator.overlay.ordering import sort_objects
from generator.overlay.references import fix_references
from generator.overlay.refusal import RefusalError
from generator.overlay.resource import Resource
from generator.overlay.settings import Settings
from generator.overlay.shapes import Shapes
from generator.overlay.stale import stale_references
from generator.overlay.state import State, each, told
from generator.overlay.steps import transform_all
from generator.overlay.texts import looks_inline, objects_of, parse, read_either
from generator.overlay.variables import bind, merge_variables, read_variable, resolve_variables

_OBJECTS_A_SECOND = 1_000
"""Rendered objects for which a kustomization has a second more; an overlay takes about a quarter of that."""
_BUILT_IN = "v1.21.2"
"""The version of Kubernetes whose schemas kustomize 5.8.2 carries."""
_LOCAL = "config.kubernetes.io/local-config"


def build(folder: Path, shown: str, settings: Settings, door: Door | None = None) -> State:
    """Everything a folder's kustomization gives, finished; `door` is the way to all files of it. Raises Halt."""
    loader = loader_of(folder, shown, door, lenient=settings.compat, anywhere=settings.anywhere)
    kustomization = loader.kustomization()
    state = State(settings, noted=tuple(kustomization.get("buildMetadata")), read=loader.read)
    _use_openapi(state, kustomization, loader)
    _apply(state, kustomization, loader)
    return state


def apply_over(
    base: Iterable[dict[str, Any]], folder: Path, shown: str, settings: Settings, door: Door | None = None
) -> State:
    """A folder's kustomization (or component) over objects that are there already. Raises Halt."""
    loader = loader_of(folder, shown, door, lenient=settings.compat, anywhere=settings.anywhere)
    kustomization = loader.kustomization()
    state = State(settings, noted=tuple(kustomization.get("buildMetadata")), read=loader.read)
    _use_openapi(state, kustomization, loader)
    with told(kustomization.span()):
        state.given = [Resource(data, state.scope) for data in base]
        state.objects.extend(state.given)
    _apply(state, kustomization, loader)
    return state


def _apply(state: State, kustomization: Kustomization, loader: Loader) -> None:
    """A whole kustomization: one unit of work, with all that it names; files have their own time to be read.

    Laid over many rendered objects it has more time: those are as many as the spec says.
    """
    at = kustomization.span()
    seconds = SECONDS + len(state.given) // _OBJECTS_A_SECOND
    with running(Unit(f"building {at.file}", at, lasting=True, seconds=seconds)):
        _accumulate(state, kustomization, loader)
        finish(state, kustomization)


def _use_openapi(state: State, kustomization: Kustomization, loader: Loader) -> None:
    """Take up the schemas a kustomization names. Raises Halt."""
    with told(kustomization.span("openapi")):
        state.settings = _with_openapi(kustomization, loader, state.settings)


def _with_openapi(kustomization: Kustomization, loader: Loader, settings: Settings) -> Settings:
    """The settings with the schemas that a kustomization names. Raises RefusalError.

    As in kustomize, the first kustomization that names any decides, the outermost before those below it.
    """
    openapi = kustomization.data.get("openapi") or {}
    path, version = openapi.get("path"), openapi.get("version")
    if not path and not version:
        return settings
    if path and version:
        raise RefusalError(rules.CONFIGURATION, "openapi has both a path and a version", "remove the version")
    if version and version != _BUILT_IN:
        hint = f"remove it, or write {_BUILT_IN}: kustomize has no other"
        raise RefusalError(rules.CONFIGURATION, f'openapi version "{version}" is not built in', hint)
    if settings.openapi:
        return settings
    if not path:
        return replace(settings, openapi=str(version))
    found = parse(loader.text(path), loader.show(path))
    shapes = of_openapi(found[0] if found else None, loader.show(path), compat=settings.compat)
    if settings.compat:
        # A custom schema replaces the built-in ones, as in kustomize; the built-in scopes of kinds are kept.
        shapes = Shapes(shapes.kinds, shapes.types, {**shapes.scopes, **settings.shapes.scopes})
        return replace(settings, shapes=shapes, openapi=path)
    return replace(settings, shapes=settings.shapes.with_more(shapes), openapi=path)


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
        state.findings += [*kustomization.document.remarks, *_deprecated(kustomization)]
    for path, name in each(kustomization, "resources"):
        with told(kustomization.span(*path), state.objects):
            for one in loader.expand(name):
                _resource(state, one, loader)
    _configure(state, kustomization, loader)
    _generate(state, kustomization, loader)
    for path, name in each(kustomization, "components"):
        with told(kustomization.span(*path), state.objects):
            if not loader.is_folder(name):
                raise RefusalError(rules.MISSING, f'"{name}" is not a folder', "name a folder that holds a component")
            inner = loader.folder(name)
            component = inner.kustomization()
            if not component.component:
                raise RefusalError(rules.KIND, f'"{name}" is a Kustomization', "name it under resources")
            _use_openapi(state, component, inner)
            _accumulate(state, component, inner)
    transform_all(state, kustomization, loader, _configs)
    with told(kustomization.span("vars"), state.objects):
        variables = [read_variable(entry) for _, entry in each(kustomization, "vars")]
        bind(variables, state.objects)
        state.variables = merge_variables(state.variables, variables)


def _resource(state: State, name: str, loader: Loader) -> None:
    """A file of objects, or another kustomization. Raises RefusalError, Halt."""
    if loader.is_folder(name):
        inner = loader.folder(name)
        base = inner.kustomization()
        if base.component:
            raise RefusalError(rules.KIND, f'"{name}" is a Component', "name it under components")
        _use_openapi(state, base, inner)
        below = State(state.settings, noted=state.noted)
        _accumulate(below, base, inner)
        if not state.settings.openapi and below.settings.openapi:
            state.settings = below.settings
        state.objects.extend(below.objects)
        state.objects.seen |= below.objects.seen
        state.configuration = state.configuration.merge(below.configuration)
        state.variables = merge_variables(state.variables, below.variables)
        state.findings += below.findings
        return
    for document, data in objects_of(loader.documents(name)):
        resource = Resource(data, state.scope, source=document, first=marshal.dumps(data))
        if state.noted:
            note_origin(resource, loader, name)
        state.objects.append(resource)


def _configure(state: State, kustomization: Kustomization, loader: Loader) -> None:
    configuration = defaults()
    paths = kustomization.get("configurations")
    if paths:
        configuration = EMPTY
    for path, name in each(kustomization, "configurations"):
        with told(kustomization.span(*path), state.objects):
            for data in parse(loader.text(name), loader.show(name)):
                configuration = configuration.merge(read_configuration(data))
    with told(kustomization.span("configurations")):
        configuration = defaults().merge(configuration) if paths else configuration
    for path, name in each(kustomization, "crds"):
        with told(kustomization.span(*path), state.objects):
            for data in parse(loader.text(name), loader.show(name)):
                configuration = configuration.merge(configuration_of_crds(data))
    with told(kustomization.span("configurations")):
        state.configuration = state.configuration.merge(configuration)
    crds = [one.body for one in state.objects if one.kind == "CustomResourceDefinition"]
    if crds and not state.settings.compat:
        state.settings = replace(state.settings, shapes=state.settings.shapes.with_more(of_crds(crds)))


def _generate(state: State, kustomization: Kustomization, loader: Loader) -> None:
    options = kustomization.data.get("generatorOptions") or {}
    for key, kind in (("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")):
        for path, entry in each(kustomization, key):
            with told(kustomization.span(*path), state.objects):
                made = generated(kind, entry, options, loader, state.scope)
                if state.noted:
                    by = {"apiVersion": "builtin", "kind": f"{kind}Generator"}
                    note_generator(made, loader, kustomization.name, by)
                absorb(state.objects, made)
    for path, entry in each(kustomization, "generators"):
        with told(kustomization.span(*path), state.objects):
            for config in _configs(entry, loader, state):
                made = generate(config, loader, state.scope)
                if state.noted:
                    note_generator(made, loader, kustomization.name if looks_inline(entry) else entry, config)
                absorb(state.objects, made)


def _configs(entry: str, loader: Loader, state: State) -> list[dict[str, Any]]:
    """Configurations of generators or transformers: inline, a file, or a folder with a kustomization."""
    if not looks_inline(entry) and loader.is_folder(entry):
        inner = loader.folder(entry)
        below = State(state.settings)
        _accumulate(below, inner.kustomization(), inner)
        return [one.body for one in below.objects]
    found, _ = read_either(entry, loader)
    return [data for _, data in objects_of(found)]


def finish(state: State, kustomization: Kustomization) -> None:
    """What is done once, at the top: hashes, references, variables, order. Raises Halt."""
    objects = state.objects
    with told(kustomization.span(), state.objects):
        for resource in objects:
            if resource.needs_hash and not resource.gone:
                resource.remember()
                resource.own_metadata()["name"] = f"{resource.name}-{hashed_name(resource.body)}"
        for resource in objects if state.settings.compat else ():
            if resource.metadata.get("annotations"):
                resource.set_strings("annotations", resource.strings("annotations"))
        objects.changed()
        decided = follow(objects) if not state.settings.compat else frozenset[tuple[int, str | int]]()
        fix_references(objects, state.configuration.name_reference, compat=state.settings.compat, decided=decided)
    with told(kustomization.span("vars"), state.objects):
        resolve_variables(objects, state.variables, state.configuration.var_reference)
    with told(kustomization.span("sortOptions"), state.objects):
        kept = [one for one in objects if not one.gone and one.strings("annotations").get(_LOCAL, "false") == "false"]
        objects.resources = sort_objects(kept, kustomization.data.get("sortOptions"), compat=state.settings.compat)
        objects.changed()
        state.findings += stale_references(objects, kustomization.span(), compat=state.settings.compat)
        add_metadata(objects, state.noted)
