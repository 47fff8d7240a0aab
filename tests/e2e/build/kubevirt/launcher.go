package main

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"reflect"
	"runtime"

	k8sv1 "k8s.io/api/core/v1"

	v1 "kubevirt.io/api/core/v1"

	drautil "kubevirt.io/kubevirt/pkg/dra"
	ephemeraldisk "kubevirt.io/kubevirt/pkg/ephemeral-disk/fake"
	cmdv1 "kubevirt.io/kubevirt/pkg/handler-launcher-com/cmd/v1"
	"kubevirt.io/kubevirt/pkg/network/domainspec"
	osdisk "kubevirt.io/kubevirt/pkg/os/disk"
	"kubevirt.io/kubevirt/pkg/util"
	hw "kubevirt.io/kubevirt/pkg/util/hardware"
	"kubevirt.io/kubevirt/pkg/virt-controller/services"
	"kubevirt.io/kubevirt/pkg/virt-launcher/virtwrap/api"
	"kubevirt.io/kubevirt/pkg/virt-launcher/virtwrap/converter"
	"kubevirt.io/kubevirt/pkg/virt-launcher/virtwrap/converter/arch"
	convertertypes "kubevirt.io/kubevirt/pkg/virt-launcher/virtwrap/converter/types"
	"kubevirt.io/kubevirt/pkg/virt-launcher/virtwrap/device/hostdevice/dra"
	"kubevirt.io/kubevirt/pkg/virt-launcher/virtwrap/device/hostdevice/generic"
	"kubevirt.io/kubevirt/pkg/virt-launcher/virtwrap/device/hostdevice/gpu"
	"kubevirt.io/kubevirt/pkg/virt-launcher/virtwrap/device/hostdevice/sriov"
)

// mostElements bounds the domain that is made: the converter writes an element for each vCPU and each I/O thread, and
// admission knows no limit.
const mostElements = 4096

func manyElements(domain v1.DomainSpec) int64 {
	var elements int64
	if domain.CPU != nil {
		most := *domain.CPU
		most.Sockets = max(most.Sockets, most.MaxSockets)
		elements = hw.GetNumberOfVCPUs(&most)
	}
	if threads := domain.IOThreads; threads != nil && threads.SupplementalPoolThreadCount != nil {
		elements = max(elements, int64(*threads.SupplementalPoolThreadCount))
	}
	return elements
}

// answer is what became of one object; error is set where the code itself failed (a panic, JSON that is none).
type answer struct {
	Admit       []verdict  `json:"admit,omitempty"`
	Error       string     `json:"error,omitempty"`
	Pod         *k8sv1.Pod `json:"pod,omitempty"`
	PodError    string     `json:"podError,omitempty"`
	Domain      string     `json:"domain,omitempty"`
	DomainError string     `json:"domainError,omitempty"`
}

func (c *cluster) answer(raw []byte) (said answer) {
	defer func() {
		if reason := recover(); reason != nil {
			said = answer{Error: fmt.Sprint("panic: ", reason)}
		}
	}()
	raw, err := withNamespace(raw)
	if err != nil {
		return answer{Error: err.Error()}
	}
	verdicts, instance, err := c.admit(raw)
	if err != nil {
		return answer{Error: err.Error()}
	}
	said.Admit = verdicts
	if instance == nil {
		return said
	}
	if said.Pod, err = c.template.RenderLaunchManifest(instance.DeepCopy()); err != nil {
		said.PodError = fmt.Sprintf(services.FailedToRenderLaunchManifestErrFormat, err)
	}
	said.Domain, said.DomainError = c.domainOrError(instance)
	return said
}

// domainOrError keeps a panic of the converter from hiding what admission and the pod renderer said.
func (c *cluster) domainOrError(instance *v1.VirtualMachineInstance) (domain, failure string) {
	defer func() {
		if reason := recover(); reason != nil {
			domain, failure = "", fmt.Sprint("panic: ", reason)
		}
	}()
	text, err := c.domain(instance)
	if err != nil {
		return "", err.Error()
	}
	return string(text), ""
}

func withNamespace(raw []byte) ([]byte, error) {
	object := map[string]any{}
	if err := json.Unmarshal(raw, &object); err != nil {
		return nil, err
	}
	metadata, _ := object["metadata"].(map[string]any)
	if metadata == nil {
		metadata = map[string]any{}
		object["metadata"] = metadata
	}
	if _, ok := metadata["namespace"]; !ok {
		metadata["namespace"] = "default"
	}
	return json.Marshal(object)
}

// domain is what virt-launcher does up to the XML (pkg/virt-launcher/virtwrap/manager.go: generateConverterContext,
// SyncVMI), with the options virt-handler passes.
func (c *cluster) domain(vmi *v1.VirtualMachineInstance) ([]byte, error) {
	if vmi.IsCPUDedicated() && len(c.cpuset) == 0 {
		return nil, fmt.Errorf("dedicated CPUs need a cpuset") // the converter would dereference nil
	}
	if elements := manyElements(vmi.Spec.Domain); elements > mostElements {
		return nil, fmt.Errorf("%d vCPUs or I/O threads are not converted: each is an element", elements)
	}
	context := c.converterContext(vmi)
	if err := hostDevices(vmi, context); err != nil {
		return nil, err
	}
	domain := &api.Domain{}
	if err := converter.Convert_v1_VirtualMachineInstance_To_api_Domain(vmi, domain, context); err != nil {
		return nil, err
	}
	api.NewDefaulter(context.Architecture.GetArchitecture()).SetObjectDefaults_Domain(domain)
	return xml.MarshalIndent(domain.Spec, "", "  ")
}

