package main

import (
	goctx "context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	log "github.com/sirupsen/logrus"
	corev1 "k8s.io/api/core/v1"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/fake"
	"sigs.k8s.io/controller-runtime/pkg/client"
	ctrlfake "sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/yaml"

	"github.com/argoproj/argo-cd/gitops-engine/pkg/utils/kube"
	"github.com/argoproj/argo-cd/gitops-engine/pkg/utils/kube/kubetest"
	appsettemplate "github.com/argoproj/argo-cd/v3/applicationset/controllers/template"
	"github.com/argoproj/argo-cd/v3/applicationset/generators"
	"github.com/argoproj/argo-cd/v3/applicationset/services"
	appsetutils "github.com/argoproj/argo-cd/v3/applicationset/utils"
	"github.com/argoproj/argo-cd/v3/common"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/reposerver/apiclient"
	"github.com/argoproj/argo-cd/v3/util/argo"
	"github.com/argoproj/argo-cd/v3/util/db"
	"github.com/argoproj/argo-cd/v3/util/settings"
)

const ns = "argocd"

// world is a cluster with Argo CD's own ConfigMap and Secret, cluster Secrets, and the AppProjects of the input.
type world struct {
	projects map[string]*v1alpha1.AppProject
	apps     []*v1alpha1.Application
	sets     []*v1alpha1.ApplicationSet
	kube     *fake.Clientset
	ctrl     client.Client
	db       db.ArgoDB
	settings *settings.SettingsManager
	repos    *clientset
	urls     map[string]string
	errs     int
	cleanup  func()
}

func (w *world) bad(format string, a ...any) {
	w.errs++
	fmt.Printf("ERROR "+format+"\n", a...)
}

// mapped swaps a repository URL for a local clone.
type mapped struct {
	services.Repos
	urls map[string]string
}

func (m *mapped) to(u string) string {
	if t, ok := m.urls[u]; ok {
		return t
	}
	return u
}
func (m *mapped) GetFiles(c goctx.Context, u, rev, project, pattern string, noCache bool, si *v1alpha1.SourceIntegrity) (map[string][]byte, error) {
	return m.Repos.GetFiles(c, m.to(u), rev, project, pattern, noCache, si)
}
func (m *mapped) GetDirectories(c goctx.Context, u, rev, project string, noCache bool, si *v1alpha1.SourceIntegrity) ([]string, error) {
	return m.Repos.GetDirectories(c, m.to(u), rev, project, noCache, si)
}

func schemaCheck(dir string, u *unstructured.Unstructured) error {
	if dir == "" {
		return nil
	}
	b, err := os.ReadFile(filepath.Join(dir, strings.ToLower(u.GetKind())+"-crd.yaml"))
	if err != nil {
		return err
	}
	crd := &apiextv1.CustomResourceDefinition{}
	if err := yaml.Unmarshal(b, crd); err != nil {
		return err
	}
	for _, v := range crd.Spec.Versions {
		if v.Name != u.GroupVersionKind().Version {
			continue
		}
		in := &apiextensions.JSONSchemaProps{}
		if err := apiextv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(v.Schema.OpenAPIV3Schema, in, nil); err != nil {
			return err
		}
		val, _, err := validation.NewSchemaValidator(in)
		if err != nil {
			return err
		}
		return validation.ValidateCustomResource(nil, u.Object, val).ToAggregate()
	}
	return fmt.Errorf("version %s not in the CRD", u.GroupVersionKind().Version)
}

