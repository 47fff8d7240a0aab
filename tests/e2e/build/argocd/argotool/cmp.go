package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"path/filepath"
	"strings"

	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/argoproj/argo-cd/v3/cmpserver/apiclient"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/util/cmp"
	utilio "github.com/argoproj/argo-cd/v3/util/io"
)

// defaultKubeVersion is what the destination cluster is said to run where nobody says otherwise.
const defaultKubeVersion = "1.34.1"

// pluginEnv is what reposerver/repository newEnv+getPluginEnvs (unexported) put on the wire.
func pluginEnv(app *v1alpha1.Application, revision, kubeVersion string, apiVersions []string) ([]string, error) {
	src := app.Spec.GetSource()
	cut := func(n int) string {
		if len(revision) > n {
			return revision[:n]
		}
		return revision
	}
	env := v1alpha1.Env{}
	add := func(k, v string) { env = append(env, &v1alpha1.EnvEntry{Name: k, Value: v}) }
	add("ARGOCD_APP_NAME", app.Name)
	add("ARGOCD_APP_NAMESPACE", app.Spec.Destination.Namespace)
	add("ARGOCD_APP_PROJECT_NAME", app.Spec.Project)
	add("ARGOCD_APP_REVISION", revision)
	add("ARGOCD_APP_REVISION_SHORT", cut(7))
	add("ARGOCD_APP_REVISION_SHORT_8", cut(8))
	add("ARGOCD_APP_SOURCE_REPO_URL", src.RepoURL)
	add("ARGOCD_APP_SOURCE_PATH", src.Path)
	add("ARGOCD_APP_SOURCE_TARGET_REVISION", src.TargetRevision)
	add("KUBE_VERSION", kubeVersion)
	add("KUBE_API_VERSIONS", strings.Join(apiVersions, ","))
	out := env.Environ()
	if src.Plugin != nil {
		for _, e := range src.Plugin.Env {
			out = append(out, "ARGOCD_ENV_"+e.Name+"="+env.Envsubst(e.Value))
		}
		p, err := src.Plugin.Parameters.Environ()
		if err != nil {
			return nil, err
		}
		out = append(out, p...)
	}
	return out, nil
}

func cmdCMP(args []string) error {
	fs := flag.NewFlagSet("cmp", flag.ExitOnError)
	sock := fs.String("sock", "", "unix socket of argocd-cmp-server (absolute)")
	appFile := fs.String("app", "", "Application manifest")
	repo := fs.String("repo", "", "repository folder that is streamed")
	path := fs.String("path", "", "application path inside it (default spec.source.path)")
	what := fs.String("do", "check,match,params,generate", "steps")
	rev := fs.String("revision", "0123456789abcdef0123456789abcdef01234567", "")
	kubeVersion := fs.String("kube-version", defaultKubeVersion, "version of the destination cluster")
	apiVersions := fs.String("api-versions", "v1,apps/v1", "what that cluster serves, with commas")
	showEnv := fs.Bool("show-env", false, "")
	timeout := fs.Duration("timeout", 0, "request deadline, as repo-server --repo-server-timeout-seconds gives one")
	var exclude multi
	fs.Var(&exclude, "tar-exclude", "glob left out of the tarball (repo-server --plugin-tar-exclude)")
	_ = fs.Parse(args)
	app, err := readApp(*appFile)
	if err != nil {
		return err
	}
	env, err := pluginEnv(app, *rev, *kubeVersion, strings.Split(*apiVersions, ","))
	if err != nil {
		return err
	}
	if *showEnv {
		fmt.Println(strings.Join(env, "\n"))
	}
	if *path == "" {
		*path = app.Spec.GetSource().Path
	}
	root, err := filepath.Abs(*repo)
	if err != nil {
		return err
	}
	appPath := filepath.Join(root, *path)
	ctx := ctx
	if *timeout > 0 {
		var cancel func()
		ctx, cancel = context.WithTimeout(ctx, *timeout)
		defer cancel()
	}
	conn, c, err := apiclient.NewConfigManagementPluginClientSet(*sock).NewConfigManagementPluginClient()
	if err != nil {
		return err
	}
	defer utilio.Close(conn)
	for _, step := range strings.Split(*what, ",") {
		switch step {
		case "check":
			r, err := c.CheckPluginConfiguration(ctx, &emptypb.Empty{})
			if err != nil {
				return err
			}
			fmt.Printf("check: discoveryConfigured=%v provideGitCreds=%v\n", r.IsDiscoveryConfigured, r.ProvideGitCreds)
		case "match":
			s, err := c.MatchRepository(ctx)
			if err != nil {
				return err
			}
			if err := cmp.SendRepoStream(ctx, appPath, root, s, env, exclude); err != nil {
				return fmt.Errorf("match: send: %w", err)
			}
			r, err := s.CloseAndRecv()
			if err != nil {
				return fmt.Errorf("match: %w", err)
			}
			fmt.Printf("match: isSupported=%v isDiscoveryEnabled=%v\n", r.IsSupported, r.IsDiscoveryEnabled)
		case "params":
			s, err := c.GetParametersAnnouncement(ctx)
			if err != nil {
				return err
			}
			if err := cmp.SendRepoStream(ctx, appPath, root, s, env, exclude); err != nil {
				return fmt.Errorf("params: send: %w", err)
			}
			r, err := s.CloseAndRecv()
			if err != nil {
				return fmt.Errorf("params: %w", err)
			}
			for _, p := range r.ParameterAnnouncements {
				b, _ := json.Marshal(p)
				fmt.Printf("param: %s\n", b)
			}
		case "generate":
			s, err := c.GenerateManifest(ctx)
			if err != nil {
				return err
			}
			if err := cmp.SendRepoStream(ctx, appPath, root, s, env, exclude); err != nil {
				return fmt.Errorf("generate: send: %w", err)
			}
			r, err := s.CloseAndRecv()
			if err != nil {
				return fmt.Errorf("generate: %w", err)
			}
			fmt.Printf("generate: %d manifests\n", len(r.Manifests))
			for _, m := range r.Manifests {
				fmt.Printf("---\n%s", m)
			}
		}
	}
	return nil
}
