"""The KubeVirt objects machines are tried under: gates on and off, devices permitted and not, defaults of a cluster."""

from typing import Any

QAT = {"pciVendorSelector": "8086:4941", "resourceName": "intel.com/qat"}
QAT_DC = {"pciVendorSelector": "8086:4945", "resourceName": "intel.com/qat-dc"}
ON_BY_NEED = (
    "AlignCPUs", "ContainerPathVolumes", "CPUManager", "DeclarativeHotplugVolumes", "DownwardMetrics",
    "EnableVirtioFsStorageVolumes", "ExperimentalIgnitionSupport", "FirmwareAutoSelection", "GPUsWithDRA",
    "GraceIOVirtualization", "HostDevices", "HostDevicesWithDRA", "HostDisk", "HypervStrictCheck", "ImageVolume",
    "IncrementalBackup", "IOMMUFD", "NetworkDevicesWithDRA", "PasstBinding", "PCINUMAAwareTopology", "PortRangesSpec",
    "RebootPolicy", "ReservedOverheadMemlock", "Sidecar", "UtilityVolumes", "VGPULiveMigration", "VideoConfig",
    "VSOCK", "WorkloadEncryptionSEV", "WorkloadEncryptionTDX", "SecureExecution", "PanicDevices",
    "PersistentReservation", "CrossArchitectureVirtualization", "VMStatsCollector",
)  # fmt: skip
"""Gates that admission, the launcher pod or the domain reads, of 1.8 or 1.9."""


def kubevirt(gates: tuple[str, ...] = ("HostDevices", "CPUManager"), **configuration: Any) -> dict[str, Any]:
    """A KubeVirt object with these gates; `configuration` goes beside, a `developer` mapping into its own part."""
    developer = {"featureGates": list(gates), **configuration.pop("developer", {})}
    listed = configuration.pop("permitted", [QAT, QAT_DC])
    permitted = {} if listed is None else {"permittedHostDevices": {"pciHostDevices": listed}}
    return {
        "apiVersion": "kubevirt.io/v1",
        "kind": "KubeVirt",
        "metadata": {"name": "kubevirt", "namespace": "kubevirt"},
        "spec": {"configuration": {"developerConfiguration": developer, **permitted, **configuration}},
    }


def clusters() -> dict[str, dict[str, Any]]:
    """The objects by name. The first ten are those the recorded cases were taken under."""
    return {
        "plain": kubevirt(),
        "gate-off": kubevirt(("CPUManager",)),
        "other-permitted": kubevirt(
            permitted=[{"pciVendorSelector": "1234:5678", "resourceName": "example.org/other"}]
        ),
        "none-permitted": kubevirt(permitted=[]),
        "no-list": kubevirt(permitted=None),
        "dra": kubevirt(("HostDevices", "CPUManager", "HostDevicesWithDRA")),
        "dra-disabled": kubevirt(
            ("HostDevices",), permitted=None, developer={"disabledFeatureGates": ["HostDevicesWithDRA"]}
        ),
        "no-cpu-manager": kubevirt(("HostDevices",)),
        "live-migrate": kubevirt(evictionStrategy="LiveMigrate"),
        "overcommit": kubevirt(permitted=[QAT], developer={"memoryOvercommit": 150, "cpuAllocationRatio": 4}),
        "all-gates": kubevirt(ON_BY_NEED),
        "all-gates-no-list": kubevirt(ON_BY_NEED, permitted=None),
        "no-gates": kubevirt(()),
        "empty": {"apiVersion": "kubevirt.io/v1", "kind": "KubeVirt", "metadata": {"name": "kubevirt"}, "spec": {}},
        "disabled": kubevirt(
            ("HostDevices",),
            developer={
                "disabledFeatureGates": [
                    "GPUsWithDRA",
                    "HostDevicesWithDRA",
                    "PasstBinding",
                    "DeclarativeHotplugVolumes",
                    "VideoConfig",
                    "ImageVolume",
                    "PanicDevices",
                    "UtilityVolumes",
                    "IncrementalBackup",
                    "RebootPolicy",
                ]
            },
        ),
        "root": kubevirt(("HostDevices", "CPUManager", "Root")),
        "ratio": kubevirt(additionalGuestMemoryOverheadRatio="1.5"),
        "ratio-uneven": kubevirt(additionalGuestMemoryOverheadRatio="3.333"),
        "undercommit": kubevirt(developer={"memoryOvercommit": 70, "cpuAllocationRatio": 3}),
        "cpu-1-1": kubevirt(developer={"cpuAllocationRatio": 1}),
        "emulation": kubevirt(developer={"useEmulation": True}),
        "cpu-request": kubevirt(cpuRequest="250m"),
        "machine-types": kubevirt(
            architectureConfiguration={"amd64": {"emulatedMachines": ["q35"], "machineType": "q35"}}
        ),
        "arm-default": {
            **kubevirt(architectureConfiguration={"defaultArchitecture": "arm64"}),
            "status": {"defaultArchitecture": "arm64"},
        },
        "cpu-model": kubevirt(cpuModel="Haswell"),
        "evict-if-possible": kubevirt(evictionStrategy="LiveMigrateIfPossible"),
        "evict-external": kubevirt(evictionStrategy="External"),
        "evict-none": kubevirt(evictionStrategy="None"),
        "network": kubevirt(
            network={
                "defaultNetworkInterface": "bridge",
                "permitBridgeInterfaceOnPodNetwork": False,
                "binding": {
                    "macvtap": {"domainAttachmentType": "tap", "migration": {}},
                    "passt": {
                        "sidecarImage": "registry/passt:1",
                        "computeResourceOverhead": {"requests": {"memory": "250Mi"}},
                    },
                },
            }
        ),
        "rollout": kubevirt(
            vmRolloutStrategy="LiveUpdate",
            liveUpdateConfiguration={"maxCpuSockets": 8, "maxHotplugRatio": 2, "maxGuest": "16Gi"},
        ),
        "rollout-stage": kubevirt(vmRolloutStrategy="Stage"),
        "mediated": kubevirt(
            permittedHostDevices={
                "mediatedDevices": [{"mdevNameSelector": "GRID", "resourceName": "intel.com/qat"}],
                "pciHostDevices": [{**QAT_DC, "externalResourceProvider": True}],
            },
            permitted=None,
        ),
        "launcher-resources": kubevirt(
            supportContainerResources=[
                {"type": "sidecar", "resources": {"limits": {"cpu": "1"}, "requests": {"cpu": "50m"}}}
            ]
        ),
        "auto-cpu-limit": kubevirt(autoCPULimitNamespaceLabelSelector={"matchLabels": {}}),
        "defaults": kubevirt(
            vmStateStorageClass="fast",
            smbios={"family": "KubeVirt", "product": "None"},
            virtualMachineOptions={"disableFreePageReporting": {}, "disableSerialConsoleLog": {}},
            minCPUModel="Penryn",
            defaultRuntimeClass="kata",
        ),
    }
