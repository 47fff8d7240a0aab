"""Things a machine may have, each under a name, to be tried in pairs and in handfuls.

A change is laid over a spec: mappings key by key, a key that ends in `+` adds to a list, None takes away.
"""

import copy
from typing import Any

from tests.e2e.kubevirt.machines import IMAGE, Spec


def laid(base: Spec, change: Spec) -> Spec:
    """A change laid over a spec."""
    out = copy.deepcopy(base)
    for key, value in change.items():
        if key.endswith("+"):
            out[key[:-1]] = [*(out.get(key[:-1]) or ()), *copy.deepcopy(value)]
        elif value is None:
            out.pop(key, None)
        elif isinstance(value, dict) and isinstance(out.get(key) or {}, dict):
            out[key] = laid(out.get(key) or {}, value)
        else:
            out[key] = copy.deepcopy(value)
    return out


def domain(**parts: Any) -> Spec:
    """A change of the domain."""
    return {"domain": parts}


def devices(change: Spec) -> Spec:
    """A change of the devices."""
    return {"domain": {"devices": change}}


def device(*names: str, resource: str = "intel.com/qat") -> Spec:
    """Host devices of a resource in place of those there."""
    return devices({"hostDevices": [{"name": name, "deviceName": resource} for name in names]})


def claimed(*names: str, where: str = "hostDevices") -> Spec:
    """Devices that are claimed, each by a claim of its own."""
    entries = [{"name": name, "claimName": f"claim-{name}", "requestName": "vf"} for name in names]
    claims = [{"name": f"claim-{name}", "resourceClaimTemplateName": "qat-vf"} for name in names]
    return {**devices({where: entries}), "resourceClaims+": claims}


def volume(source: str, content: Any, name: str = "data", **disk: Any) -> Spec:
    """One more volume, and its disk unless that is None."""
    added: Spec = {"volumes+": [{"name": name, source: content}]}
    if disk.get("disk", 0) is not None:
        added |= devices({"disks+": [{"name": name, **(disk or {"disk": {"bus": "virtio"}})}]})
    return added


def interface(binding: Any, network: Spec, name: str = "second", **more: Any) -> Spec:
    """One more interface and its network."""
    bound = {binding: {}} if isinstance(binding, str) else binding
    return {**devices({"interfaces+": [{"name": name, **bound, **more}]}), "networks+": [{"name": name, **network}]}


