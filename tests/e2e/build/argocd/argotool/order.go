package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/go-logr/logr"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	cmdutil "k8s.io/kubectl/pkg/cmd/util"

	"github.com/argoproj/argo-cd/gitops-engine/pkg/health"
	gosync "github.com/argoproj/argo-cd/gitops-engine/pkg/sync"
	"github.com/argoproj/argo-cd/gitops-engine/pkg/sync/common"
	"github.com/argoproj/argo-cd/gitops-engine/pkg/utils/kube"
	"github.com/argoproj/argo-cd/gitops-engine/pkg/utils/kube/kubetest"
)

var clusterScoped = map[string]bool{}

func init() {
	for _, k := range strings.Fields(`Namespace Node PersistentVolume ClusterRole ClusterRoleBinding CustomResourceDefinition
 StorageClass PriorityClass IngressClass ValidatingWebhookConfiguration MutatingWebhookConfiguration APIService RuntimeClass
 ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding MutatingAdmissionPolicy MutatingAdmissionPolicyBinding
 CSIDriver FlowSchema PriorityLevelConfiguration DeviceClass VolumeAttributesClass`) {
		clusterScoped[k] = true
	}
}

// fakeCluster is the little API server: discovery, and GET/PUT/DELETE of what was applied.
type fakeCluster struct {
	mu        sync.Mutex
	live      map[kube.ResourceKey]*unstructured.Unstructured
	kinds     map[schema.GroupVersionKind]bool // kinds named in the input
	builtin   bool                             // unknown API groups exist without a CRD
	ops       []string
	failApply map[string]string
	uid       int
}

func (f *fakeCluster) namespaced(gk schema.GroupKind) bool {
	for _, o := range f.live {
		if kube.IsCRD(o) {
			g, _, _ := unstructured.NestedString(o.Object, "spec", "group")
			k, _, _ := unstructured.NestedString(o.Object, "spec", "names", "kind")
			s, _, _ := unstructured.NestedString(o.Object, "spec", "scope")
			if g == gk.Group && k == gk.Kind {
				return s != "Cluster"
			}
		}
	}
	return !clusterScoped[gk.Kind]
}

func (f *fakeCluster) IsNamespaced(gk schema.GroupKind) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.namespaced(gk), nil
}

func (f *fakeCluster) served(gvk schema.GroupVersionKind) bool {
	if f.builtin || !strings.Contains(gvk.Group, ".") || strings.HasSuffix(gvk.Group, ".k8s.io") {
		return true
	}
	for _, o := range f.live {
		if kube.IsCRD(o) {
			g, _, _ := unstructured.NestedString(o.Object, "spec", "group")
			k, _, _ := unstructured.NestedString(o.Object, "spec", "names", "kind")
			if g == gvk.Group && k == gvk.Kind {
				return true
			}
		}
	}
	return false
}

func (f *fakeCluster) key(o *unstructured.Unstructured) kube.ResourceKey {
	k := kube.GetResourceKey(o)
	if !f.namespaced(schema.GroupKind{Group: k.Group, Kind: k.Kind}) {
		k.Namespace = ""
	}
	return k
}

func (f *fakeCluster) put(o *unstructured.Unstructured) {
	o = o.DeepCopy()
	k := f.key(o)
	o.SetNamespace(k.Namespace)
	if old := f.live[k]; old != nil {
		o.SetUID(old.GetUID())
	} else {
		f.uid++
		o.SetUID(types.UID(fmt.Sprintf("uid-%d", f.uid)))
	}
	if kube.IsCRD(o) {
		_ = unstructured.SetNestedSlice(o.Object, []any{map[string]any{"type": "Established", "status": "True"}}, "status", "conditions")
	}
	f.live[k] = o
}

func plural(kind string) string { return strings.ToLower(kind) + "s" }

