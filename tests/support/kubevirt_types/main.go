// Prints the Go types of KubeVirt machines as JSON: what encoding/json makes of each field. Run in a module that requires
// kubevirt.io/api at the version asked for; table.py reads the output.
package main

import (
	"encoding/json"
	"os"
	"reflect"
	"sort"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	v1 "kubevirt.io/api/core/v1"
	pool "kubevirt.io/api/pool/v1beta1"
)

// field: JSON name, type, whether zero values are left out, the Go names of the structs it is embedded by ("*" before a pointer).
type field struct {
	Name string   `json:"name"`
	Type string   `json:"type"`
	Omit bool     `json:"omit,omitempty"`
	Via  []string `json:"via,omitempty"`
}

var types = map[string][]field{}
var leaf = map[string]string{"resource.Quantity": "Quantity", "v1.Time": "Time", "v1.MicroTime": "Time", "intstr.IntOrString": "IntOrString", "v1.FieldsV1": "any", "runtime.RawExtension": "any", "v1.Duration": "Duration"}

func name(t reflect.Type) string {
	p := t.PkgPath()
	short := t.Name()
	if strings.Contains(p, "kubevirt.io/api/core") {
		return short
	}
	if i := strings.LastIndex(p, "/"); i >= 0 {
		q := strings.Split(p, "/")
		p = q[len(q)-2] + "."
	}
	return p + short
}

func describe(t reflect.Type) string {
	if s, ok := leaf[t.String()]; ok {
		return s
	}
	switch t.Kind() {
	case reflect.Pointer:
		return "*" + describe(t.Elem())
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return "bytes"
		}
		return "[]" + describe(t.Elem())
	case reflect.Map:
		return "{}" + describe(t.Elem())
	case reflect.Struct:
		walk(t)
		return name(t)
	case reflect.Interface:
		return "any"
	default:
		return t.Kind().String()
	}
}

func flat(t reflect.Type, via []string) (out []field) {
	for i := 0; i < t.NumField(); i++ {
		f := t.Field(i)
		tag, has := f.Tag.Lookup("json")
		parts := strings.Split(tag, ",")
		if parts[0] == "-" || (!f.IsExported() && !f.Anonymous) {
			continue
		}
		if f.Anonymous && parts[0] == "" {
			e, star := f.Type, ""
			if e.Kind() == reflect.Pointer {
				e, star = e.Elem(), "*"
			}
			out = append(out, flat(e, append(append([]string{}, via...), star+f.Name))...)
			continue
		}
		n := parts[0]
		if n == "" || !has {
			n = f.Name
		}
		omit := false
		for _, p := range parts[1:] {
			omit = omit || p == "omitempty" || p == "omitzero"
		}
		out = append(out, field{n, describe(f.Type), omit, via})
	}
	return
}

func walk(t reflect.Type) {
	if _, ok := types[name(t)]; ok {
		return
	}
	types[name(t)] = nil
	types[name(t)] = flat(t, nil)
}

func main() {
	for _, o := range []any{v1.VirtualMachineInstance{}, v1.VirtualMachine{}, v1.VirtualMachineInstanceReplicaSet{}, pool.VirtualMachinePool{}, metav1.ObjectMeta{}} {
		walk(reflect.TypeOf(o))
	}
	for _, f := range types {
		sort.SliceStable(f, func(i, j int) bool { return f[i].Name < f[j].Name })
	}
	e := json.NewEncoder(os.Stdout)
	e.SetIndent("", " ")
	_ = e.Encode(types)
}
