"""Firmware, machine type, launch security, and devices other than disks and interfaces.

Source of every condition and message: K:pkg/virt-api/webhooks/validating-webhook/admitters/vmi-create-admitter.go,
K:pkg/virt-api/webhooks (amd64.go, arm64.go, s390x.go, hyperv.go).
"""

from collections.abc import Iterator, Mapping
from fnmatch import translate
from functools import lru_cache
from re import compile as pattern
from typing import Any

from generator.virtapi.cluster import VirtAPI, get
from generator.virtapi.defaults import unmet
from generator.virtapi.disks import image_path
from generator.virtapi.parts import Spec, architecture, devices, enabled, indexed, listed, part
from generator.virtapi.verdict import FORBIDDEN, INVALID, NOT_SUPPORTED, REQUIRED, Cause

IO_THREADS = frozenset({"shared", "auto", "supplementalPool"})
PANIC_MODELS = frozenset({"hyperv", "isa", "pvpanic"})
_VIDEO = {
    "amd64": frozenset({"vga", "cirrus", "virtio", "ramfb", "bochs"}),
    "arm64": frozenset({"virtio", "ramfb"}),
    "s390x": frozenset({"virtio"}),
}
_ARM64_BUSES = frozenset({"", "virtio", "scsi"})


@lru_cache(maxsize=256)
def _matches(glob: str, name: str) -> bool:
    """Go's filepath.Match, for patterns of `*` and `?`: neither crosses a slash."""
    return pattern(translate(glob).replace(".*", "[^/]*")).match(name) is not None


def machine_type(spec: Spec, at: str, api: VirtAPI) -> Iterator[Cause]:
    """The machine type is one the cluster supports."""
    kind = part(spec, "domain", "machine").get("type", "")
    known = api.emulated_machines(spec.get("architecture", ""))
    if kind and not any(_matches(glob, kind) for glob in known):
        where = f"{at}.domain.machine.type"
        message = f"{where} is not supported: {kind} (allowed values: [{' '.join(known)}])"
        yield Cause(INVALID, where, message, "machine-type")


def acpi(spec: Spec, at: str, _: VirtAPI) -> Iterator[Cause]:
    """ACPI tables come from Secret volumes."""
    tables = get(spec, "domain", "firmware", "acpi")
    if tables is None:
        return
    where = f"{at}.acpi"
    references = [(key, tables[key]) for key in ("slicNameRef", "msdmNameRef") if tables.get(key)]
    if not references:
        message = "ACPI was set but no SLIC nor MSDM volume reference was set"
        yield Cause(INVALID, where, message, "firmware")
    for key, name in references:
        volume = next((item for item in listed(spec, "volumes") if item.get("name", "") == name), None)
        if volume is None:
            yield Cause(INVALID, f"{where}.{key}", f"{where} does not have a matching Volume.", "firmware")
        elif "secret" not in volume:
            yield Cause(INVALID, f"{where}.{key}", f"{where} refers to Volume of unsupported type.", "firmware")


def firmware(spec: Spec, at: str, api: VirtAPI) -> Iterator[Cause]:
    """The boot loader, a kernel from an image, and secure boot."""
    domain, where = part(spec, "domain"), f"{at}.domain.firmware"
    loader = part(domain, "firmware", "bootloader")
    if "efi" in loader and "bios" in loader:
        message = f"{where}.bootloader has both EFI and BIOS configured, but they are mutually exclusive."
        yield Cause(INVALID, f"{where}.bootloader", message, "firmware")
    boot = get(domain, "firmware", "kernelBoot")
    if boot is not None:
        yield from _kernel(f"{where}.kernelBoot", boot)
    secure = "efi" in loader and loader["efi"].get("secureBoot") is not False
    sealed = api.latest and "tdx" in part(domain, "launchSecurity")
    if secure and not enabled(get(domain, "features", "smm")) and not sealed:
        message = f"{at}.domain has EFI SecureBoot enabled. SecureBoot requires SMM, which is currently disabled."
        yield Cause(INVALID, f"{at}.domain", message, "secure-boot")


