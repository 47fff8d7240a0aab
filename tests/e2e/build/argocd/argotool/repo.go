package main

import (
	"flag"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	goctx "context"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"

	"k8s.io/apimachinery/pkg/api/resource"
	"sigs.k8s.io/yaml"

	"github.com/argoproj/argo-cd/v3/common"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/reposerver/apiclient"
	"github.com/argoproj/argo-cd/v3/reposerver/cache"
	"github.com/argoproj/argo-cd/v3/reposerver/metrics"
	"github.com/argoproj/argo-cd/v3/reposerver/repository"
	cacheutil "github.com/argoproj/argo-cd/v3/util/cache"
	"github.com/argoproj/argo-cd/v3/util/git"
	utilio "github.com/argoproj/argo-cd/v3/util/io"
)

// newRepoServer is Argo CD's repo-server service with an in-memory cache instead of Redis.
func newRepoServer(tmp string) (*repository.Service, error) {
	c := cache.NewCache(cacheutil.NewCache(cacheutil.NewInMemoryCache(time.Hour)), time.Hour, 3*time.Minute, 10*time.Second)
	s := repository.NewService(metrics.NewMetricsServer(), c, repository.RepoServerInitConstants{
		ParallelismLimit:                  2,
		MaxCombinedDirectoryManifestsSize: resource.MustParse("10M"),
		StreamedManifestMaxExtractedSize:  1 << 30,
		StreamedManifestMaxTarSize:        100 << 20,
		EnableBuiltinGitConfig:            true,
	}, git.NoopCredsStore{}, tmp)
	return s, s.Init()
}

// clientset serves that service over an in-memory connection, for the code that wants a Clientset.
type clientset struct{ svc *repository.Service }

func (c *clientset) NewRepoServerClient() (utilio.Closer, apiclient.RepoServerServiceClient, error) {
	l := bufconn.Listen(1 << 20)
	g := grpc.NewServer()
	apiclient.RegisterRepoServerServiceServer(g, c.svc)
	go func() { _ = g.Serve(l) }()
	conn, err := grpc.NewClient("passthrough:///buf", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(goctx.Context, string) (net.Conn, error) { return l.Dial() }))
	if err != nil {
		return nil, nil, err
	}
	return conn, apiclient.NewRepoServerServiceClient(conn), nil
}

func cmdRepo(args []string) error {
	fs := flag.NewFlagSet("repo", flag.ExitOnError)
	appFile := fs.String("app", "", "Application manifest")
	details := fs.Bool("details", false, "GetAppDetails (parameters announcement) instead of manifests")
	out := fs.String("o", "yaml", "yaml or json")
	_ = fs.Parse(args)
	app, err := readApp(*appFile)
	if err != nil {
		return err
	}
	tmp, err := os.MkdirTemp("", "argorepo")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	defer os.Chmod(tmp, 0o700)
	svc, err := newRepoServer(tmp)
	if err != nil {
		return err
	}
	for _, src := range app.Spec.GetSources() {
		repo := &v1alpha1.Repository{Repo: src.RepoURL, Type: "git"}
		if *details {
			r, err := svc.GetAppDetails(ctx, &apiclient.RepoServerAppDetailsQuery{
				Repo: repo, Source: &src, AppName: app.Name, NoCache: true,
			})
			if err != nil {
				return err
			}
			b, _ := yaml.Marshal(r)
			fmt.Print(string(b))
			continue
		}
		r, err := svc.GenerateManifest(ctx, &apiclient.ManifestRequest{
			Repo: repo, Revision: src.TargetRevision, NoCache: true, NoRevisionCache: true,
			AppName: app.Name, Namespace: app.Spec.Destination.Namespace, ApplicationSource: &src,
			AppLabelKey: common.LabelKeyAppInstance, TrackingMethod: string(v1alpha1.TrackingMethodAnnotation),
			KubeVersion: defaultKubeVersion, ApiVersions: []string{"v1", "apps/v1"},
			ProjectName: app.Spec.Project, ProjectSourceRepos: []string{"*"},
			HasMultipleSources: app.Spec.HasMultipleSources(),
		})
		if err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "sourceType=%s revision=%s manifests=%d\n", r.SourceType, r.Revision, len(r.Manifests))
		for _, m := range r.Manifests {
			if *out == "json" {
				fmt.Println(m)
				continue
			}
			y, err := yaml.JSONToYAML([]byte(m))
			if err != nil {
				return err
			}
			fmt.Println("---\n" + strings.TrimSpace(string(y)))
		}
	}
	return nil
}
