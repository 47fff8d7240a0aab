"""The spec as typed, frozen data: what the user wrote, after overlays, before any fact of the catalog.

Field names are those of the language in snake case; what each means is written once, in the JSON Schema
(`qatgen schema`, `qatgen explain`). `path` is the item's place in the merged spec.
"""

from dataclasses import dataclass, field
from typing import Any

from generator.location import FieldPath

Plain = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """Name of the platform, and what is put on every rendered object."""

    name: str
    labels: dict[str, str] = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What the clusters run; versions as written."""

    kubernetes: str
    kubevirt: str
    device_plugin: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PermittedHostDevices:
    """Further devices that machines may have, in KubeVirt's own form."""

    pci_host_devices: tuple[Plain, ...] = ()
    mediated_devices: tuple[Plain, ...] = ()
    usb: tuple[Plain, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Dra:
    """The DRA driver that hands out devices."""

    driver: str
    device_class_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KubeVirt:
    """The KubeVirt installation."""

    namespace: str = "kubevirt"
    name: str = "kubevirt"
    assignment: str = "hostDevices"
    feature_gates: tuple[str, ...] = ()
    disabled_feature_gates: tuple[str, ...] = ()
    eviction_strategy: str | None = None
    permitted_host_devices: PermittedHostDevices = PermittedHostDevices()
    spec: Plain = field(default_factory=dict)
    dra: Dra | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceClass:
    """What a machine or a container asks for."""

    name: str
    family: str
    services: tuple[str, ...] = ()
    resource_name: str | None = None
    replaces: tuple[str, ...] = ()
    path: FieldPath = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePool:
    """Nodes with one kind of hardware; counts are per node (PFs) and per PF (VFs)."""

    name: str
    serves: str
    device_class: str
    nodes: int
    physical_functions: int
    virtual_functions: int
    node_selector: dict[str, str]
    labelled_by: str = "hand"
    preparation: str = "initContainer"
    kernel: str | None = None
    kernel_arguments: tuple[str, ...] = ()
    tolerations: tuple[Plain, ...] = ()
    path: FieldPath = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DevicePlugin:
    """Intel's device plugin."""

    install: str = "daemonSet"
    namespace: str = "intel-device-plugins"
    allocation_policy: str = "none"
    image: str | None = None
    init_image: str | None = None
    pause_image: str = "registry.k8s.io/pause:3.10.1"
    log_level: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Namespace:
    """A namespace to render."""

    name: str
    pod_security: str | None = None
    labels: dict[str, str] = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)
    path: FieldPath = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Qat:
    """One QAT device of a machine, or `count` of them."""

    name: str
    device_class: str | None = None
    device_name: str | None = None
    count: int | None = None
    tag: str | None = None
    claim_name: str | None = None
    request_name: str | None = None
    path: FieldPath = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cpu:
    """Virtual CPUs."""

    cores: int | None = None
    sockets: int | None = None
    threads: int | None = None
    model: str | None = None
    dedicated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Guest memory; quantities as written."""

    guest: str | int | None = None
    hugepages: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A machine, or a stamp for several. Parts that are rendered as they are stay plain data."""

    name: str
    count: int | None = None
    matrix: dict[str, tuple[str, ...]] = field(default_factory=dict)
    namespace: str = "default"
    kind: str = "VirtualMachine"
    run_strategy: str | None = None
    replicas: int | None = None
    node_pool: str | None = None
    labels: dict[str, str] = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)
    node_selector: dict[str, str] = field(default_factory=dict)
    tolerations: tuple[Plain, ...] = ()
    affinity: Plain = field(default_factory=dict)
    priority_class_name: str | None = None
    hostname: str | None = None
    termination_grace_period_seconds: int | None = None
    cpu: Cpu = Cpu()
    memory: Memory = Memory()
    instancetype: Any = None
    preference: Any = None
    guest_stack: str | None = None
    qat: tuple[Qat, ...] = ()
    disks: tuple[Plain, ...] = ()
    interfaces: tuple[Plain, ...] | None = None
    cloud_init: Plain | None = None
    eviction_strategy: str | None = None
    readiness_probe: Plain | None = None
    liveness_probe: Plain | None = None
    vmi_spec: Plain = field(default_factory=dict)
    path: FieldPath = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """The Service that answers a webhook."""

    namespace: str
    name: str
    path: str | None = None
    port: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Who answers admission calls."""

    service: Service | None = None
    url: str | None = None
    ca_bundle: str | None = None
    failure_policy: str = "Fail"
    timeout_seconds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """Admission beside KubeVirt's own."""

    webhook: Webhook | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """The cluster an environment is delivered to."""

    name: str | None = None
    server: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArgoCD:
    """Argo CD objects."""

    namespace: str = "argocd"
    project: str | None = None
    repository: str = ""
    revision: str = "main"
    path: str = "rendered"
    destination: Destination | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flux:
    """Flux objects."""

    namespace: str = "flux-system"
    repository: str = ""
    revision: str = "main"
    path: str = "rendered"
    interval: str = "10m"
    kube_config_secret: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How the rendered tree reaches the clusters."""

    argocd: ArgoCD | None = None
    flux: Flux | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """A rule that some objects need not meet until a day."""

    rule: str
    match: dict[str, str]
    reason: str
    expires: str
    path: FieldPath = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterHas:
    """Objects that the cluster has and no build makes; `*` in a name matches any characters."""

    kind: str
    names: tuple[str, ...]
    namespace: str | None = None
    path: FieldPath = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeKeys:
    """A list of a custom kind that overlays merge item by item."""

    api_version: str
    kind: str
    list: str
    keys: tuple[str, ...]
    path: FieldPath = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """One environment's whole spec."""

    metadata: Metadata
    target: Target
    kubevirt: KubeVirt = KubeVirt()
    namespaces: tuple[Namespace, ...] | None = None
    device_classes: tuple[DeviceClass, ...] = ()
    node_pools: tuple[NodePool, ...] = ()
    device_plugin: DevicePlugin = DevicePlugin()
    admission: Admission = Admission()
    virtual_machines: tuple[Machine, ...] = ()
    delivery: Delivery = Delivery()
    merge_keys: tuple[MergeKeys, ...] = ()
    cluster_has: tuple[ClusterHas, ...] = ()
    waivers: tuple[Waiver, ...] = ()
