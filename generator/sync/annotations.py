"""Annotations of Argo CD: which there are, where they mean something, and what their values may be.

Read in Argo CD 3.5.7: docs/user-guide/{annotations-and-labels,sync-options,compare-options,sync-waves}.md,
common/common.go, gitops-engine pkg/sync/common/types.go and pkg/sync/hook. Argo CD itself says nothing of a name or a
value it does not know: it does as if the annotation were not there.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from generator.digits import whole
from generator.finding import Remark, Rule, did_you_mean
from generator.location import FieldPath
from generator.sync import rules

PREFIX = "argocd.argoproj.io/"
WAVE, OPTIONS, HOOK = f"{PREFIX}sync-wave", f"{PREFIX}sync-options", f"{PREFIX}hook"
_HOOK_DELETE = f"{PREFIX}hook-delete-policy"
_FAMILIES = (PREFIX, f"link.{PREFIX}", f"notice.{PREFIX}", f"pref.{PREFIX}")

_HOOKS = ("PreSync", "Sync", "Skip", "PostSync", "SyncFail", "PreDelete", "PostDelete")
_DELETE_POLICIES = ("HookSucceeded", "HookFailed", "BeforeHookCreation")
_OBJECT_OPTIONS = {
    "Prune": ("false", "confirm", "true"),
    "Delete": ("false", "confirm", "true"),
    "Validate": ("false", "true"),
    "PruneLast": ("true", "false"),
    "Replace": ("true", "false"),
    "Force": ("true", "false"),
    "ServerSideApply": ("true", "false"),
    "SkipDryRunOnMissingResource": ("true", "false"),
}
_APPLICATION_OPTIONS = {
    **_OBJECT_OPTIONS,
    "CreateNamespace": ("true", "false"),
    "ApplyOutOfSyncOnly": ("true", "false"),
    "FailOnSharedResource": ("true", "false"),
    "RespectIgnoreDifferences": ("true", "false"),
    "ClientSideApplyMigration": ("true", "false"),
    "PrunePropagationPolicy": ("foreground", "background", "orphan"),
}
_COMPARE = ("IgnoreExtraneous",)
_APPLICATION_COMPARE = ("ServerSideDiff=true", "ServerSideDiff=false", "IncludeMutationWebhook=true")
_WAVE_FORM = re.compile(r"[+-]?[0-9]+")
_WAVE_LIMIT = 2**63


Told = Iterator[tuple[Rule, str, str]]
Check = Callable[[str, str, bool], Told]
"""What is wrong with a value: takes the annotation's name, the value, and whether it stands on an Application."""


def parts(value: str) -> list[str]:
    """The entries of a value with commas, as Argo CD reads it: without blanks around, none empty, none twice."""
    return list(dict.fromkeys(part for raw in value.split(",") if (part := raw.strip())))


def wave_of(text: str) -> int | None:
    """A wave as Argo CD reads it, None for what it takes for no wave at all."""
    if not _WAVE_FORM.fullmatch(text):
        return None
    number = whole(text)
    return number if -_WAVE_LIMIT <= number < _WAVE_LIMIT else None


def _wave(name: str, value: str, application: bool) -> Told:
    del application
    if wave_of(value) is None:
        message = f'{name} is "{value}", which Argo CD reads as wave 0'
        yield rules.VALUE, message, 'write a whole number in quotes, "-5" for one'


def _hook(name: str, value: str, application: bool) -> Told:
    del application
    yield from _words(name, value, _HOOKS, "it runs in no phase")
    found = parts(value)
    if "Skip" in found and len(found) > 1:
        yield rules.VALUE, f'{name} is "{value}": Skip beside a phase skips nothing', "write Skip alone, or take it out"


def _delete_policy(name: str, value: str, application: bool) -> Told:
    del application
    yield from _words(name, value, _DELETE_POLICIES, "the hook is kept until the next sync")


def _words(name: str, value: str, known: tuple[str, ...], otherwise: str) -> Told:
    found = parts(value)
    if not found:
        yield rules.VALUE, f"{name} is empty: {otherwise}", f"one or more of {', '.join(known)}"
    for word in found:
        if word not in known:
            message = f'"{word}" in {name} is none of Argo CD\'s: {otherwise}'
            yield rules.VALUE, message, did_you_mean(word, known)