func newWorld(files []string, urls map[string]string, crds string) (*world, error) {
	objs, err := readObjs(files)
	if err != nil {
		return nil, err
	}
	w := &world{projects: map[string]*v1alpha1.AppProject{}, urls: urls}
	lab := map[string]string{"app.kubernetes.io/part-of": "argocd"}
	kobjs := []runtime.Object{
		&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: common.ArgoCDConfigMapName, Namespace: ns, Labels: lab}},
		&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: common.ArgoCDSecretName, Namespace: ns, Labels: lab}, Data: map[string][]byte{"admin.password": nil, "server.secretkey": []byte("x")}},
	}
	var cobjs []client.Object
	for _, o := range objs {
		switch o.GetKind() {
		case "Application", "ApplicationSet", "AppProject":
			if err := schemaCheck(crds, o); err != nil {
				w.bad("%s %s: CRD schema: %v", o.GetKind(), o.GetName(), err)
			}
		}
		switch o.GetKind() {
		case "AppProject":
			p := &v1alpha1.AppProject{}
			if err := strict(o, p); err != nil {
				w.bad("AppProject %s: %v", o.GetName(), err)
				continue
			}
			p.Namespace = ns
			w.projects[p.Name] = p
			cobjs = append(cobjs, p.DeepCopy())
		case "Application":
			a := &v1alpha1.Application{}
			if err := strict(o, a); err != nil {
				w.bad("Application %s: %v", o.GetName(), err)
				continue
			}
			w.apps = append(w.apps, a)
		case "ApplicationSet":
			a := &v1alpha1.ApplicationSet{}
			if err := strict(o, a); err != nil {
				w.bad("ApplicationSet %s: %v", o.GetName(), err)
				continue
			}
			w.sets = append(w.sets, a)
		case "Secret": // cluster or repository secrets
			s := &corev1.Secret{}
			if err := strict(o, s); err != nil {
				return nil, err
			}
			s.Namespace = ns
			if s.Data == nil {
				s.Data = map[string][]byte{}
			}
			for k, v := range s.StringData {
				s.Data[k] = []byte(v)
			}
			kobjs = append(kobjs, s)
			cobjs = append(cobjs, s.DeepCopy())
		}
	}
	if w.projects["default"] == nil {
		p := &v1alpha1.AppProject{ObjectMeta: metav1.ObjectMeta{Name: "default", Namespace: ns}, Spec: v1alpha1.AppProjectSpec{
			SourceRepos: []string{"*"}, Destinations: []v1alpha1.ApplicationDestination{{Server: "*", Namespace: "*"}},
			ClusterResourceWhitelist: []v1alpha1.ClusterResourceRestrictionItem{{Group: "*", Kind: "*"}}}}
		w.projects["default"] = p
		cobjs = append(cobjs, p.DeepCopy())
	}
	scheme := runtime.NewScheme()
	_ = v1alpha1.AddToScheme(scheme)
	_ = corev1.AddToScheme(scheme)
	w.ctrl = ctrlfake.NewClientBuilder().WithScheme(scheme).WithObjects(cobjs...).Build()
	w.kube = fake.NewClientset(kobjs...)
	w.settings = settings.NewSettingsManager(ctx, w.kube, ns)
	w.db = db.NewDB(ns, w.settings, w.kube)
	tmp, err := os.MkdirTemp("", "argorepo")
	if err != nil {
		return nil, err
	}
	w.cleanup = func() { _ = os.Chmod(tmp, 0o700); _ = os.RemoveAll(tmp) }
	svc, err := newRepoServer(tmp)
	if err != nil {
		return nil, err
	}
	w.repos = &clientset{svc}
	return w, nil
}

func (w *world) generate(set *v1alpha1.ApplicationSet) ([]v1alpha1.Application, error) {
	set = set.DeepCopy()
	if set.Namespace == "" {
		set.Namespace = ns
	}
	if err := appsetutils.CheckInvalidGenerators(set); err != nil {
		return nil, err
	}
	repos := &mapped{services.NewArgoCDService(w.db, false, w.repos, true), w.urls}
	gens := generators.GetGenerators(ctx, w.ctrl, w.kube, ns, repos, nil, generators.SCMConfig{}, nil)
	apps, reason, err := appsettemplate.GenerateApplications(log.WithField("appset", set.Name), *set, gens, &appsetutils.Render{}, w.ctrl)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", reason, err)
	}
	return apps, nil
}

