"""Facts that change with hardware and versions: QAT families, KubeVirt gates, plugin releases, Kubernetes APIs."""

from generator.catalog.configuration import configuration_in_force
from generator.catalog.facts import (
    Bug,
    Family,
    GateStates,
    KubernetesRelease,
    KubeVirtRelease,
    PluginRelease,
    UnknownEntry,
    UnknownFamily,
    UnknownVersion,
    parse_version,
)
from generator.catalog.kernels import KernelSupport, Lack
from generator.catalog.load import load_catalog
from generator.catalog.lookup import Catalog, env_name

__all__ = [
    "Bug",
    "Catalog",
    "Family",
    "GateStates",
    "KernelSupport",
    "KubeVirtRelease",
    "KubernetesRelease",
    "Lack",
    "PluginRelease",
    "UnknownEntry",
    "UnknownFamily",
    "UnknownVersion",
    "configuration_in_force",
    "env_name",
    "load_catalog",
    "parse_version",
]
