"""Names, DNS, probes, strategies, metadata of a machine.

Source of every condition and message: K:pkg/virt-api/webhooks/validating-webhook/admitters/vmi-create-admitter.go.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from generator.cel.text import go_quote
from generator.virtapi import names
from generator.virtapi.cluster import VirtAPI
from generator.virtapi.decode import ip_text
from generator.virtapi.network import has_pod_network
from generator.virtapi.parts import Spec, listed
from generator.virtapi.verdict import INVALID, NOT_SUPPORTED, REQUIRED, Cause

_HANDLERS = ("httpGet", "tcpSocket", "exec", "guestAgentPing")
EVICTIONS = frozenset({"LiveMigrate", "LiveMigrateIfPossible", "None", "External"})
DNS_POLICIES = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
_MOST_SERVERS, _MOST_SEARCHES, _LONGEST_SEARCHES = 3, 6, 256
RESERVED_LABELS = frozenset(
    {
        "kubevirt.io/created-by",
        "kubevirt.io/migrationJobUID",
        "kubevirt.io/nodeName",
        "kubevirt.io/migrationTargetNodeName",
        "kubevirt.io/schedulable",
        "kubevirt.io/install-strategy",
    }
)
_IGNITION = "kubevirt.io/ignitiondata"
_SIDECARS = "hooks.kubevirt.io/hookSidecars"
READ_ANNOTATIONS = frozenset(
    {_IGNITION, _SIDECARS, "kubevirt.io/placePCIDevicesOnRootComplex", "kubevirt.io/disablePCIHole64"}
)
"""Annotations that a rule looks at, here or in claims.py."""


def host_names(spec: Spec, at: str, _: VirtAPI) -> Iterator[Cause]:
    """The guest's host name is a DNS label, its subdomain a DNS subdomain."""
    host, domain = spec.get("hostname", ""), spec.get("subdomain", "")
    if host and names.label(host):
        words = ", ".join(names.label(host))
        message = f"{at}.hostname does not conform to the kubernetes DNS_LABEL rules : {words}"
        yield Cause(INVALID, f"{at}.hostname", message, "name")
    if domain and names.subdomain(domain):
        words = ", ".join(names.subdomain(domain))
        message = f"{at}.subdomain does not conform to the kubernetes DNS_SUBDOMAIN rules : {words}"
        yield Cause(INVALID, f"{at}.subdomain", message, "name")


def start_strategy(spec: Spec, at: str, _: VirtAPI) -> Iterator[Cause]:
    """A machine starts paused, or says nothing; a paused one is not probed."""
    strategy = spec.get("startStrategy")
    if strategy is None:
        return
    where = f"{at}.startStrategy"
    if strategy != "Paused":
        yield Cause(INVALID, where, f"{where} is set with an unrecognized option: {strategy}", "start-strategy")
    elif "livenessProbe" in spec:
        message = (
            f"either {where} or {at}.livenessProbe should be provided.Pausing VMI with LivenessProbe is not supported"
        )
        yield Cause(INVALID, where, message, "start-strategy")


def eviction(spec: Spec, at: str, api: VirtAPI) -> Iterator[Cause]:
    """The eviction strategy is known."""
    strategy = spec.get("evictionStrategy", api.eviction_strategy)
    if strategy not in EVICTIONS:
        where = f"{at}.evictionStrategy"
        yield Cause(INVALID, where, f"{where} is set with an unrecognized option: {strategy}", "eviction")


def probes(spec: Spec, at: str, _: VirtAPI) -> Iterator[Cause]:
    """Each probe has one handler, and a pod network if it asks over the network."""
    given = [(f"{at}.{key}", spec[key]) for key in ("readinessProbe", "livenessProbe") if key in spec]
    for where, probe in given:
        count = sum(handler in probe for handler in _HANDLERS)
        if count > 1:
            yield Cause(INVALID, where, f"{where} must have exactly one probe type set", "probe")
        if count < 1:
            message = f"either {where}.tcpSocket, {where}.exec or {where}.httpGet must be set if a {where} is specified"
            yield Cause(REQUIRED, where, message, "probe")
    if has_pod_network(spec):
        return
    for where, probe in given:
        for handler in ("httpGet", "tcpSocket"):
            if handler in probe:
                field = f"{where}.{handler}"
                yield Cause(INVALID, field, f"{field} is only allowed if the Pod Network is attached", "probe")