def _kernel(where: str, boot: Mapping[str, Any]) -> Iterator[Cause]:
    image = boot.get("container")
    if image is None:
        if boot.get("kernelArgs"):
            message = "kernel arguments cannot be provided without an external kernel"
            yield Cause(INVALID, f"{where}.kernelArgs", message, "firmware")
        return
    field = f"{where}.container"
    if not image.get("image"):
        yield Cause(REQUIRED, f"{field}.image", f"{field} must be defined with an image", "firmware")
    paths = [(key, image[key]) for key in ("kernelPath", "initrdPath") if image.get(key)]
    if not paths:
        message = f"{field} must be defined with at least one of the following: kernelPath, initrdPath"
        yield Cause(REQUIRED, field, message, "firmware")
    for key, path in paths:
        yield from image_path(f"{field}.{key}", path)


def launch_security(spec: Spec, at: str, api: VirtAPI) -> Iterator[Cause]:
    """Memory encryption: its kind, gate, firmware."""
    security = get(spec, "domain", "launchSecurity")
    if security is None:
        return
    kind = spec.get("architecture", "")
    if kind == "amd64":
        for reason, message, topic in _amd64_security(spec, security, api):
            yield Cause(reason, f"{at}.launchSecurity", message, topic)
    elif kind == "s390x":
        if not api.latest and not api.gate("SecureExecution"):
            message = "SecureExecution feature gate is not enabled in kubevirt-config"
            yield Cause(INVALID, f"{at}.launchSecurity", message, "gate")
    else:
        message = f"No launchSecurity support for architecture: {kind}"
        yield Cause(INVALID, f"{at}.architecture", message, "launch-security")


def _amd64_security(spec: Spec, security: Mapping[str, Any], api: VirtAPI) -> Iterator[tuple[str, str, str]]:
    chosen = [kind for kind in ("sev", "snp", "tdx") if kind in security]
    topic = "launch-security"
    if len(chosen) != 1:
        yield FORBIDDEN, "One and only one launchSecurity type can be set", topic
        return
    kind, name = chosen[0], chosen[0].upper()
    gate = "WorkloadEncryptionTDX" if kind == "tdx" else "WorkloadEncryptionSEV"
    if not api.gate(gate):
        yield INVALID, f"{gate} feature gate is not enabled in kubevirt-config", "gate"
        return
    if kind == "tdx" and enabled(get(spec, "domain", "features", "smm")):
        yield INVALID, "TDX does not work along with SMM", topic
    efi = get(spec, "domain", "firmware", "bootloader", "efi")
    if efi is None:
        yield INVALID, f"{name} requires OVMF (UEFI)", topic
    else:
        if kind != "tdx" and efi.get("secureBoot") is not False:
            yield INVALID, f"{name} does not work along with SecureBoot", topic
        if kind != "sev" and efi.get("persistent"):
            yield INVALID, f"{name} does not work along with Persistent EFI variables", topic
    if kind == "sev" and spec.get("startStrategy") != "Paused" and "attestation" in security["sev"]:
        yield INVALID, "SEV attestation requires VMI StartStrategy 'Paused'", topic
    for interface in devices(spec, "interfaces"):
        if "bootOrder" in interface:
            yield INVALID, f"{name} does not work with bootable NICs: {interface.get('name', '')}", topic


def inputs(spec: Spec, at: str, _: VirtAPI) -> Iterator[Cause]:
    """Input devices are tablets on virtio or usb."""
    for where, device in indexed(spec, "inputs", at):
        if device.get("bus", "") not in {"", "usb", "virtio"}:
            yield Cause(INVALID, f"{where}.bus", "Input device can have only virtio or usb bus.", "input")
        if device.get("type", "") != "tablet":
            yield Cause(INVALID, f"{where}.type", "Input device can have only tablet type.", "input")


def io_threads(spec: Spec, at: str, _: VirtAPI) -> Iterator[Cause]:
    """The policy of IO threads is known, and a pool has threads."""
    policy = get(spec, "domain", "ioThreadsPolicy")
    if policy is None:
        return
    if policy not in IO_THREADS:
        yield Cause(INVALID, f"{at}.domain.ioThreadsPolicy", f"Invalid IOThreadsPolicy ({policy})", "io-threads")
    count = part(spec, "domain", "ioThreads").get("supplementalPoolThreadCount") or 0
    if policy == "supplementalPool" and count < 1:
        message = "the number of iothreads needs to be set and positive for the dedicated policy"
        yield Cause(INVALID, f"{at}.domain.ioThreads.count", message, "io-threads")


