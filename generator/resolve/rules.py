"""The findings made when a spec meets the catalog and itself."""

from generator.finding import Rule, Severity

UNKNOWN_VERSION = Rule("RES001", "unknown-version", "A target version is one the catalog has facts for.")
UNKNOWN_FAMILY = Rule("RES002", "unknown-family", "A device class names a QAT family of the catalog.")
UNKNOWN_CLASS = Rule("RES003", "unknown-class", "A pool or a device names a device class of the spec.")
UNKNOWN_POOL = Rule("RES004", "unknown-pool", "A machine names a node pool of the spec.")
SERVICES = Rule("RES005", "illegal-services", "A class' services are a set its family's endpoints can offer.")
SERVICES_LINE = Rule("RES006", "services-not-set", "Intel's init script knows the services of a pool it prepares.")
PCI_ID = Rule("RES007", "shared-pci-id", "KubeVirt tells VFs apart by PCI id alone: one class of machines a family.")
PF_ID = Rule("RES008", "pf-id", "A VF's PCI id is given, not that of its PF.")
RESOURCE_NAME = Rule("RES009", "resource-name", "A resource name is a legal one, and its server's own.")
ENV_NAME = Rule("RES010", "shared-env-name", "Resource names stay apart in the form virt-launcher looks them up by.")
OVERLAP = Rule("RES011", "overlapping-pools", "KubeVirt's and Intel's plugins never see the same node.")
TOPOLOGY = Rule("RES012", "topology", "The way a device reaches a machine is one that works.")
GATE = Rule("RES013", "gate", "A gate that is needed is not switched off, and every gate named exists.")
WRONG_POOL = Rule("RES014", "wrong-pool", "A machine runs in a pool that has the devices it asks for.")
NOT_PERMITTED = Rule("RES015", "not-permitted", "A resource a machine asks for is one KubeVirt permits.")
PARTIAL_VFS = Rule("RES016", "partial-vfs", "Intel's init script enables every VF: fewer cannot be had from it.")
TOO_MANY_VFS = Rule("RES017", "too-many-vfs", "A pool has no more VFs than its hardware.")
NAMESPACE = Rule("RES018", "namespace", "KubeVirt's own namespace and default are never rendered.")
KUBEVIRT_SPEC = Rule("RES019", "kubevirt-spec", "kubevirt.spec sets no field that the spec has a place of its own for.")
NO_PLUGIN = Rule("RES020", "no-plugin", "A pool that serves containers has a device plugin, unless one stands already.")
GUEST_DRIVER = Rule(
    "RES021", "guest-driver", "guestStack kernel needs a family whose VFs the guest's kernel can drive."
)
FILE = Rule("RES022", "named-file", "A file the spec names is there, below the spec's folder, and is text.")
DELIVERY = Rule("RES023", "delivery", "Every environment says where it is delivered to, each its own cluster.")
DRA = Rule("RES024", "dra", "The DRA form is rendered for versions and drivers it works with.")
SEEDS_QAT = Rule(
    "RES025",
    "qats-is-not-upstream",
    "No released KubeVirt has devices.qats: the target must be a build that carries it.",
    Severity.WARNING,
)
NODE_LABELS = Rule("RES026", "node-labels", "Labels that a NodeFeatureRule puts on nodes tell the pool's hardware.")
KERNEL = Rule(
    "RES027", "kernel", "The kernel of a pool's nodes has the PF driver of its family, and its services knob."
)
KERNEL_UNKNOWN = Rule(
    "RES028",
    "kernel-not-known",
    "A vendor's kernel is judged where the catalog has its table; of others nothing is known.",
    Severity.INFO,
)
TOO_MANY_PFS = Rule("RES029", "too-many-pfs", "A node has at most as many endpoints as 8 sockets of the family.")
OPERATOR_STALE = Rule(
    "RES030",
    "operator-keeps-services",
    "Intel's operator notices a change of services since 0.36.",
    Severity.WARNING,
)

RULES = (
    UNKNOWN_VERSION,
    UNKNOWN_FAMILY,
    UNKNOWN_CLASS,
    UNKNOWN_POOL,
    SERVICES,
    SERVICES_LINE,
    PCI_ID,
    PF_ID,
    RESOURCE_NAME,
    ENV_NAME,
    OVERLAP,
    TOPOLOGY,
    GATE,
    WRONG_POOL,
    NOT_PERMITTED,
    PARTIAL_VFS,
    TOO_MANY_VFS,
    NAMESPACE,
    KUBEVIRT_SPEC,
    NO_PLUGIN,
    GUEST_DRIVER,
    FILE,
    DELIVERY,
    DRA,
    SEEDS_QAT,
    NODE_LABELS,
    KERNEL,
    KERNEL_UNKNOWN,
    TOO_MANY_PFS,
    OPERATOR_STALE,
)