def _options(name: str, value: str, application: bool) -> Told:
    given: dict[str, str] = {}
    if not parts(value):
        yield rules.VALUE, f"{name} is empty", "name an option, or remove the annotation"
    for part in parts(value):
        key, _, setting = part.partition("=")
        yield from option_problems(part, name, application=application)
        if given.setdefault(key, setting) != setting:
            yield rules.VALUE, f"{name} says {key}={given[key]} and {key}={setting}", "keep one"
    if given.get("Replace") == "true" and given.get("ServerSideApply") == "true":
        message = f"{name} asks for Replace and ServerSideApply: the object is replaced"
        yield rules.VALUE, message, "keep one"


def option_problems(option: str, where: str, *, application: bool) -> Told:
    """What is wrong with one sync option, `Name=value`, of an object or of an Application."""
    key, _, setting = option.partition("=")
    known = _APPLICATION_OPTIONS if application else _OBJECT_OPTIONS
    if key in known:
        if setting not in known[key]:
            message = f'"{option}" in {where} does nothing: {key} takes {", ".join(known[key])}'
            yield rules.VALUE, message, did_you_mean(setting, known[key])
    elif key in _APPLICATION_OPTIONS:
        message = f"{key} in {where} does nothing on an object: it is an option of Applications"
        yield rules.NO_EFFECT, message, "write it under spec.syncPolicy.syncOptions of the Application"
    else:
        yield rules.UNKNOWN, f'"{option}" in {where} is no sync option of Argo CD', did_you_mean(key, known)


def _compare(name: str, value: str, application: bool) -> Told:
    known = (*_COMPARE, *_APPLICATION_COMPARE)
    for word in parts(value):
        if word not in known:
            yield rules.UNKNOWN, f'"{word}" in {name} is no compare option of Argo CD', did_you_mean(word, known)
        elif (word in _APPLICATION_COMPARE) is not application and word not in _COMPARE:
            message = f"{word} in {name} does nothing on an object: Argo CD reads it from the Application"
            yield rules.NO_EFFECT, message, "write the annotation on the Application"


def _one_of(*known: str) -> Check:
    def check(name: str, value: str, application: bool) -> Told:
        del application
        if value not in known:
            message = f'{name} is "{value}", which does nothing'
            yield rules.VALUE, message, f"one of {', '.join(known)}" if len(known) > 1 else f'write "{known[0]}"'

    return check


def _url(name: str, value: str, application: bool) -> Told:
    del application
    address = value.rpartition("|")[2]  # a link may have a title before its address
    if not re.match(r"https?://[^\s/]", address):
        yield rules.VALUE, f'{name} is "{value}", which is no address', "begin with https://"


def _paths(name: str, value: str, application: bool) -> Told:
    del application
    if not any(path.strip() for path in value.split(";")):
        yield rules.VALUE, f"{name} is empty: every commit refreshes the application", "name paths, with ; between"
    elif "," in value:
        yield rules.VALUE, f'{name} is "{value}": paths are divided by ;', "write ; between paths"


def _text(name: str, value: str, application: bool) -> Told:
    del application
    if not value.strip():
        yield rules.VALUE, f"{name} is empty", "give it a value, or remove the annotation"


@dataclass(frozen=True, slots=True)
class _Known:
    """One annotation: what checks its value, the kinds it means something on (none: all), whether Argo CD writes it."""

    check: Check = _text
    kinds: tuple[str, ...] = ()
    owned: bool = False


_APPLICATION = ("Application",)
_KNOWN: Mapping[str, _Known] = {
    WAVE: _Known(_wave),
    OPTIONS: _Known(_options),
    HOOK: _Known(_hook),
    _HOOK_DELETE: _Known(_delete_policy),
    f"{PREFIX}compare-options": _Known(_compare),
    f"{PREFIX}ignore-default-links": _Known(_one_of("true", "false")),
    f"{PREFIX}ignore-resource-updates": _Known(_one_of("true", "false")),
    f"{PREFIX}ignore-healthcheck": _Known(_one_of("true", "false")),
    f"{PREFIX}manifest-generate-paths": _Known(_paths, _APPLICATION),
    f"{PREFIX}managed-by-url": _Known(_url, _APPLICATION),
    f"{PREFIX}skip-reconcile": _Known(_one_of("true", "false"), ("Application", "Secret")),
    f"{PREFIX}client-side-apply-migration-manager": _Known(kinds=_APPLICATION),
    f"notice.{PREFIX}content": _Known(kinds=_APPLICATION),
    f"notice.{PREFIX}severity": _Known(_one_of("info", "warning", "critical"), _APPLICATION),
    f"notice.{PREFIX}url": _Known(_url, _APPLICATION),
    f"notice.{PREFIX}permanent": _Known(_one_of("true", "false"), _APPLICATION),
    f"notice.{PREFIX}icon": _Known(kinds=_APPLICATION),
    f"notice.{PREFIX}scope": _Known(_one_of("banner", "icon", "both"), _APPLICATION),
    f"pref.{PREFIX}default-pod-sort": _Known(kinds=_APPLICATION),
    f"pref.{PREFIX}default-view": _Known(kinds=_APPLICATION),
    **{
        f"{PREFIX}{name}": _Known(owned=True)
        for name in (
            *("tracking-id", "installation-id", "refresh", "hydrate", "application-set-refresh"),
            *("deletion-approved", "instance"),
        )
    },
}
_APPLICATIONS = frozenset({"Application", "ApplicationSet"})