def host_devices(spec: Spec, at: str, api: VirtAPI) -> Iterator[Cause]:
    """Displays of GPUs, and the gate of host devices."""
    displays = sum(
        enabled(display) and ("ramFB" not in display or display["ramFB"].get("enabled") is True)
        for gpu in devices(spec, "gpus")
        if (display := get(gpu, "virtualGPUOptions", "display")) is not None
    )
    if displays > 1:
        message = "configuring multiple displays with ramfb is not valid "
        yield Cause(INVALID, f"{at}.GPUs", message, "gpu")
    if get(spec, "domain", "devices", "hostDevices") is not None and not api.gate("HostDevices"):
        message = "Host Devices feature gate is not enabled in kubevirt-config"
        yield Cause(INVALID, f"{at}.HostDevices", message, "gate")


def sound(spec: Spec, at: str, _: VirtAPI) -> Iterator[Cause]:
    """A sound device has a name and a model."""
    device = get(spec, "domain", "devices", "sound")
    if device is None:
        return
    if device.get("model", "") not in {"", "ich9", "ac97"}:
        message = "Sound device type is not supported. Options: 'ich9' or 'ac97'"
        yield Cause(INVALID, f"{at}.Sound", message, "sound")
    if not device.get("name"):
        yield Cause(INVALID, f"{at}.Sound", "Sound device requires a name field.", "sound")


def gated_devices(spec: Spec, at: str, api: VirtAPI) -> Iterator[Cause]:
    """vsock, SCSI reservations and downward metrics need the cluster's consent."""
    given, where = part(spec, "domain", "devices"), f"{at}.domain.devices"
    if given.get("autoattachVSOCK") and not api.gate("VSOCK"):
        message = "VSOCK feature gate is not enabled in kubevirt-config"
        yield Cause(INVALID, f"{where}.autoattachVSOCK", message, "gate")
    reserved = any(disk.get("lun", {}).get("reservation") for disk in devices(spec, "disks"))
    if reserved and not api.persistent_reservation:
        message = (
            "persistent reservation is not enabled in kubevirt config"
            if api.latest
            else "PersistentReservation feature gate is not enabled in kubevirt-config"
        )
        yield Cause(INVALID, f"{where}.disks.luns.reservation", message, "gate")
    if "downwardMetrics" in given and not api.gate("DownwardMetrics"):
        message = "downwardMetrics virtio serial is not allowed: DownwardMetrics feature gate is not enabled"
        yield Cause(INVALID, f"{where}.downwardMetrics", message, "gate")


def video(spec: Spec, at: str, api: VirtAPI) -> Iterator[Cause]:
    """A video device needs a graphics device."""
    given = part(spec, "domain", "devices")
    if "video" not in given:
        return
    if not api.latest and not api.gate("VideoConfig"):
        message = "Video configuration is specified but the VideoConfig feature gate is not enabled"
        yield Cause(INVALID, f"{at}.video", message, "gate")
    elif given.get("autoattachGraphicsDevice") is False:
        message = "Video configuration is not allowed when autoattachGraphicsDevice is set to false"
        yield Cause(INVALID, f"{at}.video", message, "video")


def panic_devices(spec: Spec, at: str, api: VirtAPI) -> Iterator[Cause]:
    """Panic devices are of a known model."""
    given, where = devices(spec, "panicDevices"), f"{at}.domain.devices.panicDevices"
    if not given:
        return
    if not api.latest and not api.gate("PanicDevices"):
        message = "Panic Devices feature gate is not enabled in kubevirt-config"
        yield Cause(INVALID, where, message, "gate")
        return
    kind = architecture(spec, api.architecture)
    if kind == "s390x":
        message = f"custom panic devices are not supported on {kind} architecture"
        yield Cause(INVALID, where, message, "panic-device")
    for index, device in enumerate(given):
        model = device.get("model")
        if model is not None and model not in PANIC_MODELS:
            yield Cause(INVALID, f"{where}[{index}].model", f"invalid PanicDeviceModel({model})", "panic-device")


def reboot_policy(spec: Spec, at: str, api: VirtAPI) -> Iterator[Cause]:
    """A reboot policy needs its gate."""
    if "rebootPolicy" in part(spec, "domain") and not api.gate("RebootPolicy"):
        message = "RebootPolicy is specified but the RebootPolicy feature gate is not enabled"
        yield Cause(INVALID, f"{at}.domain.rebootPolicy", message, "gate")