POD: Spec = {"pod": {}}
MULTUS: Spec = {"multus": {"networkName": "net"}}
CHANGES: dict[str, Spec] = {
    # host devices, GPUs, claims
    "no devices": devices({"hostDevices": None}),
    "empty device list": devices({"hostDevices": []}),
    "2 devices": device("qat0", "qat1"),
    "8 devices": device(*(f"qat{n}" for n in range(8))),
    "two resources": devices({"hostDevices+": [{"name": "dc0", "deviceName": "intel.com/qat-dc"}]}),
    "resources taken in turn": devices({"hostDevices+": [
        {"name": "dc0", "deviceName": "intel.com/qat-dc"}, {"name": "qat1", "deviceName": "intel.com/qat"}]}),
    "device of an unknown resource": devices({"hostDevices+": [{"name": "x", "deviceName": "vendor.example/x"}]}),
    "device named twice": device("qat0", "qat0"),
    "device with a tag": devices({"hostDevices": [{"name": "qat0", "deviceName": "intel.com/qat", "tag": "t"}]}),
    "device without a resource": devices({"hostDevices+": [{"name": "x"}]}),
    "device with an empty resource": devices({"hostDevices+": [{"name": "x", "deviceName": ""}]}),
    "GPU": devices({"gpus": [{"name": "gpu0", "deviceName": "intel.com/qat"}]}),
    "GPU of another resource": devices({"gpus": [{"name": "gpu0", "deviceName": "intel.com/qat-dc"}]}),
    "2 GPUs": devices({"gpus": [{"name": "g0", "deviceName": "intel.com/qat-dc"}, {"name": "g1", "deviceName": "intel.com/qat-dc"}]}),
    "GPU with display": devices({"gpus": [{"name": "gpu0", "deviceName": "intel.com/qat-dc", "virtualGPUOptions": {"display": {"enabled": True}}}]}),
    "claim": claimed("qat0"),
    "two claims": claimed("qat0", "qat1"),
    "claim beside a device": {**devices({"hostDevices+": [{"name": "c0", "claimName": "c", "requestName": "vf"}]}),
                              "resourceClaims+": [{"name": "c", "resourceClaimTemplateName": "qat-vf"}]},
    "claimed GPU": claimed("gpu0", where="gpus"),
    "GPU and device of one claim": {**devices({"hostDevices+": [{"name": "c0", "claimName": "c", "requestName": "a"}],
                                               "gpus": [{"name": "g0", "claimName": "c", "requestName": "b"}]}),
                                    "resourceClaims+": [{"name": "c", "resourceClaimTemplateName": "t"}]},
    "GPU and device of one request": {**devices({"hostDevices+": [{"name": "c0", "claimName": "c", "requestName": "a"}],
                                                 "gpus": [{"name": "g0", "claimName": "c", "requestName": "a"}]}),
                                      "resourceClaims+": [{"name": "c", "resourceClaimTemplateName": "t"}]},
    "one request twice": {**devices({"hostDevices": [{"name": "a", "claimName": "c", "requestName": "vf"}, {"name": "b", "claimName": "c", "requestName": "vf"}]}),
                          "resourceClaims+": [{"name": "c", "resourceClaimTemplateName": "t"}]},
    "one claim, two requests": {**devices({"hostDevices": [{"name": "a", "claimName": "c", "requestName": "a"}, {"name": "b", "claimName": "c", "requestName": "b"}]}),
                                "resourceClaims+": [{"name": "c", "resourceClaimTemplateName": "t"}]},
    "device and claim in one": {**devices({"hostDevices": [{"name": "a", "deviceName": "intel.com/qat", "claimName": "c", "requestName": "vf"}]}),
                                "resourceClaims+": [{"name": "c", "resourceClaimTemplateName": "t"}]},
    "claim without a request": {**devices({"hostDevices": [{"name": "a", "claimName": "c"}]}),
                                "resourceClaims+": [{"name": "c", "resourceClaimTemplateName": "t"}]},
    "request without a claim": devices({"hostDevices": [{"name": "a", "requestName": "vf"}]}),
    "claim nobody declares": devices({"hostDevices": [{"name": "a", "claimName": "other", "requestName": "vf"}]}),
    "claim nobody uses": {"resourceClaims+": [{"name": "idle", "resourceClaimName": "made"}]},
    "claim by name": {"resourceClaims+": [{"name": "named", "resourceClaimName": "made"}]},
    "claim of both sources": {"resourceClaims+": [{"name": "both", "resourceClaimName": "a", "resourceClaimTemplateName": "b"}]},
    "claim of no source": {"resourceClaims+": [{"name": "none"}]},
    "claim declared twice": {"resourceClaims+": [{"name": "x", "resourceClaimName": "a"}, {"name": "x", "resourceClaimName": "a"}]},
    "claimed network": interface("sriov", {"resourceClaim": {"claimName": "n", "requestName": "vf"}}),
    # memory, CPU
    "guest 4Gi": domain(memory={"guest": "4Gi"}),
    "guest 1500M": domain(memory={"guest": "1500M"}),
    "guest 1.5Gi": domain(memory={"guest": "1.5Gi"}),
    "guest as a number": domain(memory={"guest": 1073741824}),
    "guest 0": domain(memory={"guest": "0"}),
    "no memory": domain(memory=None),
    "request memory": domain(resources={"requests": {"memory": "2Gi"}}),
    "request memory as a number": domain(resources={"requests": {"memory": 3000000000}}),
    "request uneven memory": domain(resources={"requests": {"memory": "1000000001"}}),
    "limit memory": domain(resources={"limits": {"memory": "3Gi"}}),
    "request and limit memory": domain(resources={"requests": {"memory": "2Gi"}, "limits": {"memory": "2Gi"}}),
    "request over limit": domain(resources={"requests": {"memory": "4Gi"}, "limits": {"memory": "2Gi"}}),
    "request under guest": domain(memory={"guest": "2Gi"}, resources={"requests": {"memory": "1Gi"}}),
    "overcommit overhead": domain(resources={"requests": {"memory": "1Gi"}, "overcommitGuestOverhead": True}),
    "hugepages 2Mi": domain(memory={"hugepages": {"pageSize": "2Mi"}}),
    "hugepages 1Gi": domain(memory={"hugepages": {"pageSize": "1Gi"}}),
    "hugepages 3Mi": domain(memory={"hugepages": {"pageSize": "3Mi"}}),
    "hugepages alone": domain(memory={"guest": None, "hugepages": {"pageSize": "1Gi"}}),
    "max guest": domain(memory={"maxGuest": "4Gi"}),
    "max guest below": domain(memory={"maxGuest": "512Mi"}),
    "reserved overhead": domain(memory={"reservedOverhead": {"addedOverhead": "64Mi", "memLock": "Required"}}),
    "4 cores": domain(cpu={"cores": 4}),
    "2 sockets, 2 threads": domain(cpu={"sockets": 2, "threads": 2, "cores": 1}),
    "3 threads": domain(cpu={"threads": 3}),
    "max sockets": domain(cpu={"sockets": 2, "maxSockets": 4}),
    "max sockets below": domain(cpu={"sockets": 4, "maxSockets": 2}),
    "cpu request": domain(resources={"requests": {"cpu": "1500m"}}),
    "cpu limit": domain(resources={"limits": {"cpu": "3"}}),
    "cpu request and limit": domain(resources={"requests": {"cpu": "2"}, "limits": {"cpu": "2"}}),
    "guaranteed": domain(resources={"requests": {"cpu": "2", "memory": "2Gi"}, "limits": {"cpu": "2", "memory": "2Gi"}}),
    "cpu request over limit": domain(resources={"requests": {"cpu": "4"}, "limits": {"cpu": "2"}}),
    "ephemeral storage": domain(resources={"requests": {"ephemeral-storage": "1Gi"}, "limits": {"ephemeral-storage": "2G"}}),
    "dedicated": domain(cpu={"cores": 2, "dedicatedCpuPlacement": True}),
    "dedicated, no cores": domain(cpu={"dedicatedCpuPlacement": True}),
    "dedicated, cpu limit": domain(cpu={"dedicatedCpuPlacement": True}, resources={"limits": {"cpu": "4"}, "requests": {"cpu": "4"}}),
    "dedicated, emulator apart": domain(cpu={"cores": 2, "dedicatedCpuPlacement": True, "isolateEmulatorThread": True}),
    "emulator apart alone": domain(cpu={"cores": 2, "isolateEmulatorThread": True}),
    "numa": domain(cpu={"cores": 2, "dedicatedCpuPlacement": True, "numa": {"guestMappingPassthrough": {}}}),
    "realtime": domain(cpu={"cores": 2, "dedicatedCpuPlacement": True, "realtime": {}}),
    "realtime mask": domain(cpu={"cores": 2, "dedicatedCpuPlacement": True, "realtime": {"mask": "0-1"},
                                 "numa": {"guestMappingPassthrough": {}}}, memory={"hugepages": {"pageSize": "2Mi"}}),
    "cpu model": domain(cpu={"model": "host-passthrough"}),
    "cpu features": domain(cpu={"features": [{"name": "apic", "policy": "require"}, {"name": "x", "policy": "odd"}]}),
    # disks and volumes
    "disk without a volume": devices({"disks+": [{"name": "ghost", "disk": {}}]}),
    "volume without a disk": volume("emptyDisk", {"capacity": "1Gi"}, disk=None),
    "disk twice": devices({"disks+": [{"name": "root", "disk": {}}]}),
    "volume twice": {"volumes+": [{"name": "root", "containerDisk": {"image": IMAGE}}]},
    "volume of two sources": {"volumes+": [{"name": "data", "emptyDisk": {"capacity": "1Gi"}, "containerDisk": {"image": IMAGE}}]},
    "volume of no source": {"volumes+": [{"name": "data"}]},
    "disk of two targets": devices({"disks": [{"name": "root", "disk": {}, "cdrom": {"bus": "sata"}}]}),
    "cdrom": devices({"disks": [{"name": "root", "cdrom": {"bus": "sata"}}]}),
    "virtio cdrom": devices({"disks": [{"name": "root", "cdrom": {"bus": "virtio"}}]}),
    "lun": volume("persistentVolumeClaim", {"claimName": "p"}, lun={"bus": "scsi"}),
    "lun with reservation": volume("persistentVolumeClaim", {"claimName": "p"}, lun={"bus": "scsi", "reservation": True}),
    "disk without a target": devices({"disks": [{"name": "root"}]}),
    "no disks": devices({"disks": None}),
    "no volumes": {"volumes": None},
    "bus of old": devices({"disks": [{"name": "root", "disk": {"bus": "ide"}}]}),
    "boot order": devices({"disks": [{"name": "root", "bootOrder": 1, "disk": {}}]}),
    "boot order 0": devices({"disks": [{"name": "root", "bootOrder": 0, "disk": {}}]}),
    "boot order twice": {**devices({"disks": [{"name": "root", "bootOrder": 1, "disk": {}}],
                                    "interfaces": [{"name": "default", "masquerade": {}, "bootOrder": 1}]})},
    "serial": devices({"disks": [{"name": "root", "disk": {}, "serial": "abc 1"}]}),
    "cache and io": devices({"disks": [{"name": "root", "disk": {}, "cache": "none", "io": "native"}]}),
    "dedicated io thread": devices({"disks": [{"name": "root", "disk": {"bus": "virtio"}, "dedicatedIOThread": True}]}),
    "block size": devices({"disks": [{"name": "root", "disk": {}, "blockSize": {"custom": {"logical": 4096, "physical": 4096}}}]}),
    "shareable": devices({"disks": [{"name": "root", "disk": {}, "shareable": True}]}),
    "shareable, cached": devices({"disks": [{"name": "root", "disk": {}, "shareable": True, "cache": "writethrough"}]}),
    "pci address of a disk": devices({"disks": [{"name": "root", "disk": {"bus": "virtio", "pciAddress": "0000:81:01.0"}}]}),
    "tag of a disk": devices({"disks": [{"name": "root", "disk": {}, "tag": "t"}]}),
    "empty disk": volume("emptyDisk", {"capacity": "1Gi"}),
    "claim volume": volume("persistentVolumeClaim", {"claimName": "p"}),
    "hotplugged claim": volume("persistentVolumeClaim", {"claimName": "p", "hotpluggable": True}),
    "data volume": volume("dataVolume", {"name": "dv"}),
    "ephemeral": volume("ephemeral", {"persistentVolumeClaim": {"claimName": "p"}}),
    "host disk": volume("hostDisk", {"path": "/a.img", "type": "DiskOrCreate", "capacity": "1Gi"}),
    "host disk without a size": volume("hostDisk", {"path": "/a.img", "type": "DiskOrCreate"}),
    "config map": volume("configMap", {"name": "cm"}),
    "secret": volume("secret", {"secretName": "s"}),
    "service account": volume("serviceAccount", {"serviceAccountName": "sa"}),
    "two service accounts": laid(volume("serviceAccount", {"serviceAccountName": "a"}, "a"), volume("serviceAccount", {"serviceAccountName": "b"}, "b")),
    "downward metrics": volume("downwardMetrics", {}),
    "downward metrics device": devices({"downwardMetrics": {}}),
    "downward API": volume("downwardAPI", {"fields": [{"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}}]}),
    "sysprep": volume("sysprep", {"configMap": {"name": "cm"}}, cdrom={"bus": "sata"}),
    "sysprep of nothing": volume("sysprep", {}, cdrom={"bus": "sata"}),
    "memory dump": volume("memoryDump", {"claimName": "d", "hotpluggable": True}, disk=None),
    "container path": volume("containerPath", {"path": "/var/lib"}, disk=None),
    "cloud-init": volume("cloudInitNoCloud", {"userData": "#cloud-config\n"}),
    "cloud-init of both": volume("cloudInitNoCloud", {"userData": "#cloud-config\n", "userDataBase64": "I2Nsb3VkLWNvbmZpZwo="}),
    "cloud-init of none": volume("cloudInitNoCloud", {}),
    "cloud-init too long": volume("cloudInitNoCloud", {"userData": "x" * 2049}),
    "cloud-init secret": volume("cloudInitNoCloud", {"secretRef": {"name": "s"}}),
    "cloud-init network": volume("cloudInitNoCloud", {"userData": "#cloud-config\n", "networkData": "version: 2\n"}),
    "config drive": volume("cloudInitConfigDrive", {"userData": "#cloud-config\n"}, "drive"),
    "filesystem": {**devices({"filesystems": [{"name": "fs", "virtiofs": {}}]}), "volumes+": [{"name": "fs", "configMap": {"name": "cm"}}]},
    "filesystem of a claim": {**devices({"filesystems": [{"name": "fs", "virtiofs": {}}]}), "volumes+": [{"name": "fs", "persistentVolumeClaim": {"claimName": "p"}}]},
    "utility volume": {"utilityVolumes+": [{"name": "extra", "claimName": "p"}]},
    "ssh key by config drive": {"accessCredentials+": [{"sshPublicKey": {"source": {"secret": {"secretName": "k"}}, "propagationMethod": {"configDrive": {}}}}]},
    "ssh key by agent": {"accessCredentials+": [{"sshPublicKey": {"source": {"secret": {"secretName": "k"}}, "propagationMethod": {"qemuGuestAgent": {"users": ["fedora"]}}}}]},
    "password by agent": {"accessCredentials+": [{"userPassword": {"source": {"secret": {"secretName": "k"}}, "propagationMethod": {"qemuGuestAgent": {}}}}]},
    "no io threads policy": domain(ioThreadsPolicy="none"),
    "io threads shared": domain(ioThreadsPolicy="shared"),
    "io threads auto": domain(ioThreadsPolicy="auto"),
    "io threads pool": domain(ioThreadsPolicy="supplementalPool", ioThreads={"supplementalPoolThreadCount": 3}),
    "io thread count alone": domain(ioThreads={"supplementalPoolThreadCount": 2}),
    "block multi queue": devices({"blockMultiQueue": True}),
    # networks
    "no network": {"networks": None, **devices({"interfaces": None})},
    "no pod network attached": {"networks": None, **devices({"interfaces": None, "autoattachPodInterface": False})},
    "pod network not attached, named": devices({"autoattachPodInterface": False}),
    "interface without a network": {"networks": None},
    "network without an interface": devices({"interfaces": None}),
    "bridge on pod": devices({"interfaces": [{"name": "default", "bridge": {}}]}),
    "no binding": devices({"interfaces": [{"name": "default"}]}),
    "two bindings": devices({"interfaces": [{"name": "default", "bridge": {}, "masquerade": {}}]}),
    "slirp": devices({"interfaces": [{"name": "default", "slirp": {}}]}),
    "macvtap": devices({"interfaces": [{"name": "default", "macvtap": {}}]}),
    "passt of old": devices({"interfaces": [{"name": "default", "passt": {}}]}),
    "passt": devices({"interfaces": [{"name": "default", "passtBinding": {}}]}),
    "plugin binding": devices({"interfaces": [{"name": "default", "binding": {"name": "macvtap"}}]}),
    "passt plugin": devices({"interfaces": [{"name": "default", "binding": {"name": "passt"}}]}),
    "bridge": interface("bridge", MULTUS),
    "masquerade on multus": interface("masquerade", MULTUS),
    "sriov": interface("sriov", MULTUS),
    "sriov on pod": devices({"interfaces": [{"name": "default", "sriov": {}}]}),
    "two pod networks": interface("masquerade", POD),
    "network of two kinds": interface("bridge", {**POD, **MULTUS}),
    "network of no kind": interface("bridge", {}),
    "default multus": {"networks": [{"name": "default", "multus": {"networkName": "net", "default": True}}], **devices({"interfaces": [{"name": "default", "bridge": {}}]})},
    "default multus beside pod": {"networks+": [{"name": "second", "multus": {"networkName": "net", "default": True}}], **devices({"interfaces+": [{"name": "second", "bridge": {}}]})},
    "network twice": {"networks+": [{"name": "default", "pod": {}}]},
    "interface twice": devices({"interfaces+": [{"name": "default", "masquerade": {}}]}),
    "mac": devices({"interfaces": [{"name": "default", "masquerade": {}, "macAddress": "02:00:00:00:00:01"}]}),
    "mac twice": {**interface("bridge", MULTUS, macAddress="02:00:00:00:00:01"),
                  **devices({"interfaces": [{"name": "default", "masquerade": {}, "macAddress": "02:00:00:00:00:01"}, {"name": "second", "bridge": {}, "macAddress": "02:00:00:00:00:01"}]})},
    "model e1000": devices({"interfaces": [{"name": "default", "masquerade": {}, "model": "e1000"}]}),
    "model unknown": devices({"interfaces": [{"name": "default", "masquerade": {}, "model": "cat"}]}),
    "ports": devices({"interfaces": [{"name": "default", "masquerade": {}, "ports": [{"name": "http", "port": 80, "protocol": "TCP"}, {"port": 53, "protocol": "UDP"}]}]}),
    "ports on a bridge": interface("bridge", MULTUS, ports=[{"port": 80}]),
    "port named twice": devices({"interfaces": [{"name": "default", "masquerade": {}, "ports": [{"name": "a", "port": 80}, {"name": "a", "port": 81}]}]}),
    "dhcp options": devices({"interfaces": [{"name": "default", "masquerade": {}, "dhcpOptions": {"ntpServers": ["10.0.0.1"], "privateOptions": [{"option": 240, "value": "x"}]}}]}),
    "dhcp options odd": devices({"interfaces": [{"name": "default", "masquerade": {}, "dhcpOptions": {"ntpServers": ["::1", "x"], "privateOptions": [{"option": 10, "value": "x"}]}}]}),
    "interface absent": interface("bridge", MULTUS, state="absent"),
    "interface down": interface("bridge", MULTUS, state="down"),
    "interface of an odd name": {"networks": [{"name": "def.ault", "pod": {}}], **devices({"interfaces": [{"name": "def.ault", "masquerade": {}}]})},
    "acpi index": devices({"interfaces": [{"name": "default", "masquerade": {}, "acpiIndex": 1}]}),
    "queues": devices({"networkInterfaceMultiqueue": True}),
    "pod cidr": {"networks": [{"name": "default", "pod": {"vmNetworkCIDR": "10.11.0.0/24", "vmIPv6NetworkCIDR": "fd10::/120"}}]},
    "pod cidr odd": {"networks": [{"name": "default", "pod": {"vmNetworkCIDR": "10.11.0.0"}}]},
    # firmware, features, security, other devices
    "efi": domain(firmware={"bootloader": {"efi": {"secureBoot": False}}}),
    "efi secure": domain(firmware={"bootloader": {"efi": {}}}),
    "efi secure, smm": domain(firmware={"bootloader": {"efi": {"secureBoot": True}}}, features={"smm": {"enabled": True}}),
    "efi persistent": domain(firmware={"bootloader": {"efi": {"secureBoot": False, "persistent": True}}}),
    "bios": domain(firmware={"bootloader": {"bios": {"useSerial": True}}}),
    "efi and bios": domain(firmware={"bootloader": {"bios": {}, "efi": {}}}),
    "kernel boot": domain(firmware={"kernelBoot": {"container": {"image": "registry/k:1", "kernelPath": "/k"}, "kernelArgs": "quiet"}}),
    "kernel arguments alone": domain(firmware={"kernelBoot": {"kernelArgs": "quiet"}}),
    "acpi table": domain(firmware={"acpi": {"slicNameRef": "x"}}),
    "sev": domain(launchSecurity={"sev": {}}, firmware={"bootloader": {"efi": {"secureBoot": False}}}),
    "sev without efi": domain(launchSecurity={"sev": {}}),
    "sev encrypted state": domain(launchSecurity={"sev": {"policy": {"encryptedState": True}}}, firmware={"bootloader": {"efi": {"secureBoot": False}}}),
    "snp": domain(launchSecurity={"snp": {}}, firmware={"bootloader": {"efi": {"secureBoot": False}}}),
    "tdx": domain(launchSecurity={"tdx": {}}, firmware={"bootloader": {"efi": {"secureBoot": False}}}),
    "sev and tdx": domain(launchSecurity={"sev": {}, "tdx": {}}, firmware={"bootloader": {"efi": {"secureBoot": False}}}),
    "launch security of none": domain(launchSecurity={}),
    "tpm": devices({"tpm": {}}),
    "tpm off": devices({"tpm": {"enabled": False}}),
    "tpm persistent": devices({"tpm": {"persistent": True}}),
    "vsock": devices({"autoattachVSOCK": True}),
    "no graphics": devices({"autoattachGraphicsDevice": False}),
    "video": devices({"video": {"type": "vga"}}),
    "video without graphics": devices({"video": {"type": "vga"}, "autoattachGraphicsDevice": False}),
    "no serial console": devices({"autoattachSerialConsole": False, "logSerialConsole": True}),
    "no balloon": devices({"autoattachMemBalloon": False}),
    "input": devices({"inputs": [{"name": "t", "type": "tablet", "bus": "usb"}]}),
    "inputs odd": devices({"inputs": [{"name": "t", "type": "mouse", "bus": "ps2"}]}),
    "watchdog": devices({"watchdog": {"name": "w", "i6300esb": {"action": "reset"}}}),
    "watchdog of nothing": devices({"watchdog": {"name": "w"}}),
    "watchdog of another machine": devices({"watchdog": {"name": "w", "diag288": {"action": "reset"}}}),
    "rng": devices({"rng": {}}),
    "sound": devices({"sound": {"name": "s", "model": "ac97"}}),
    "panic device": devices({"panicDevices": [{"model": "hyperv"}]}),
    "usb redirection": devices({"clientPassthrough": {}}),
    "hotplug off": devices({"disableHotplug": True}),
    "virtio transitional": devices({"useVirtioTransitional": True}),
    "hyperv": domain(features={"hyperv": {"relaxed": {}, "vapic": {}, "synic": {}, "synictimer": {"enabled": True}, "spinlocks": {"spinlocks": 8191}}}),
    "hyperv passthrough": domain(features={"hypervPassthrough": {"enabled": True}, "hyperv": {"relaxed": {}}}),
    "kvm hidden": domain(features={"kvm": {"hidden": True}}),
    "clock": domain(clock={"utc": {}, "timer": {"hpet": {"present": False}, "pit": {"tickPolicy": "delay"}}}),
    "clock of two": domain(clock={"utc": {}, "timezone": "UTC"}),
    "machine q35": domain(machine={"type": "q35"}),
    "machine pc": domain(machine={"type": "pc-i440fx-2.10"}),
    "arm64": {"architecture": "arm64"},
    "arm64, efi": {"architecture": "arm64", **domain(firmware={"bootloader": {"efi": {"secureBoot": False}}})},
    "s390x": {"architecture": "s390x"},
    "architecture unknown": {"architecture": "mips"},
    # life, placement
    "eviction None": {"evictionStrategy": "None"},
    "eviction LiveMigrate": {"evictionStrategy": "LiveMigrate"},
    "eviction External": {"evictionStrategy": "External"},
    "eviction unknown": {"evictionStrategy": "Sometimes"},
    "start paused": {"startStrategy": "Paused"},
    "start paused, probed": {"startStrategy": "Paused", "livenessProbe": {"tcpSocket": {"port": 22}}},
    "probe by exec": {"livenessProbe": {"exec": {"command": ["true"]}}, "readinessProbe": {"exec": {"command": ["true"]}}},
    "probe by http": {"readinessProbe": {"httpGet": {"port": 80}}},
    "probe by agent": {"readinessProbe": {"guestAgentPing": {}}},
    "probe of nothing": {"livenessProbe": {"initialDelaySeconds": 5}},
    "probe of two": {"livenessProbe": {"tcpSocket": {"port": 22}, "httpGet": {"port": 80}}},
    "dns none": {"dnsPolicy": "None"},
    "dns none, configured": {"dnsPolicy": "None", "dnsConfig": {"nameservers": ["10.0.0.1"], "searches": ["a.example"]}},
    "dns too many": {"dnsConfig": {"nameservers": ["10.0.0.1"] * 4, "searches": [f"s{n}.example" for n in range(33)]}},
    "hostname": {"hostname": "web", "subdomain": "vms"},
    "hostname odd": {"hostname": "Web_1", "subdomain": "VMs"},
    "grace": {"terminationGracePeriodSeconds": 0},
    "node selector": {"nodeSelector": {"qat": "true"}},
    "toleration odd": {"tolerations": [{"key": "k", "operator": "Exists", "value": "v"}]},
    "affinity": {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {
        "nodeSelectorTerms": [{"matchExpressions": [{"key": "qat", "operator": "In", "values": ["a"]}]}]}}}},
    "affinity odd": {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {
        "nodeSelectorTerms": [{"matchExpressions": [{"key": "qat", "operator": "Like", "values": []}]}]}}}},
    "spread": {"topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}]},
    "reboot policy": domain(rebootPolicy="Terminate"),
    "service account name": {"serviceAccountName": "sa"},
    "scheduler": {"schedulerName": "own", "priorityClassName": "high"},
}  # fmt: skip
"""Changes of an instance's spec by name."""

OWN: dict[str, Spec] = {
    "as it is": {},
    "running": {"running": True, "runStrategy": None},
    "neither": {"runStrategy": None},
    "both": {"running": True},
    "halted": {"runStrategy": "Halted"},
    "odd strategy": {"runStrategy": "Often"},
    "template of a data volume": {
        "dataVolumeTemplates": [
            {
                "metadata": {"name": "dv"},
                "spec": {"source": {"blank": {}}, "storage": {"resources": {"requests": {"storage": "1Gi"}}}},
            }
        ]
    },
    "template of two sources": {
        "dataVolumeTemplates": [
            {
                "metadata": {"name": "dv"},
                "spec": {
                    "source": {"blank": {}, "http": {"url": "http://a/b"}},
                    "storage": {"resources": {"requests": {"storage": "1Gi"}}},
                },
            }
        ]
    },
    "template of none": {
        "dataVolumeTemplates": [
            {
                "metadata": {"name": "dv"},
                "spec": {"pvc": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}},
            }
        ]
    },
    "instance type": {"instancetype": {"name": "small"}},
    "instance type of an odd kind": {"instancetype": {"name": "small", "kind": "Flavour"}},
    "preference": {"preference": {"name": "linux"}},
    "volumes strategy": {"updateVolumesStrategy": "Migration"},
    "volumes strategy odd": {"updateVolumesStrategy": "Often"},
}
"""Changes of a VirtualMachine's own spec by name."""

