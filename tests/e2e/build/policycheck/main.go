// policycheck answers questions about admission policies with the code of Kubernetes itself; see build.sh.
//
//	policycheck functions       stdout: every function with its overloads
//	policycheck versions        stdout: the overloads a new policy may use, by compatibility version
//	policycheck eval            stdin: {"vars": {…}, "exprs": […]}; stdout: outcome, type, value and cost of each expression
//	policycheck warn KUBECONFIG stdin: […] policies; stdout: what kube-controller-manager would write into their status
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"sort"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"

	v1 "k8s.io/api/admissionregistration/v1"
	apiextensionsscheme "k8s.io/apiextensions-apiserver/pkg/client/clientset/clientset/scheme"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/apiserver/pkg/cel/environment"
	"k8s.io/apiserver/pkg/cel/library"
	"k8s.io/apiserver/pkg/cel/openapi/resolver"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	k8sscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/kubernetes/pkg/generated/openapi"
)

func main() {
	if len(os.Args) == 2 && os.Args[1] == "eval" {
		eval()
		return
	}
	if len(os.Args) == 2 && os.Args[1] == "functions" {
		functions()
		return
	}
	if len(os.Args) == 2 && os.Args[1] == "versions" {
		versions()
		return
	}
	if len(os.Args) == 3 && os.Args[1] == "warn" {
		warn(os.Args[2])
		return
	}
	fmt.Fprintln(os.Stderr, "usage: policycheck functions | versions | eval | warn KUBECONFIG")
	os.Exit(2)
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type asked struct {
	Vars  map[string]any `json:"vars"`
	Exprs []string       `json:"exprs"`
}

type answer struct {
	Expr    string  `json:"expr"`
	Outcome string  `json:"outcome"`
	Type    string  `json:"type,omitempty"`
	Value   any     `json:"value,omitempty"`
	Error   string  `json:"error,omitempty"`
	Cost    *uint64 `json:"cost,omitempty"`
}

func eval() {
	var question asked
	raw, err := io.ReadAll(os.Stdin)
	must(err)
	must(json.Unmarshal(raw, &question))
	question.Vars = integers(question.Vars).(map[string]any)
	names := make([]string, 0, len(question.Vars))
	for name := range question.Vars {
		names = append(names, name)
	}
	sort.Strings(names)
	options := []cel.EnvOption{cel.Variable("authorizer", library.AuthorizerType)}
	for _, name := range names {
		options = append(options, cel.Variable(name, cel.DynType))
	}
	env := stored(options)
	question.Vars["authorizer"] = library.NewAuthorizerVal(&user.DefaultInfo{Name: "kubernetes-admin"}, allowed{})
	out := make([]answer, 0, len(question.Exprs))
	for _, expr := range question.Exprs {
		out = append(out, one(env, expr, question.Vars))
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	must(encoder.Encode(out))
}

// integers is a value as the server decodes it: its whole numbers are ints.
func integers(value any) any {
	raw, err := json.Marshal(value)
	must(err)
	var out any
	must(utiljson.Unmarshal(raw, &out))
	if out == nil {
		return map[string]any{}
	}
	return out
}

// stored is the environment of stored policies with more options: every library of the server.
func stored(options []cel.EnvOption) *cel.Env {
	set, err := environment.MustBaseEnvSet(version.MajorMinor(1, 36)).Extend(
		environment.VersionedOptions{IntroducedVersion: version.MajorMinor(1, 0), EnvOptions: options})
	must(err)
	env, err := set.Env(environment.StoredExpressions)
	must(err)
	return env
}

// allowed permits the verb of that name.
type allowed struct{}

func (allowed) Authorize(_ context.Context, a authorizer.Attributes) (authorizer.Decision, string, error) {
	if a.GetVerb() == "allowed" {
		return authorizer.DecisionAllow, "", nil
	}
	return authorizer.DecisionNoOpinion, "", nil
}

type overload struct {
	ID     string   `json:"id"`
	Member bool     `json:"member"`
	Args   []string `json:"args"`
	Result string   `json:"result"`
}

func functions() {
	out := map[string][]overload{}
	for name, function := range stored(nil).Functions() {
		for _, declared := range function.OverloadDecls() {
			args := []string{}
			for _, arg := range declared.ArgTypes() {
				args = append(args, arg.String())
			}
			out[name] = append(out[name], overload{declared.ID(), declared.IsMemberFunction(), args, declared.ResultType().String()})
		}
	}
	must(json.NewEncoder(os.Stdout).Encode(out))
}

// versions is what the environments of new expressions declare, function and overload, for each version they can have.
func versions() {
	out := map[string][][2]string{}
	for minor := uint(27); minor <= 36; minor++ {
		found := version.MajorMinor(1, minor)
		env, err := environment.MustBaseEnvSet(found).Env(environment.NewExpressions)
		must(err)
		for name, function := range env.Functions() {
			for _, declared := range function.OverloadDecls() {
				out[found.String()] = append(out[found.String()], [2]string{name, declared.ID()})
			}
		}
	}
	must(json.NewEncoder(os.Stdout).Encode(out))
}

func one(env *cel.Env, expr string, vars map[string]any) answer {
	ast, issues := env.Compile(expr)
	if issues != nil && issues.Err() != nil {
		return answer{Expr: expr, Outcome: "compile-error", Error: issues.String()}
	}
	program, err := env.Program(ast)
	if err != nil {
		return answer{Expr: expr, Outcome: "compile-error", Error: err.Error()}
	}
	value, details, err := program.Eval(vars)
	found := answer{Expr: expr, Outcome: "value"}
	if details != nil {
		found.Cost = details.ActualCost()
	}
	if err != nil {
		found.Outcome, found.Error = "error", err.Error()
		return found
	}
	found.Type, found.Value = value.Type().TypeName(), plain(value)
	return found
}

// plain is a value as JSON has it: numbers as they are, what JSON cannot say as text.
func plain(value ref.Val) any {
	switch v := value.(type) {
	case types.Null:
		return nil
	case types.Bool:
		return bool(v)
	case types.Int:
		return int64(v)
	case types.Uint:
		return uint64(v)
	case types.Double:
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return fmt.Sprint(float64(v))
		}
		return float64(v)
	case types.String:
		return string(v)
	case types.Bytes:
		return fmt.Sprintf("%x", []byte(v))
	case types.Timestamp:
		return v.Time.UTC().Format(time.RFC3339Nano)
	case types.Duration:
		return fmt.Sprint(v.Duration.Nanoseconds())
	case *types.Optional:
		if !v.HasValue() {
			return "none"
		}
		return []any{plain(v.GetValue())}
	case traits.Lister:
		out := []any{}
		for it := v.Iterator(); it.HasNext() == types.True; {
			out = append(out, plain(it.Next()))
		}
		return out
	case traits.Mapper:
		out := map[string]any{}
		for it := v.Iterator(); it.HasNext() == types.True; {
			key := it.Next()
			out[fmt.Sprint(plain(key))] = plain(v.Get(key))
		}
		return out
	case ref.Type:
		return v.TypeName()
	default:
		return nil
	}
}

func warn(kubeconfig string) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	must(err)
	client, err := discovery.NewDiscoveryClientForConfig(config)
	must(err)
	checker := &validating.TypeChecker{
		SchemaResolver: resolver.NewDefinitionsSchemaResolver(openapi.GetOpenAPIDefinitions, k8sscheme.Scheme, apiextensionsscheme.Scheme).
			Combine(&resolver.ClientDiscoveryResolver{Discovery: client}),
		RestMapper: restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(client)),
	}
	var policies []*v1.ValidatingAdmissionPolicy
	must(json.NewDecoder(os.Stdin).Decode(&policies))
	out := make([][]v1.ExpressionWarning, 0, len(policies))
	for _, policy := range policies {
		found := checker.Check(policy)
		if found == nil {
			found = []v1.ExpressionWarning{}
		}
		out = append(out, found)
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	must(encoder.Encode(out))
}
