package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	k8sv1 "k8s.io/api/core/v1"
	extv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	k8sruntime "k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"sigs.k8s.io/yaml"

	v1 "kubevirt.io/api/core/v1"
	"kubevirt.io/client-go/kubecli"

	"kubevirt.io/kubevirt/pkg/hooks"
	"kubevirt.io/kubevirt/pkg/network/netbinding"
	netannotations "kubevirt.io/kubevirt/pkg/network/pod/annotations"
	netresources "kubevirt.io/kubevirt/pkg/network/resources"
	storageannotations "kubevirt.io/kubevirt/pkg/storage/pod/annotations"
	"kubevirt.io/kubevirt/pkg/util"
	"kubevirt.io/kubevirt/pkg/virt-api/webhooks"
	virtconfig "kubevirt.io/kubevirt/pkg/virt-config"
	"kubevirt.io/kubevirt/pkg/virt-controller/services"
)

const (
	kindVM         = "VirtualMachine"
	kindVMI        = "VirtualMachineInstance"
	kindReplicaSet = "VirtualMachineInstanceReplicaSet"
	kindPool       = "VirtualMachinePool"

	kvNamespace   = "kubevirt"
	architecture  = "amd64"
	launcherUser  = 107
	qemuTimeout   = 240
	launcherImage = "quay.io/kubevirt/virt-launcher:v0"
	exportImage   = "quay.io/kubevirt/virt-exportserver:v0"
)

// cluster is KubeVirt's code as one KubeVirt object configures it.
type cluster struct {
	config    *virtconfig.ClusterConfig
	client    kubecli.KubevirtClient
	informers *webhooks.Informers
	accounts  map[string]struct{}
	template  *services.TemplateService
	claims    cache.Store
	schemas   crdSchemas
	cpuset    []int
}

// informer is a store that is never started: it is only filled and read.
func informer(object k8sruntime.Object) cache.SharedIndexInformer {
	indexers := cache.Indexers{cache.NamespaceIndex: cache.MetaNamespaceIndexFunc}
	return cache.NewSharedIndexInformer(&cache.ListWatch{}, object, 0, indexers)
}

// newCluster reads a KubeVirt object, YAML or JSON, strictly: a field that is unknown to this version is an error.
// `server` is the API server its client asks; only instancetypes, networks and the like are looked up.
func newCluster(text []byte, schemas crdSchemas, server string) (*cluster, error) {
	kubevirt := &v1.KubeVirt{}
	if err := yaml.UnmarshalStrict(text, kubevirt); err != nil {
		return nil, fmt.Errorf("KubeVirt object: %w", err)
	}
	kubevirt.Namespace = kvNamespace
	kubevirt.ResourceVersion = "1" // a version the configuration has not seen, or it is not read
	kubevirt.Status.Phase = v1.KubeVirtPhaseDeployed
	if kubevirt.Status.DefaultArchitecture == "" {
		kubevirt.Status.DefaultArchitecture = architecture
	}
	crds, kubevirts := informer(&extv1.CustomResourceDefinition{}), informer(&v1.KubeVirt{})
	for _, kind := range []string{"DataVolume", "DataSource"} { // CDI is installed
		names := extv1.CustomResourceDefinitionNames{Kind: kind}
		_ = crds.GetStore().Add(&extv1.CustomResourceDefinition{
			ObjectMeta: metav1.ObjectMeta{Name: strings.ToLower(kind) + "s." + virtconfig.CdiGroupName},
			Spec:       extv1.CustomResourceDefinitionSpec{Group: virtconfig.CdiGroupName, Names: names},
		})
	}
	_ = kubevirts.GetStore().Add(kubevirt)
	config, err := virtconfig.NewClusterConfigWithCPUArch(crds, kubevirts, kvNamespace, architecture)
	if err != nil {
		return nil, err
	}
	client, err := kubecli.GetKubevirtClientFromRESTConfig(&rest.Config{Host: server, Timeout: time.Second, QPS: -1})
	if err != nil {
		return nil, err
	}
	namespaces := informer(&k8sv1.Namespace{})
	_ = namespaces.GetStore().Add(&k8sv1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "default"}})
	c := &cluster{
		config: config, client: client, schemas: schemas,
		accounts: webhooks.KubeVirtServiceAccounts(kvNamespace),
		informers: &webhooks.Informers{
			VMIPresetInformer:  informer(&v1.VirtualMachineInstancePreset{}),
			DataSourceInformer: informer(&k8sv1.Pod{}),
			NamespaceInformer:  namespaces,
		},
		claims: informer(&k8sv1.PersistentVolumeClaim{}).GetStore(),
	}
	// As virt-controller makes it: pkg/virt-controller/watch/application.go, initCommon.
	annotations := netannotations.NewGenerator(config)
	c.template = services.NewTemplateService(
		launcherImage, qemuTimeout, util.VirtShareDir, util.VirtShareDir+"-ephemeral-disks",
		filepath.Join(util.VirtShareDir, "container-disks"), filepath.Join(util.VirtShareDir, "hotplug-disks"),
		"", c.claims, client, config, launcherUser, exportImage,
		informer(&k8sv1.ResourceQuota{}).GetStore(), namespaces.GetStore(),
		services.WithSidecarCreator(func(vmi *v1.VirtualMachineInstance, _ *v1.KubeVirtConfiguration) (hooks.HookSidecarList, error) {
			return hooks.UnmarshalHookSidecarList(vmi)
		}),
		services.WithSidecarCreator(netbinding.NetBindingPluginSidecarList),
		services.WithNetMemoryCalculator(netresources.MemoryCalculator{}),
		services.WithAnnotationsGenerators(annotations, storageannotations.Generator{}),
		services.WithNetTargetAnnotationsGenerator(annotations),
	)
	return c, nil
}

// setClaims makes the claims that exist these and no others.
func (c *cluster) setClaims(names []string) {
	objects := []any{}
	for _, full := range names {
		namespace, name, _ := strings.Cut(full, "/")
		objects = append(objects, &k8sv1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}})
	}
	_ = c.claims.Replace(objects, "1")
}

var unsafeInVariable = regexp.MustCompile(`[./]`)
var pciVariables []string

// setPCIAddresses tells virt-launcher's code the addresses the plugins handed out, as the kubelet does: a variable
// PCI_RESOURCE_<NAME> for each resource. Those of the request before are gone.
func setPCIAddresses(byResource map[string][]string) {
	for _, name := range pciVariables {
		os.Unsetenv(name)
	}
	pciVariables = pciVariables[:0]
	for resource, addresses := range byResource {
		name := "PCI_RESOURCE_" + strings.ToUpper(unsafeInVariable.ReplaceAllString(resource, "_"))
		os.Setenv(name, strings.Join(addresses, ","))
		pciVariables = append(pciVariables, name)
	}
}
