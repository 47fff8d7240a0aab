"""Which part of a KubeVirt object is in force (K:pkg/virt-config/configuration.go, validateConfig)."""

from collections.abc import Mapping
from typing import Any

_PULLS = (None, "", "Always", "Never", "IfNotPresent")
_INTERFACES = (None, "", "bridge", "slirp", "masquerade")


def configuration_in_force(kubevirt: Mapping[str, Any]) -> Mapping[str, Any]:
    """`spec.configuration` of a KubeVirt object; an empty mapping where KubeVirt refuses it and keeps its defaults."""
    configuration = _part(_part(kubevirt, "spec"), "configuration")
    return configuration if _taken(configuration) else {}


def _taken(configuration: Mapping[str, Any]) -> bool:
    """Whether KubeVirt takes a configuration; zero is what is not said."""
    developer = _part(configuration, "developerConfiguration")
    tolerated = developer.get("pvcTolerateLessSpaceUpToPercent") or 0
    return (
        configuration.get("imagePullPolicy") in _PULLS
        and (developer.get("memoryOvercommit") or 1) > 0
        and (developer.get("cpuAllocationRatio") or 1) > 0
        and 0 <= tolerated <= 100
        and _part(configuration, "network").get("defaultNetworkInterface") in _INTERFACES
    )


def _part(data: Any, key: str) -> Mapping[str, Any]:
    found = data.get(key) if isinstance(data, Mapping) else None
    return found if isinstance(found, Mapping) else {}