@lru_cache(maxsize=4096)
def _of_one(name: str, value: str, kind: str) -> tuple[tuple[Rule, str, str], ...]:
    """What is wrong with one annotation of a kind; the same few stand on thousands of objects."""
    known = _KNOWN.get(name)
    if known is None:
        if name.startswith(f"link.{PREFIX}") and name != f"link.{PREFIX}":
            return tuple(_url(name, value, False))
        hint = did_you_mean(name, _KNOWN)
        return ((rules.UNKNOWN, f'Argo CD has no annotation "{name}"', hint if "did" in hint else "remove it"),)
    if known.owned:
        message = f"{name} is written by Argo CD alone; from Git it would say what is not so"
        return ((rules.OWNED, message, "remove it"),)
    if known.kinds and kind not in known.kinds:
        message = f"{name} does nothing on a {kind}: Argo CD reads it on {' and '.join(known.kinds)}"
        return ((rules.NO_EFFECT, message, "remove it"),)
    return tuple(known.check(name, value, kind == "Application"))


def annotation_remarks(data: Mapping[str, Any]) -> Iterator[Remark]:
    """What is wrong with Argo CD's annotations on one object, and with the sync options of its Applications."""
    kind = str(data.get("kind") or "")
    yield from _of_metadata(data.get("metadata"), kind, ("metadata",))
    if kind not in _APPLICATIONS or not str(data.get("apiVersion") or "").startswith("argoproj.io/"):
        return
    base: FieldPath = ("spec",)
    holder = data.get("spec")
    if kind == "ApplicationSet":
        template = holder.get("template") if isinstance(holder, Mapping) else None
        if not isinstance(template, Mapping):
            return
        yield from _of_metadata(template.get("metadata"), "Application", ("spec", "template", "metadata"))
        base, holder = ("spec", "template", "spec"), template.get("spec")
    policy = holder.get("syncPolicy") if isinstance(holder, Mapping) else None
    options = policy.get("syncOptions") if isinstance(policy, Mapping) else None
    for index, option in enumerate(options if isinstance(options, list) else []):
        if isinstance(option, str) and "{{" not in option:
            path = (*base, "syncPolicy", "syncOptions", index)
            for rule, message, hint in option_problems(option, "syncOptions", application=True):
                yield Remark(rule, message, hint, path)


def _of_metadata(metadata: object, kind: str, path: FieldPath) -> Iterator[Remark]:
    if not isinstance(metadata, Mapping):
        return
    annotations, labels = metadata.get("annotations"), metadata.get("labels")
    if isinstance(labels, Mapping) and f"{PREFIX}instance" in labels:
        message = f"label {PREFIX}instance is written by Argo CD alone; from Git it would name another application"
        yield Remark(rules.OWNED, message, "remove it", (*path, "labels", f"{PREFIX}instance"))
    if not isinstance(annotations, Mapping):
        return
    for name, value in annotations.items():
        if isinstance(name, str) and isinstance(value, str) and name.startswith(_FAMILIES) and "{{" not in value:
            for rule, message, hint in _of_one(name, value, kind):
                yield Remark(rule, message, hint, (*path, "annotations", name))
    if _HOOK_DELETE in annotations and HOOK not in annotations and "helm.sh/hook" not in annotations:
        message = f"{_HOOK_DELETE} does nothing on an object that is no hook"
        yield Remark(rules.NO_EFFECT, message, f"add {HOOK}, or remove it", (*path, "annotations", _HOOK_DELETE))
