"""The spec of a pod, of its own or in a template (K8s: core/validation, ValidatePodSpec)."""

from collections.abc import Iterator
from typing import Any

from generator.location import FieldPath
from generator.schema import naming
from generator.schema.kinds.addresses import check_ip
from generator.schema.kinds.affinity import check_affinity, check_spread, check_tolerations
from generator.schema.kinds.annotations import check_pod_annotations
from generator.schema.kinds.containers import check_containers
from generator.schema.kinds.names import search_domain
from generator.schema.kinds.podresources import check_pod_resources
from generator.schema.kinds.resources import check_amount, check_container_resource
from generator.schema.kinds.security import check_pod_security
from generator.schema.kinds.systems import check_system
from generator.schema.kinds.volumes import check_volumes
from generator.schema.kinds.words import (
    check_labels,
    complaints,
    duplicate,
    forbidden,
    listed,
    mapping,
    not_found,
    objects,
    texts,
    unsupported,
)
from generator.schema.violation import Violation, invalid, required

_RESTARTS = ("Always", "OnFailure", "Never")
_DNS = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
_PREEMPTION = ("PreemptLowerPriority", "Never")
_MOST_SERVERS, _MOST_DOMAINS, _LONGEST_DOMAINS = 3, 32, 2048
_RELAXED_DOMAINS_SINCE = 33
_LONGEST_HOSTNAME = 64


def check_pod(data: dict[str, Any], minor: int) -> Iterator[Violation]:
    """A Pod."""
    spec, metadata = mapping(data.get("spec")), mapping(data.get("metadata"))
    yield from check_pod_annotations(metadata, spec, ("metadata", "annotations"), ("spec",))
    yield from _pod_spec(spec, ("spec",), minor, metadata)
    if listed(spec.get("ephemeralContainers")):
        yield forbidden(("spec", "ephemeralContainers"), "cannot be set on create", "remove it")
    if spec.get("nodeName") and listed(spec.get("schedulingGates")):
        detail = "cannot be set until all schedulingGates have been cleared"
        yield forbidden(("spec", "nodeName"), detail)
    if spec.get("serviceAccountName"):
        return
    for at, volume in objects(spec.get("volumes"), ("spec", "volumes")):
        for where, one in objects(mapping(volume.get("projected")).get("sources"), (*at, "projected", "sources")):
            if one.get("serviceAccountToken") is not None and not spec.get("serviceAccount"):
                detail = "must not be specified when serviceAccountName is not set"
                yield forbidden((*where, "serviceAccountToken"), detail)


def check_template(template: dict[str, Any], path: FieldPath, minor: int) -> Iterator[Violation]:
    """A template of pods."""
    spec, at = mapping(template.get("spec")), (*path, "spec")
    metadata = mapping(template.get("metadata"))
    yield from check_pod_annotations(metadata, spec, (*path, "metadata", "annotations"), at)
    yield from _pod_spec(spec, at, minor, None)
    if listed(spec.get("ephemeralContainers")):
        yield forbidden((*at, "ephemeralContainers"), "ephemeral containers not allowed in pod template", "remove it")


def _pod_spec(
    spec: dict[str, Any], path: FieldPath, minor: int, metadata: dict[str, Any] | None
) -> Iterator[Violation]:
    """The spec of a pod with its metadata, None in a template."""
    labels = None if metadata is None else mapping(metadata.get("labels"))
    yield from check_volumes(spec, path, None if metadata is None else metadata.get("name") or "", minor)
    yield from _claims(spec, path)
    yield from check_containers(spec, path, minor, alone=metadata is not None)
    if spec.get("resources") is not None:
        yield from check_pod_resources(spec, path, alone=metadata is not None)
    yield from _host_network(spec, path)
    for key, known in (("restartPolicy", _RESTARTS), ("dnsPolicy", _DNS)):
        value = spec.get(key) or known[0]
        if value not in known:
            yield unsupported((*path, key), value, known)
    yield from check_labels(spec.get("nodeSelector"), (*path, "nodeSelector"))
    yield from check_pod_security(spec, path)
    yield from check_affinity(mapping(spec.get("affinity")), (*path, "affinity"), labels)
    yield from _dns(spec, (*path, "dnsConfig"), minor)
    yield from _gates(spec, path)
    yield from check_spread(spec.get("topologySpreadConstraints"), (*path, "topologySpreadConstraints"), labels)
    yield from _names(spec, path)
    deadline = spec.get("activeDeadlineSeconds")
    if deadline is not None and not 1 <= deadline <= 2**31 - 1:
        yield invalid((*path, "activeDeadlineSeconds"), deadline, "must be between 1 and 2147483647, inclusive")
    yield from check_tolerations(spec.get("tolerations"), (*path, "tolerations"))
    for at, alias in objects(spec.get("hostAliases"), (*path, "hostAliases")):
        yield from check_ip(alias.get("ip") or "", (*at, "ip"), minor)
        for where, host in texts(alias.get("hostnames"), (*at, "hostnames")):
            yield from complaints(where, host, naming.subdomain(host))
    policy = spec.get("preemptionPolicy")
    if policy is not None and policy not in _PREEMPTION:
        yield (
            required((*path, "preemptionPolicy"))
            if not policy
            else unsupported((*path, "preemptionPolicy"), policy, _PREEMPTION)
        )
    for key, value in mapping(spec.get("overhead")).items():
        yield from check_container_resource(key, (*path, "overhead", key))
        yield from check_amount(key, value, (*path, "overhead", key))
    yield from check_system(spec, path)
    yield from _file_keys(spec, path)