func (c *cluster) converterContext(vmi *v1.VirtualMachineInstance) *convertertypes.ConverterContext {
	devices := vmi.Spec.Domain.Devices
	context := &convertertypes.ConverterContext{
		Architecture:              arch.NewConverter(vmi.Spec.Architecture),
		VirtualMachine:            vmi,
		AllowEmulation:            c.config.AllowEmulation(),
		HypervisorDeviceAvailable: true, // /dev/kvm
		CPUSet:                    c.cpuset,
		IsBlockPVC:                map[string]bool{},
		IsBlockDV:                 map[string]bool{},
		UseVirtioTransitional:     devices.UseVirtioTransitional != nil && *devices.UseVirtioTransitional,
		PermanentVolumes:          map[string]v1.VolumeStatus{},
		HotplugVolumes:            map[string]v1.VolumeStatus{},
		EphemeraldiskCreator:      &ephemeraldisk.MockEphemeralDiskImageCreator{BaseDir: "/var/run/kubevirt-ephemeral-disks/disk-data"},
		UseLaunchSecuritySEV:      util.IsSEVVMI(vmi),
		UseLaunchSecurityTDX:      util.IsTDXVMI(vmi),
		UseLaunchSecurityPV:       util.IsSecureExecutionVMI(vmi),
		HypervisorName:            c.config.GetHypervisor().Name,
		MemBalloonStatsPeriod:     uint(c.config.GetMemBalloonStatsPeriod()),
		FreePageReporting:         !c.config.IsFreePageReportingDisabled() && !vmi.IsHighPerformanceVMI(),
		BochsForEFIGuests:         !c.config.VGADisplayForEFIGuestsEnabled(),
		SerialConsoleLog:          !c.config.IsSerialConsoleLogDisabled(),
		DisksInfo:                 map[string]*osdisk.DiskInfo{},
	}
	// 1.8 has no such field yet.
	if field := reflect.ValueOf(context).Elem().FieldByName("HostArchitecture"); field.IsValid() {
		field.SetString(runtime.GOARCH)
	}
	context.PCINUMAAwareTopologyEnabled = c.config.PCINUMAAwareTopologyEnabled()
	context.DomainAttachmentByInterfaceName = domainspec.DomainAttachmentByInterfaceName(devices.Interfaces, c.config.GetNetworkBindings())
	if s := c.config.GetSMBIOS(); s != nil {
		context.SMBios = &cmdv1.SMBios{Family: s.Family, Product: s.Product, Manufacturer: s.Manufacturer, Sku: s.Sku, Version: s.Version}
	}
	if len(c.cpuset) > 0 {
		context.Topology = oneNode(c.cpuset)
	}
	for _, volume := range vmi.Spec.Volumes {
		if volume.ContainerDisk != nil { // virt-launcher asks qemu-img
			context.DisksInfo[volume.Name] = &osdisk.DiskInfo{Format: "qcow2", VirtualSize: 1 << 30, ActualSize: 1 << 28}
		}
	}
	return context
}

// oneNode is a host of one NUMA node that holds the given CPUs.
func oneNode(cpuset []int) *cmdv1.Topology {
	pages := []*cmdv1.Pages{{Count: 1 << 20, Unit: "KiB", Size: 4}}
	cell := &cmdv1.Cell{Id: 0, Memory: &cmdv1.Memory{Amount: 1 << 30, Unit: "KiB"}, Pages: pages}
	for _, id := range cpuset {
		cell.Cpus = append(cell.Cpus, &cmdv1.CPU{Id: uint32(id), Siblings: []uint32{uint32(id)}})
	}
	return &cmdv1.Topology{NumaCells: []*cmdv1.Cell{cell}}
}

// hostDevices fills in the devices a launcher finds: by the addresses in its environment, and by claims' metadata.
func hostDevices(vmi *v1.VirtualMachineInstance, context *convertertypes.ConverterContext) error {
	var err error
	if context.SRIOVDevices, err = sriov.CreateHostDevices(vmi); err != nil {
		return err
	}
	if context.GenericHostDevices, err = generic.CreateHostDevices(vmi.Spec.Domain.Devices.HostDevices); err != nil {
		return err
	}
	claimed, err := dra.CreateDRAHostDevices(vmi, drautil.DefaultMetadataBasePath)
	if err != nil {
		return err
	}
	context.GenericHostDevices = append(context.GenericHostDevices, claimed...)
	if context.GPUHostDevices, err = gpu.CreateHostDevices(vmi.Spec.Domain.Devices.GPUs); err != nil {
		return err
	}
	claimed, err = dra.CreateDRAGPUHostDevices(vmi, drautil.DefaultMetadataBasePath)
	context.GPUHostDevices = append(context.GPUHostDevices, claimed...)
	return err
}
