"""DRA: the device class, the claim templates, and when that form works at all."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from generator.catalog import Catalog
from generator.finding import Finding
from generator.location import FieldPath, Span
from generator.resolve import rules
from generator.resolve.machines import CLAIM_REQUEST, claim_template_name
from generator.resolve.model import Item, ResolvedClass
from generator.spec.model import Spec

INTEL_DRIVER = "qat.intel.com"
"""Intel's own driver publishes no PCI address (domain facts 9.4), so no machine could use its devices."""

_MIN_KUBERNETES = (1, 36)
"""Device metadata reaches pods from this minor on (domain facts 9.3, KEP-5304)."""


def check_dra(spec: Spec, catalog: Catalog, span: Callable[[FieldPath], Span]) -> Iterator[Finding]:
    """Why the DRA form would not work for this spec."""
    kubevirt = spec.kubevirt
    if kubevirt.assignment != "dra":
        return
    at = span(("spec", "kubevirt", "assignment"))
    if kubevirt.dra is None:
        message = "assignment is dra, and kubevirt.dra names no driver"
        yield Finding(rule=rules.DRA, message=message, at=at, hint="write `dra: {driver: …}` below kubevirt")
        return
    if kubevirt.dra.driver == INTEL_DRIVER:
        at_driver = span(("spec", "kubevirt", "dra", "driver"))
        message = f"driver {INTEL_DRIVER} publishes no PCI address: KubeVirt could not attach the device"
        hint = "use `assignment: hostDevices`, or a driver that publishes resource.kubernetes.io/pciBusID"
        yield Finding(rule=rules.TOPOLOGY, message=message, at=at_driver, hint=hint)
    release = catalog.kubevirt(kubevirt_version := spec.target.kubevirt)
    if release.dra_host_devices != "metadata":
        message = f"KubeVirt {kubevirt_version} does not read a claimed device's address from its metadata"
        at_version = span(("spec", "target", "kubevirt"))
        yield Finding(
            rule=rules.DRA, message=message, at=at_version, hint="v1.8.0 or newer, or `assignment: hostDevices`"
        )
    extra = kubevirt.permitted_host_devices
    if release.dra_refuses_permitted_list and (extra.pci_host_devices or extra.mediated_devices or extra.usb):
        message = f"KubeVirt {kubevirt_version} fails claimed devices as soon as there is a list of permitted ones"
        at_list = span(("spec", "kubevirt", "permittedHostDevices"))
        yield Finding(rule=rules.DRA, message=message, at=at_list, hint="remove the list, or use KubeVirt v1.9.0")
    minor = tuple(int(part) for part in spec.target.kubernetes.removeprefix("v").split(".")[:2])
    if minor < _MIN_KUBERNETES:
        message = f"Kubernetes {spec.target.kubernetes} does not hand device metadata to pods"
        at_version = span(("spec", "target", "kubernetes"))
        yield Finding(
            rule=rules.DRA, message=message, at=at_version, hint="1.36 or newer, or `assignment: hostDevices`"
        )


def dra_lists(
    spec: Spec, catalog: Catalog, classes: Mapping[str, ResolvedClass], span: Callable[[FieldPath], Span]
) -> Mapping[str, Sequence[Item]]:
    """The DeviceClass, and a claim template for every class in every namespace whose machines ask for it."""
    dra = spec.kubevirt.dra
    if spec.kubevirt.assignment != "dra" or dra is None:
        return {"draDeviceClasses": (), "claimTemplates": ()}
    release = catalog.kubernetes(spec.target.kubernetes)
    path: FieldPath = ("spec", "kubevirt", "dra")
    name = dra.device_class_name or dra.driver
    device_class = {"apiVersion": release.api_version("DeviceClass"), "name": name, "driver": dra.driver}
    asked: dict[tuple[str, str], None] = {}
    for machine in spec.virtual_machines:
        for device in machine.qat:
            if device.device_class in classes and device.claim_name is None and machine.count != 0:
                asked[machine.namespace, device.device_class or ""] = None
    templates = [
        Item(
            {
                "apiVersion": release.api_version("ResourceClaimTemplate"),
                "name": claim_template_name(wanted),
                "namespace": namespace,
                "request": CLAIM_REQUEST,
                "deviceClassName": name,
                "selector": _selector(dra.driver, classes[wanted]),
            },
            classes[wanted].spec.path,
            span(classes[wanted].spec.path),
        )
        for namespace, wanted in sorted(asked)
    ]
    return {"draDeviceClasses": (Item(device_class, path, span(path)),), "claimTemplates": tuple(templates)}


def _selector(driver: str, wanted: ResolvedClass) -> str | None:
    """CEL over the driver's attribute `services`, which holds the services joined by `;` (domain facts 9.2)."""
    services = wanted.spec.services
    return f'device.attributes["{driver}"].services == "{";".join(services)}"' if services else None