def hyperv(spec: Spec, at: str) -> Iterator[Cause]:
    """Hyper-V features have what they need; checked of instances alone. KubeVirt's fields name the path twice."""
    features = part(spec, "domain", "features")
    given = features.get("hyperv")
    if given is None:
        return
    where = f"{at}.domain.features.hyperv"
    again = f"{where}.domain.features.hyperv"
    for name, needed in unmet(given):
        message = f"'{again}.{name}' requires '{again}.{needed}', which was disabled."
        yield Cause(INVALID, f"{again}.{name}", message, "hyperv")
    if "evmcs" in given and given["evmcs"].get("enabled") is not False:
        yield from _vmx(part(spec, "domain", "cpu").get("features") or ())
    if "hypervPassthrough" in features:
        message = (
            "Cannot explicitly set hyperV features if HypervPassthrough is being used. "
            "Please use either HyperV or HypervPassthrough."
        )
        yield Cause(INVALID, where, message, "hyperv")


def _vmx(features: Any) -> Iterator[Cause]:
    if not features:
        message = "vmx cpu feature is required when evmcs is set"
        yield Cause(REQUIRED, "spec.domain.cpu.features", message, "hyperv")
    for index, feature in enumerate(features):
        if feature.get("name") == "vmx" and feature.get("policy", "") != "require":
            message = "vmx cpu feature has to be set to require policy"
            yield Cause(INVALID, f"spec.domain.cpu.features[{index}].policy", message, "hyperv")


def per_architecture(spec: Spec, at: str, api: VirtAPI) -> Iterator[Cause]:
    """What an architecture has; checked of instances alone."""
    kind = spec.get("architecture", "")
    if kind not in _VIDEO:
        yield Cause(INVALID, f"{at}.architecture", f"unsupported architecture: {kind}", "architecture")
        return
    given, where = part(spec, "domain", "devices"), f"{at}.domain.devices"
    if kind == "arm64":
        yield from _arm64(spec, at, api)
    watchdog = given.get("watchdog")
    wanted, other = ("diag288", "i6300esb") if kind == "s390x" else ("i6300esb", "diag288")
    if watchdog is not None and kind != "arm64" and (wanted not in watchdog or other in watchdog):
        words = {"amd64": "amd64 only supports I6300ESB", "s390x": "s390x only supports Diag288"}[kind]
        yield Cause(NOT_SUPPORTED, f"{where}.watchdog", f"{words} watchdog device", "watchdog")
    model = part(given, "video").get("type", "")
    if "video" in given and model not in _VIDEO[kind]:
        message = f"video model '{model}' is not supported on {kind} architecture"
        yield Cause(NOT_SUPPORTED, f"{where}.video.type", message, "video")


def _arm64(spec: Spec, at: str, api: VirtAPI) -> Iterator[Cause]:
    domain = part(spec, "domain")
    loader, where = part(domain, "firmware", "bootloader"), f"{at}.domain.firmware.bootloader"
    if "bios" in loader:
        message = "Arm64 does not support bios boot, please change to uefi boot"
        yield Cause(NOT_SUPPORTED, f"{where}.bios", message, "firmware")
    if not api.latest and "efi" in loader and loader["efi"].get("secureBoot") is not False:
        message = "UEFI secure boot is currently not supported on aarch64 Arch"
        yield Cause(NOT_SUPPORTED, f"{where}.efi.secureboot", message, "secure-boot")
    if part(domain, "cpu").get("model", "") not in {"", "host-passthrough"}:
        message = "currently, host-passthrough is the only model supported on Arm64"
        yield Cause(NOT_SUPPORTED, f"{at}.domain.cpu.model", message, "cpu")
    for place, disk in indexed(spec, "disks", at):
        for target in ("disk", "cdrom", "lun"):
            if target in disk and disk[target].get("bus", "") not in _ARM64_BUSES:
                message = "Arm64 not support this disk bus type, please use virtio or scsi"
                yield Cause(NOT_SUPPORTED, f"{place}.{target}.bus", message, "disk")
    for key, words in (("watchdog", "Watchdog"), ("sound", "sound")):
        if key in part(domain, "devices"):
            message = f"Arm64 not support {words} device"
            yield Cause(NOT_SUPPORTED, f"{at}.domain.devices.{key}", message, key)