def _names(spec: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    """Names of other objects, and the pod's own on its network."""
    for key in ("serviceAccountName", "nodeName", "priorityClassName"):
        if spec.get(key):
            yield from complaints((*path, key), spec[key], naming.subdomain(spec[key]))
    runtime = spec.get("runtimeClassName")
    if runtime is not None:
        yield from complaints((*path, "runtimeClassName"), runtime, naming.subdomain(runtime))
    for key in ("hostname", "subdomain"):
        if spec.get(key):
            yield from complaints((*path, key), spec[key], naming.label(spec[key]))
    host, at = spec.get("hostnameOverride"), (*path, "hostnameOverride")
    if host is None:
        return
    for key in ("setHostnameAsFQDN", "hostNetwork"):
        if spec.get(key) is True:
            yield forbidden(at, f"may not be specified when {key} is true", "remove it")
    if len(host.encode()) > _LONGEST_HOSTNAME:
        yield Violation(at, f"Too long: may not be more than {_LONGEST_HOSTNAME} bytes", "shorten it")
    yield from complaints(at, host, naming.subdomain(host))


def _claims(spec: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    names: set[str] = set()
    for at, claim in objects(spec.get("resourceClaims"), (*path, "resourceClaims")):
        name = claim.get("name") or ""
        if not name:
            yield required((*at, "name"))
        elif name in names:
            yield duplicate((*at, "name"), name)
        else:
            yield from complaints((*at, "name"), name, naming.label(name))
            names.add(name)
        sources = [key for key in ("resourceClaimName", "resourceClaimTemplateName") if claim.get(key) is not None]
        if len(sources) > 1:
            detail = "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified"
            yield invalid(at, claim, detail, hint="remove one of the two")
        elif not sources:
            yield invalid(at, claim, "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`")
        for key in sources:
            yield from complaints((*at, key), claim[key], naming.subdomain(claim[key]))


def _host_network(spec: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    """On the node's own network a container's port is the node's."""
    if spec.get("hostNetwork") is not True:
        return
    for at, container in objects(spec.get("containers"), (*path, "containers")):
        for where, port in objects(container.get("ports"), (*at, "ports")):
            number, host = port.get("containerPort") or 0, port.get("hostPort") or 0
            if host and host != number:
                hint = "remove hostPort: the container's port is the node's"
                detail = "must match `containerPort` when `hostNetwork` is true"
                yield invalid((*where, "hostPort"), host, detail, hint=hint)


def _dns(spec: dict[str, Any], path: FieldPath, minor: int) -> Iterator[Violation]:
    config = spec.get("dnsConfig")
    if spec.get("dnsPolicy") == "None":
        if config is None:
            yield required(path, "must provide `dnsConfig` when `dnsPolicy` is None")
            return
        if not listed(mapping(config).get("nameservers")):
            detail = "must provide at least one DNS nameserver when `dnsPolicy` is None"
            yield required((*path, "nameservers"), detail)
            return
    config = mapping(config)
    servers, at = list(texts(config.get("nameservers"), (*path, "nameservers"))), (*path, "nameservers")
    if len(servers) > _MOST_SERVERS:
        yield invalid(at, config["nameservers"], f"must not have more than {_MOST_SERVERS} nameservers")
    for where, server in servers:
        yield from check_ip(server, where, minor)
    domains, at = list(texts(config.get("searches"), (*path, "searches"))), (*path, "searches")
    if len(domains) > _MOST_DOMAINS:
        yield invalid(at, config["searches"], f"must not have more than {_MOST_DOMAINS} search paths")
    if len(" ".join(domain for _, domain in domains).encode()) > _LONGEST_DOMAINS:
        detail = f"must not have more than {_LONGEST_DOMAINS} characters (including spaces) in the search list"
        yield invalid(at, config["searches"], detail)
    for where, domain in domains:
        if minor < _RELAXED_DOMAINS_SINCE:
            name = domain.removesuffix(".")
            yield from complaints(where, name, naming.subdomain(name))
        elif domain != ".":
            name = domain.removesuffix(".")
            yield from complaints(where, name, search_domain(name))
    for where, option in objects(config.get("options"), (*path, "options")):
        if not option.get("name"):
            yield required((*where, "name"), "must not be empty")


def _gates(spec: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    for at, gate in objects(spec.get("readinessGates"), (*path, "readinessGates")):
        kind = gate.get("conditionType") or ""
        yield from complaints((*at, "conditionType"), kind, naming.label_key(kind))
    seen: set[str] = set()
    for at, gate in objects(spec.get("schedulingGates"), (*path, "schedulingGates")):
        name = gate.get("name") or ""
        yield from complaints((*at, "name"), name, naming.label_key(name))
        if name in seen:
            yield duplicate((*at, "name"), name)
        seen.add(name)


def _file_keys(spec: dict[str, Any], path: FieldPath) -> Iterator[Violation]:
    """Variables that are read from a file need an emptyDir for it."""
    volumes = {one.get("name") or "": one for _, one in objects(spec.get("volumes"), ())}
    for key in ("initContainers", "containers"):
        for at, container in objects(spec.get(key), (*path, key)):
            for where, variable in objects(container.get("env"), (*at, "env")):
                reference = mapping(variable.get("valueFrom")).get("fileKeyRef")
                if reference is None:
                    continue
                name, place = mapping(reference).get("volumeName") or "", (*where, "valueFrom", "fileKeyRef")
                if name not in volumes:
                    yield not_found((*place, "volumeName"), name)
                elif any(
                    value is not None for name, value in volumes[name].items() if name not in ("name", "emptyDir")
                ):
                    yield invalid((*place, "volumeName"), name, "referenced volume must be of type emptyDir")