func (w *world) validateApp(app *v1alpha1.Application, render bool) {
	proj := w.projects[app.Spec.GetProject()]
	if proj == nil {
		w.bad("Application %s: references project %s which does not exist", app.Name, app.Spec.GetProject())
		return
	}
	app = app.DeepCopy()
	app.Spec = *argo.NormalizeApplicationSpec(&app.Spec)
	if !argo.IsValidAppName(app.Name) {
		w.bad("Application %s: name not valid", app.Name)
	}
	conds, err := argo.ValidatePermissions(ctx, &app.Spec, proj, w.db)
	if err != nil {
		w.bad("Application %s: ValidatePermissions: %v", app.Name, err)
	}
	for _, c := range conds {
		w.bad("Application %s: %s: %s", app.Name, c.Type, c.Message)
	}
	for _, c := range argo.ValidateManagedByURL(app) {
		w.bad("Application %s: %s: %s", app.Name, c.Type, c.Message)
	}
	if !render {
		return
	}
	local := app.DeepCopy()
	swap := func(s *v1alpha1.ApplicationSource) {
		if s != nil {
			if t, ok := w.urls[s.RepoURL]; ok {
				s.RepoURL = t
			}
		}
	}
	swap(local.Spec.Source)
	for i := range local.Spec.Sources {
		swap(&local.Spec.Sources[i])
	}
	lproj := proj.DeepCopy()
	lproj.Spec.SourceRepos = []string{"*"}
	conds, err = argo.ValidateRepo(ctx, local, w.repos, w.db, &kubetest.MockKubectlCmd{Version: defaultKubeVersion, APIResources: []kube.APIResourceInfo{}}, lproj, w.settings)
	if err != nil {
		w.bad("Application %s: ValidateRepo: %v", app.Name, err)
	}
	for _, c := range conds {
		w.bad("Application %s: %s: %s", app.Name, c.Type, c.Message)
	}
	// what the app controller checks for every resource of a sync (controller/sync.go permission validator)
	_, rc, err := w.repos.NewRepoServerClient()
	if err != nil {
		return
	}
	for _, src := range local.Spec.GetSources() {
		r, err := rc.GenerateManifest(ctx, &apiclient.ManifestRequest{Repo: &v1alpha1.Repository{Repo: src.RepoURL, Type: "git"}, Revision: src.TargetRevision,
			AppName: app.Name, Namespace: app.Spec.Destination.Namespace, ApplicationSource: &src, KubeVersion: defaultKubeVersion, ProjectName: proj.Name, ProjectSourceRepos: []string{"*"}})
		if err != nil {
			continue // ValidateRepo told
		}
		cl, err := argo.GetDestinationCluster(ctx, app.Spec.Destination, w.db)
		if err != nil {
			continue
		}
		for _, m := range r.Manifests {
			u := &unstructured.Unstructured{}
			_ = json.Unmarshal([]byte(m), &u.Object)
			gk := schema.GroupKind{Group: u.GroupVersionKind().Group, Kind: u.GetKind()}
			namespaced := !clusterScoped[gk.Kind]
			if !proj.IsGroupKindNamePermitted(gk, u.GetName(), namespaced) {
				w.bad("Application %s: resource %s:%s is not permitted in project %s", app.Name, gk.Group, gk.Kind, proj.Name)
			}
			if namespaced {
				n := u.GetNamespace()
				if n == "" {
					n = app.Spec.Destination.Namespace
				}
				if ok, _ := proj.IsDestinationPermitted(cl, n, func(p string) ([]*v1alpha1.Cluster, error) { return w.db.GetProjectClusters(ctx, p) }); !ok {
					w.bad("Application %s: %s/%s: namespace %s is not permitted in project %s", app.Name, gk.Kind, u.GetName(), n, proj.Name)
				}
			}
		}
		fmt.Printf("ok    Application %s: %d manifests (%s)\n", app.Name, len(r.Manifests), r.SourceType)
	}
}