func (f *fakeCluster) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	p := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	var gv schema.GroupVersion
	switch {
	case len(p) >= 2 && p[0] == "api":
		gv, p = schema.GroupVersion{Version: p[1]}, p[2:]
	case len(p) >= 3 && p[0] == "apis":
		gv, p = schema.GroupVersion{Group: p[1], Version: p[2]}, p[3:]
	}
	if len(p) == 0 {
		l := metav1.APIResourceList{TypeMeta: metav1.TypeMeta{Kind: "APIResourceList", APIVersion: "v1"}, GroupVersion: gv.String()}
		for gvk := range f.kinds {
			if gvk.GroupVersion() == gv && f.served(gvk) {
				l.APIResources = append(l.APIResources, metav1.APIResource{
					Name: plural(gvk.Kind), Kind: gvk.Kind, Namespaced: f.namespaced(gvk.GroupKind()),
					Verbs: metav1.Verbs{"get", "list", "watch", "create", "update", "patch", "delete"},
				})
			}
		}
		if len(l.APIResources) > 0 {
			_ = json.NewEncoder(w).Encode(l)
			return
		}
	} else {
		ns := ""
		if p[0] == "namespaces" && len(p) > 2 {
			ns, p = p[1], p[2:]
		}
		for k, o := range f.live {
			if len(p) == 2 && k.Group == gv.Group && plural(k.Kind) == p[0] && k.Name == p[1] && k.Namespace == ns {
				switch r.Method {
				case http.MethodPut:
					u := &unstructured.Unstructured{}
					_ = json.NewDecoder(r.Body).Decode(&u.Object)
					f.put(u)
				case http.MethodDelete:
					f.ops = append(f.ops, "delete "+show(o))
					delete(f.live, k)
				}
				_ = json.NewEncoder(w).Encode(o.Object)
				return
			}
		}
		// the CRD reader asks for the real plural
		if len(p) == 2 && p[0] == "customresourcedefinitions" {
			for k, o := range f.live {
				if k.Kind == "CustomResourceDefinition" && k.Name == p[1] {
					_ = json.NewEncoder(w).Encode(o.Object)
					return
				}
			}
		}
	}
	w.WriteHeader(http.StatusNotFound)
	_ = json.NewEncoder(w).Encode(metav1.Status{TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: "Failure", Reason: metav1.StatusReasonNotFound, Code: 404, Message: r.URL.Path + " not found"})
}

func show(o *unstructured.Unstructured) string {
	s := o.GetKind() + "/" + o.GetName()
	if o.GetNamespace() != "" && !clusterScoped[o.GetKind()] {
		s += " -n " + o.GetNamespace()
	}
	if h := o.GetAnnotations()[common.AnnotationKeyHook]; h != "" {
		s += " [hook " + h + "]"
	}
	return s
}

// kubectl / resource operations that record
type recKubectl struct {
	*kubetest.MockKubectlCmd
	f *fakeCluster
}

func (k *recKubectl) ManageResources(*rest.Config) (kube.ResourceOperations, func(), error) {
	return &recOps{k.f}, func() {}, nil
}

func (k *recKubectl) DeleteResource(_ context.Context, _ *rest.Config, gvk schema.GroupVersionKind, name, ns string, _ metav1.DeleteOptions) error {
	k.f.mu.Lock()
	defer k.f.mu.Unlock()
	key := kube.NewResourceKey(gvk.Group, gvk.Kind, ns, name)
	if o := k.f.live[key]; o != nil {
		k.f.ops = append(k.f.ops, "prune "+show(o))
		delete(k.f.live, key)
	}
	return nil
}

type recOps struct{ f *fakeCluster }

func (r *recOps) do(verb string, o *unstructured.Unstructured, dry cmdutil.DryRunStrategy) (string, error) {
	if dry != cmdutil.DryRunNone {
		return "", nil
	}
	r.f.mu.Lock()
	defer r.f.mu.Unlock()
	if m, ok := r.f.failApply[o.GetKind()+"/"+o.GetName()]; ok {
		r.f.ops = append(r.f.ops, verb+" "+show(o)+"   << rejected")
		return "", fmt.Errorf("%s", m)
	}
	r.f.ops = append(r.f.ops, verb+" "+show(o))
	r.f.put(o)
	return "ok", nil
}

func (r *recOps) ApplyResource(_ context.Context, o *unstructured.Unstructured, dry cmdutil.DryRunStrategy, force, validate, ssa bool, _ string) (string, error) {
	v := "apply"
	if ssa {
		v = "apply(server-side)"
	}
	if force {
		v += "(force)"
	}
	return r.do(v, o, dry)
}
func (r *recOps) ReplaceResource(_ context.Context, o *unstructured.Unstructured, dry cmdutil.DryRunStrategy, _ bool) (string, error) {
	return r.do("replace", o, dry)
}
func (r *recOps) CreateResource(_ context.Context, o *unstructured.Unstructured, dry cmdutil.DryRunStrategy, _ bool) (string, error) {
	return r.do("create", o, dry)
}
func (r *recOps) UpdateResource(_ context.Context, o *unstructured.Unstructured, dry cmdutil.DryRunStrategy) (*unstructured.Unstructured, error) {
	_, err := r.do("update", o, dry)
	return o, err
}

type fixedHealth map[string]bool // kind/name that turn out degraded

func (h fixedHealth) GetResourceHealth(o *unstructured.Unstructured) (*health.HealthStatus, error) {
	if h[o.GetKind()+"/"+o.GetName()] {
		return &health.HealthStatus{Status: health.HealthStatusDegraded, Message: "told to fail"}, nil
	}
	return &health.HealthStatus{Status: health.HealthStatusHealthy}, nil
}