METADATA: dict[str, dict[str, Any]] = {
    "KubeVirt's own label": {"labels": {"kubevirt.io/domain": "x"}},
    "another of KubeVirt's labels": {"labels": {"kubevirt.io/created-by": "x", "app": "vm0"}},
    "odd label": {"labels": {"bad key": "v"}},
    "long name": {"name": "a" * 64},
    "odd name": {"name": "Vm_0"},
    "generated name": {"name": None, "generateName": "vm-"},
    "hook sidecar": {"annotations": {"hooks.kubevirt.io/hookSidecars": '[{"image": "registry/hook:1"}]'}},
    "hook sidecar odd": {"annotations": {"hooks.kubevirt.io/hookSidecars": "[{"}},
    "ignition": {"annotations": {"kubevirt.io/ignitiondata": "{}"}},
    "even parity": {"annotations": {"alpha.kubevirt.io/EmulatorThreadCompleteToEvenParity": ""}},
    "log verbosity": {"labels": {"logVerbosity": "7"}},
    "log verbosity odd": {"labels": {"logVerbosity": "loud"}},
}
"""Changes of an instance's metadata by name."""

WHOLE: dict[str, Spec] = {
    "no spec": {"spec": None},
    "an empty spec": {"spec": None, "status": {}},
    "a spec that is text": {"spec": "a"},
    "a spec that is a list": {"spec": []},
    "a status of its own": {"status": {"phase": "Running", "ready": True}},
    "a status that is text": {"status": "a"},
    "an older version": {"apiVersion": "kubevirt.io/v1alpha3"},
    "an unknown key at the top": {"bogus": 1},
    "an unknown key in the metadata": {"metadata": {"bogus": 1}},
    "no metadata": {"metadata": None},
    "no namespace": {"metadata": {"namespace": None}},
    "a label that is a number": {"metadata": {"labels": {"a": 1}}},
    "an annotation that is true": {"metadata": {"annotations": {"a": True}}},
    "a name that is a number": {"metadata": {"name": 7}},
    "a long name with dots": {"metadata": {"name": ".".join(["a" * 60] * 3)}},
    "a finalizer": {"metadata": {"finalizers": ["example.com/keep"]}},
    "an owner": {"metadata": {"ownerReferences": [{"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "u"}]}},
    "labels of KubeVirt's": {"metadata": {"labels": {"kubevirt.io/nodeName": "n", "kubevirt.io/schedulable": "true"}}},
    "a template without metadata": {"spec": {"template": {"metadata": None}}},
    "a template that is text": {"spec": {"template": "a"}},
    "a template of nothing": {"spec": {"template": {"metadata": None, "spec": None}}},
    "labels of the template that are numbers": {"spec": {"template": {"metadata": {"labels": {"a": 1}}}}},
    "a name in the template": {"spec": {"template": {"metadata": {"name": "other", "namespace": "elsewhere"}}}},
    "an odd label in the template": {"spec": {"template": {"metadata": {"labels": {"Bad Key!": "v"}}}}},
    "an unknown key in the template": {"spec": {"template": {"bogus": 1}}},
    "a template beside an instance": {"spec": {"template": {"spec": {"domain": None}}}},
}
"""Changes of the whole object by name."""
