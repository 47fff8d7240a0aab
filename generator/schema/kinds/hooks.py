"""Admission webhooks: whom they call, for what, and how long they may take."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from generator.cel import BOOL, CompileError, Environment, ProgramError, compile_expression
from generator.cel.types import DYN
from generator.location import FieldPath
from generator.schema import naming, rules
from generator.schema.kinds.names import BETWEEN_PORTS
from generator.schema.kinds.words import (
    check_selector,
    complaints,
    duplicates,
    listed,
    mapping,
    objects,
    one_of,
    unsupported,
)
from generator.schema.violation import Violation, invalid, required

_OPERATIONS = ("*", "CONNECT", "CREATE", "DELETE", "UPDATE")
_URL_FORM = "; desired format: https://host[/path]"
_VERSION = (1, 36)
_SEEN = (("object", DYN), ("oldObject", DYN), ("request", DYN), ("authorizer", DYN))


def check_webhooks(data: dict[str, Any]) -> Iterator[Violation]:
    """A ValidatingWebhookConfiguration or a MutatingWebhookConfiguration."""
    hooks = list(objects(data.get("webhooks"), ("webhooks",)))
    for path, hook in hooks:
        yield from _hook(hook, path)
    yield from duplicates(((*path, "name"), hook.get("name") or "") for path, hook in hooks)


def _hook(hook: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    name = hook.get("name") or ""
    if not name:
        yield required((*path, "name"))
    else:
        yield from complaints((*path, "name"), name, naming.subdomain(name))
        if name.count(".") < 2:
            detail = "should be a domain with at least three segments separated by dots"
            yield invalid((*path, "name"), name, detail)
    for at, rule in objects(hook.get("rules"), (*path, "rules")):
        yield from _rule(rule, at)
    yield from one_of(hook, "failurePolicy", ("Fail", "Ignore"), path)
    yield from one_of(hook, "matchPolicy", ("Equivalent", "Exact"), path)
    yield from one_of(hook, "reinvocationPolicy", ("IfNeeded", "Never"), path)
    yield from one_of(hook, "sideEffects", ("None", "NoneOnDryRun"), path)
    seconds = hook.get("timeoutSeconds")
    if isinstance(seconds, int) and not 1 <= seconds <= 30:
        detail = "the timeout value must be between 1 and 30 seconds"
        yield invalid((*path, "timeoutSeconds"), seconds, detail)
    for key in ("namespaceSelector", "objectSelector"):
        yield from check_selector(hook.get(key), (*path, key))
    yield from check_client(mapping(hook.get("clientConfig")), (*path, "clientConfig"))
    yield from _versions(hook, (*path, "admissionReviewVersions"))
    yield from _conditions(hook, (*path, "matchConditions"))


def _rule(rule: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    operations = listed(rule.get("operations"))
    if not operations:
        yield required((*path, "operations"))
    if len(operations) > 1 and "*" in operations:
        yield invalid((*path, "operations"), operations, "if '*' is present, must not specify other operations")
    for index, operation in enumerate(operations):
        if operation not in _OPERATIONS:
            yield unsupported((*path, "operations", index), operation or "", _OPERATIONS)
    for key, plural in (("apiGroups", "API groups"), ("apiVersions", "API versions")):
        values = listed(rule.get(key))
        if not values:
            yield required((*path, key))
        if len(values) > 1 and "*" in values:
            yield invalid((*path, key), values, f"if '*' is present, must not specify other {plural}")
    for index, version in enumerate(listed(rule.get("apiVersions"))):
        if not version:
            yield required((*path, "apiVersions", index))
    yield from _resources(listed(rule.get("resources")), (*path, "resources"))
    yield from one_of(rule, "scope", ("*", "Cluster", "Namespaced"), path)


def _resources(resources: list[Any], path: FieldPath) -> Iterator[Violation]:
    """Names of resources and subresources, none of which says what another says already."""
    if not resources:
        yield required(path)
    wide_subresources: set[str] = set()
    wide_resources: set[str] = set()
    plain = False
    for index, name in enumerate(resources):
        if not name:
            yield required((*path, index))
            continue
        resource, slash, subresource = str(name).partition("/")
        if not slash:
            plain = name != "*"
            continue
        if resource in wide_subresources:
            yield invalid((*path, index), name, f"if '{resource}/*' is present, must not specify {name}")
        if subresource in wide_resources:
            yield invalid((*path, index), name, f"if '*/{subresource}' is present, must not specify {name}")
        if subresource == "*":
            wide_subresources.add(resource)
        if resource == "*":
            wide_resources.add(subresource)
    if len(resources) > 1 and "*/*" in resources:
        yield invalid(path, resources, "if '*/*' is present, must not specify other resources")
    if "*" in resources and plain:
        detail = "if '*' is present, must not specify other resources without subresources"
        yield invalid(path, resources, detail)


def check_client(client: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    """How the server reaches a webhook: by a URL, or by a Service."""
    url, service = client.get("url"), client.get("service")
    if (url is None) == (service is None):
        yield required(path, "exactly one of url or service is required")
    elif url is not None:
        yield from _url(str(url), (*path, "url"))
    else:
        yield from _service(mapping(service), (*path, "service"))


def _url(url: str, path: FieldPath) -> Iterator[Violation]:
    try:
        parts = urlsplit(url)
    except ValueError as error:
        yield required(path, f"url must be a valid URL: {error}{_URL_FORM}")
        return
    if parts.scheme != "https":
        yield invalid(path, parts.scheme, f"'https' is the only allowed URL scheme{_URL_FORM}")
    if not parts.netloc.rpartition("@")[2]:
        yield invalid(path, "", f"host must be specified{_URL_FORM}")
    if "@" in parts.netloc:
        yield invalid(path, parts.netloc.rpartition("@")[0], "user information is not permitted in the URL")
    if parts.fragment:
        yield invalid(path, parts.fragment, "fragments are not permitted in the URL")
    if parts.query:
        yield invalid(path, parts.query, "query parameters are not permitted in the URL")


def _service(service: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    for key in ("name", "namespace"):
        if not service.get(key):
            yield required((*path, key))
    port = service.get("port")
    if isinstance(port, int) and not 1 <= port <= 65535:
        yield invalid((*path, "port"), port, f"port is not valid: {BETWEEN_PORTS}")
    where = service.get("path") or ""
    if where in ("", "/"):
        return
    if not where.startswith("/"):
        yield invalid((*path, "path"), where, "must start with a '/'")
    for index, step in enumerate(where[1:].removesuffix("/").split("/")):
        if not step:
            yield invalid((*path, "path"), where, f"segment[{index}] may not be empty")
            continue
        for complaint in naming.subdomain(step):
            yield invalid((*path, "path"), where, f"segment[{index}]: {complaint}")


def _versions(hook: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    versions = listed(hook.get("admissionReviewVersions"))
    if versions:
        yield from check_review_versions(versions, path)
    else:
        yield required(path, "must specify one of v1, v1beta1")


def check_review_versions(versions: Any, path: FieldPath) -> Iterator[Violation]:
    """The versions of reviews that a webhook understands; one at least has to be one that the server sends."""
    found = listed(versions)
    if not found:
        yield required(path)
        return
    for index, version in enumerate(found):
        if version in found[:index]:
            yield invalid((*path, index), version, "duplicate version")
        yield from complaints((*path, index), version or "", naming.dns1035_label(version or ""))
    if not {"v1", "v1beta1"} & set(found):
        yield invalid(path, found, "must include at least one of v1, v1beta1")


def _conditions(hook: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    conditions = list(objects(hook.get("matchConditions"), path))
    if len(conditions) > 64:
        yield Violation(path, f"Too many: {len(conditions)}: must have at most 64 items", "", rules.INVALID)
    for at, condition in conditions:
        name, expression = condition.get("name") or "", str(condition.get("expression") or "").strip()
        if not expression:
            yield required((*at, "expression"))
        else:
            wrong = _wrong(expression)
            if wrong:
                yield invalid((*at, "expression"), expression, wrong)
        if not name:
            yield required((*at, "name"))
        else:
            yield from complaints((*at, "name"), name, naming.label_key(name))
    yield from duplicates(((*at, "name"), condition.get("name") or "") for at, condition in conditions)


def _wrong(expression: str) -> str:
    """Why a condition does not compile; what it may read of a request is not known here by type."""
    try:
        compiled = compile_expression(expression, Environment(_SEEN, (), _VERSION))
    except (CompileError, ProgramError) as error:
        return str(error)
    return "" if compiled.type in (BOOL, DYN) else f"must evaluate to bool but got {compiled.type}"