func cmdOrder(args []string) error {
	fs := flag.NewFlagSet("order", flag.ExitOnError)
	ns := fs.String("n", "default", "destination namespace")
	prune := fs.Bool("prune", false, "")
	builtin := fs.Bool("assume-crds", false, "every API group is served, CRD or not")
	createNs := fs.Bool("create-namespace", false, "syncOptions CreateNamespace=true")
	var liveFiles, degraded, rejected multi
	fs.Var(&liveFiles, "live", "manifests already in the cluster (and managed by the app)")
	fs.Var(&degraded, "degraded", "Kind/name whose health turns Degraded after apply")
	fs.Var(&rejected, "rejected", "Kind/name the API server refuses")
	_ = fs.Parse(args)
	target, err := readObjs(fs.Args())
	if err != nil {
		return err
	}
	liveObjs, err := readObjs(liveFiles)
	if err != nil {
		return err
	}
	f := &fakeCluster{live: map[kube.ResourceKey]*unstructured.Unstructured{}, kinds: map[schema.GroupVersionKind]bool{}, builtin: *builtin, failApply: map[string]string{}}
	f.kinds[schema.GroupVersionKind{Version: "v1", Kind: "Namespace"}] = true
	for _, o := range append(append([]*unstructured.Unstructured{}, target...), liveObjs...) {
		f.kinds[o.GroupVersionKind()] = true
	}
	for _, o := range liveObjs {
		if o.GetNamespace() == "" {
			o.SetNamespace(*ns)
		}
		f.put(o)
	}
	for _, r := range rejected {
		f.failApply[r] = "rejected by admission"
	}
	deg := fixedHealth{}
	for _, d := range degraded {
		deg[d] = true
	}
	srv := httptest.NewServer(f)
	defer srv.Close()
	cfg := &rest.Config{Host: srv.URL, QPS: 1000, Burst: 1000}

	flush := func(title string) {
		f.mu.Lock()
		defer f.mu.Unlock()
		if len(f.ops) == 0 {
			return
		}
		// same-kind neighbours are applied in parallel by Argo CD: sort them so that the print is stable
		for i := 0; i < len(f.ops); {
			j := i
			pre := func(s string) string { return strings.SplitN(s, "/", 2)[0] }
			for j < len(f.ops) && pre(f.ops[j]) == pre(f.ops[i]) {
				j++
			}
			sort.Strings(f.ops[i:j])
			i = j
		}
		fmt.Println("== " + title)
		for _, o := range f.ops {
			fmt.Println("   " + o)
		}
		f.ops = nil
	}

	var phase common.OperationPhase
	var msg string
	var results []common.ResourceSyncResult
	started := metav1.NewTime(time.Now())
	for step := 0; step < 200; step++ {
		f.mu.Lock()
		live := map[kube.ResourceKey]*unstructured.Unstructured{}
		for k, o := range f.live {
			live[k] = o.DeepCopy()
		}
		f.mu.Unlock()
		var t []*unstructured.Unstructured
		for _, o := range target {
			o = o.DeepCopy()
			// the app controller fills in the destination namespace before reconciling (controller/state.go)
			if namespaced, _ := f.IsNamespaced(o.GroupVersionKind().GroupKind()); namespaced && o.GetNamespace() == "" {
				o.SetNamespace(*ns)
			}
			t = append(t, o)
		}
		opts := []gosync.SyncOpt{
			gosync.WithLogr(logr.Discard()),
			gosync.WithPrune(*prune),
			gosync.WithHealthOverride(deg),
			gosync.WithInitialState(phase, msg, results, started),
			gosync.WithSyncWaveHook(func(p common.SyncPhase, wave int, final bool) error {
				flush(fmt.Sprintf("%s wave %d", p, wave))
				return nil
			}),
		}
		if *createNs {
			opts = append(opts, gosync.WithNamespaceModifier(func(m, l *unstructured.Unstructured) (bool, error) { return l == nil, nil }))
		}
		sc, cleanup, err := gosync.NewSyncContext("0123456789", gosync.Reconcile(t, live, *ns, f), cfg, cfg,
			&recKubectl{&kubetest.MockKubectlCmd{}, f}, *ns, opts...)
		if err != nil {
			return err
		}
		sc.Sync()
		phase, msg, results = sc.GetState()
		cleanup()
		flush("outside a wave (SyncFail, hook clean-up, or namespace)")
		if phase.Completed() {
			break
		}
	}
	fmt.Printf("result: %s: %s\n", phase, msg)
	for _, r := range results {
		if r.Status == common.ResultCodeSyncFailed || r.HookPhase == common.OperationFailed {
			fmt.Printf("   %s/%s %s: %s\n", r.ResourceKey.Kind, r.ResourceKey.Name, r.Status, r.Message)
		}
	}
	if phase != common.OperationSucceeded {
		os.Exit(1)
	}
	return nil
}