def dns(spec: Spec, at: str, _: VirtAPI) -> Iterator[Cause]:
    """The pod's DNS policy and configuration."""
    policy, config = spec.get("dnsPolicy", ""), spec.get("dnsConfig")
    if policy and policy not in DNS_POLICIES:
        known = " ".join((*DNS_POLICIES, ""))
        message = f"DNSPolicy: {policy} is not supported, valid values: [{known}]"
        yield Cause(NOT_SUPPORTED, f"{at}.dnsPolicy", message, "dns")
    if policy == "None" and config is None:
        message = "must provide `dnsConfig` when `dnsPolicy` is None"
        yield Cause(REQUIRED, f"{at}.dnsConfig", message, "dns")
    if config is None:
        return
    if policy == "None" and not config.get("nameservers"):
        message = "must provide at least one DNS nameserver when `dnsPolicy` is None"
        yield Cause(REQUIRED, "nameservers", message, "dns")
        return
    yield from _dns_config(config)


def _dns_config(config: Mapping[str, Any]) -> Iterator[Cause]:
    servers, searches = config.get("nameservers") or [], config.get("searches") or []
    if len(servers) > _MOST_SERVERS:
        message = f"must not have more than {_MOST_SERVERS} nameservers: [{' '.join(servers)}]"
        yield Cause(INVALID, "nameservers", message, "dns")
    for server in servers:
        if not ip_text(server):
            yield Cause(INVALID, "nameservers", f"must be valid IP address: {server}", "dns")
    if len(searches) > _MOST_SEARCHES:
        message = f"must not have more than {_MOST_SEARCHES} search paths"
        yield Cause(INVALID, "searchDomains", message, "dns")
    if len(" ".join(searches).encode()) > _LONGEST_SEARCHES:
        message = f"must not have more than {_LONGEST_SEARCHES} characters (including spaces) in the search list"
        yield Cause(INVALID, "searchDomains", message, "dns")
    for search in searches:
        for complaint in names.subdomain(search):
            yield Cause(INVALID, "searchDomains", complaint, "dns")
    for option in config.get("options") or ():
        if not option.get("name"):
            yield Cause(INVALID, "options", "Option.Name must not be empty", "dns")


def service_account(spec: Spec, at: str, api: VirtAPI) -> Iterator[Cause]:
    """The service account's name, and that a volume means the same one (1.9)."""
    name = spec.get("serviceAccountName", "")
    if not api.latest or not name:
        return
    where = f"{at}.serviceAccountName"
    complaints = names.subdomain(name)
    if complaints:
        message = f"{where} is not a valid service account name: {'; '.join(complaints)}"
        yield Cause(INVALID, where, message, "service-account")
    for volume in listed(spec, "volumes"):
        other = volume.get("serviceAccount", {}).get("serviceAccountName", "")
        if "serviceAccount" in volume and other != name:
            message = (
                f"spec.serviceAccountName {go_quote(name)} and serviceAccount volume {go_quote(other)} "
                "must reference the same service account"
            )
            yield Cause(INVALID, where, message, "service-account")
            return


def metadata(found: Mapping[str, Any], at: str, api: VirtAPI) -> Iterator[Cause]:
    """Labels that are KubeVirt's own, and annotations that need a gate; for whoever is not KubeVirt itself."""
    annotations = found.get("annotations") or {}
    if RESERVED_LABELS & set(found.get("labels") or ()):
        message = "creation of the following reserved kubevirt.io/ labels on a VMI object is prohibited"
        yield Cause(NOT_SUPPORTED, f"{at}.labels", message, "label")
    where = f"{at}.annotations"
    if annotations.get(_IGNITION) and not api.gate("ExperimentalIgnitionSupport"):
        message = (
            "ExperimentalIgnitionSupport feature gate is not enabled in kubevirt-config, "
            f"invalid entry {where}.{_IGNITION}"
        )
        yield Cause(INVALID, where, message, "gate")
    if annotations.get(_SIDECARS) and not api.gate("Sidecar"):
        message = f"sidecar feature gate is not enabled in kubevirt-config, invalid entry {where}.{_SIDECARS}"
        yield Cause(INVALID, where, message, "gate")