func flags(name string, args []string) (*flag.FlagSet, map[string]string, *string, *bool) {
	fs := flag.NewFlagSet(name, flag.ExitOnError)
	var m multi
	fs.Var(&m, "map", "repoURL=file:///local/clone")
	crds := fs.String("crds", "", "folder manifests/crds of the argo-cd module: also check the CRD schemas")
	render := fs.Bool("render", false, "clone the repositories and render (ValidateRepo, resource permissions)")
	_ = fs.Parse(args)
	urls := map[string]string{}
	for _, s := range m {
		i := strings.LastIndex(s, "=")
		urls[s[:i]] = s[i+1:]
	}
	// rest config of https://kubernetes.default.svc without a cluster
	_ = os.Setenv(v1alpha1.EnvVarFakeInClusterConfig, "true")
	kc := filepath.Join(os.TempDir(), fmt.Sprintf("argotool-kubeconfig-%d", os.Getpid()))
	_ = os.WriteFile(kc, []byte("apiVersion: v1\nkind: Config\nclusters: [{name: a, cluster: {server: 'http://127.0.0.1:1'}}]\ncontexts: [{name: a, context: {cluster: a, user: a}}]\nusers: [{name: a, user: {}}]\ncurrent-context: a\n"), 0o600)
	_ = os.Setenv("KUBECONFIG", kc)
	return fs, urls, crds, render
}

func cmdAppSet(args []string) error {
	fs, urls, crds, _ := flags("appset", args)
	defer os.Remove(os.Getenv("KUBECONFIG"))
	w, err := newWorld(fs.Args(), urls, *crds)
	if err != nil {
		return err
	}
	defer w.cleanup()
	for _, s := range w.sets {
		apps, err := w.generate(s)
		if err != nil {
			w.bad("ApplicationSet %s: %v", s.Name, err)
			continue
		}
		sort.Slice(apps, func(i, j int) bool { return apps[i].Name < apps[j].Name })
		for _, a := range apps {
			a.TypeMeta = metav1.TypeMeta{APIVersion: "argoproj.io/v1alpha1", Kind: "Application"}
			b, _ := yaml.Marshal(a)
			var u map[string]any
			_ = yaml.Unmarshal(b, &u)
			delete(u, "status")
			b, _ = yaml.Marshal(u)
			fmt.Printf("---\n%s", b)
		}
	}
	if w.errs > 0 {
		return fmt.Errorf("%d errors", w.errs)
	}
	return nil
}

func cmdValidate(args []string) error {
	fs, urls, crds, render := flags("validate", args)
	defer os.Remove(os.Getenv("KUBECONFIG"))
	w, err := newWorld(fs.Args(), urls, *crds)
	if err != nil {
		return err
	}
	defer w.cleanup()
	for _, p := range w.projects {
		if err := p.ValidateProject(); err != nil {
			w.bad("AppProject %s: %v", p.Name, err)
		}
	}
	for _, a := range w.apps {
		w.validateApp(a, *render)
	}
	for _, s := range w.sets {
		apps, err := w.generate(s)
		if err != nil {
			w.bad("ApplicationSet %s: %v", s.Name, err)
			continue
		}
		names := map[string]bool{}
		for i := range apps {
			if names[apps[i].Name] {
				w.bad("ApplicationSet %s contains applications with duplicate name: %s", s.Name, apps[i].Name)
			}
			names[apps[i].Name] = true
			w.validateApp(&apps[i], *render)
		}
		fmt.Printf("ok    ApplicationSet %s: %d applications\n", s.Name, len(apps))
	}
	fmt.Printf("%d projects, %d applications, %d applicationsets, %d errors\n", len(w.projects), len(w.apps), len(w.sets), w.errs)
	if w.errs > 0 {
		os.Exit(1)
	}
	return nil
}
