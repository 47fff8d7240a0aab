package main

import (
	"context"
	"encoding/json"
	"fmt"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	admissionv1 "k8s.io/api/admission/v1"
	authv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	k8sruntime "k8s.io/apimachinery/pkg/runtime"
	k8sfield "k8s.io/apimachinery/pkg/util/validation/field"

	v1 "kubevirt.io/api/core/v1"

	netadmitter "kubevirt.io/kubevirt/pkg/network/admitter"
	"kubevirt.io/kubevirt/pkg/virt-api/webhooks"
	"kubevirt.io/kubevirt/pkg/virt-api/webhooks/mutating-webhook/mutators"
	"kubevirt.io/kubevirt/pkg/virt-api/webhooks/validating-webhook/admitters"
	virtconfig "kubevirt.io/kubevirt/pkg/virt-config"
	virtvm "kubevirt.io/kubevirt/pkg/virt-controller/watch/vm"
)

const (
	user = "alice"                                // nobody special: no service account of KubeVirt's
	uid  = "00000000-0000-4000-8000-000000000001" // the API server gives one
)

// verdict is what one step said: decode, mutate, crd or validate.
type verdict struct {
	Kind     string               `json:"kind"`
	Stage    string               `json:"stage"`
	Allowed  bool                 `json:"allowed"`
	Code     int32                `json:"code,omitempty"`
	Reason   metav1.StatusReason  `json:"reason,omitempty"`
	Message  string               `json:"message,omitempty"`
	Causes   []metav1.StatusCause `json:"causes,omitempty"`
	Warnings []string             `json:"warnings,omitempty"`
}

func toVerdict(kind, stage string, response *admissionv1.AdmissionResponse) verdict {
	said := verdict{Kind: kind, Stage: stage, Allowed: response.Allowed, Warnings: response.Warnings}
	if response.Result != nil {
		said.Code, said.Reason, said.Message = response.Result.Code, response.Result.Reason, response.Result.Message
		if response.Result.Details != nil {
			said.Causes = response.Result.Details.Causes
		}
	}
	return said
}

// admit takes an object through its webhooks. A VirtualMachine that is let through is made an instance, as
// virt-controller makes it, and that is admitted too. The instance is nil where something was refused.
func (c *cluster) admit(raw []byte) ([]verdict, *v1.VirtualMachineInstance, error) {
	var meta metav1.TypeMeta
	if err := json.Unmarshal(raw, &meta); err != nil {
		return nil, nil, err
	}
	var verdicts []verdict
	switch meta.Kind {
	case kindVM:
		said, vm, err := c.admitVM(raw)
		if err != nil {
			return nil, nil, err
		}
		verdicts = append(verdicts, said)
		if !said.Allowed {
			return verdicts, nil, nil
		}
		instance := virtvm.SetupVMIFromVM(vm)
		instance.TypeMeta = metav1.TypeMeta{APIVersion: v1.GroupVersion.String(), Kind: kindVMI}
		if raw, err = json.Marshal(instance); err != nil {
			return nil, nil, err
		}
	case kindVMI:
	case kindReplicaSet, kindPool:
		said, err := c.admitSet(meta.Kind, raw)
		return []verdict{said}, nil, err
	default:
		return nil, nil, fmt.Errorf("kind %q is none of a machine", meta.Kind)
	}
	said, admitted, err := c.admitVMI(raw)
	if err != nil {
		return nil, nil, err
	}
	verdicts = append(verdicts, said)
	if !said.Allowed {
		return verdicts, nil, nil
	}
	instance := &v1.VirtualMachineInstance{}
	if err := json.Unmarshal(admitted, instance); err != nil {
		return nil, nil, err
	}
	if instance.UID == "" {
		instance.UID = uid
	}
	return verdicts, instance, nil
}

func (c *cluster) admitVMI(raw []byte) (verdict, []byte, error) {
	raw, refused, err := c.decode(kindVMI, raw)
	if err != nil || refused != nil {
		return deref(refused), nil, err
	}
	mutator := &mutators.VMIsMutator{
		ClusterConfig: c.config, VMIPresetInformer: c.informers.VMIPresetInformer, KubeVirtServiceAccounts: c.accounts,
	}
	mutated := mutator.Mutate(review(raw, webhooks.VirtualMachineInstanceGroupVersionResource))
	raw, refused, err = c.patched(kindVMI, raw, mutated)
	if err != nil || refused != nil {
		return deref(refused), nil, err
	}
	// The validators are those virt-api registers: pkg/virt-api/api.go, registerValidatingWebhooks.
	networks := func(path *k8sfield.Path, spec *v1.VirtualMachineInstanceSpec, config *virtconfig.ClusterConfig) []metav1.StatusCause {
		return netadmitter.Validate(path, spec, config)
	}
	admitter := &admitters.VMICreateAdmitter{
		ClusterConfig: c.config, KubeVirtServiceAccounts: c.accounts, SpecValidators: []admitters.SpecValidator{networks},
	}
	validated := admitter.Admit(context.Background(), review(raw, webhooks.VirtualMachineInstanceGroupVersionResource))
	validated.Warnings = append(mutated.Warnings, validated.Warnings...)
	return toVerdict(kindVMI, "validate", validated), raw, nil
}

func (c *cluster) admitVM(raw []byte) (verdict, *v1.VirtualMachine, error) {
	raw, refused, err := c.decode(kindVM, raw)
	if err != nil || refused != nil {
		return deref(refused), nil, err
	}
	mutated := mutators.NewVMsMutator(c.config, c.client).Mutate(review(raw, webhooks.VirtualMachineGroupVersionResource))
	raw, refused, err = c.patched(kindVM, raw, mutated)
	if err != nil || refused != nil {
		return deref(refused), nil, err
	}
	validated := admitters.NewVMsAdmitter(c.config, c.client, c.informers, c.accounts).
		Admit(context.Background(), review(raw, webhooks.VirtualMachineGroupVersionResource))
	vm := &v1.VirtualMachine{}
	if err := json.Unmarshal(raw, vm); err != nil {
		return verdict{}, nil, err
	}
	return toVerdict(kindVM, "validate", validated), vm, nil
}

// admitSet judges a replica set or a pool, which no webhook mutates. What it makes is judged when it makes it.
func (c *cluster) admitSet(kind string, raw []byte) (verdict, error) {
	raw, refused, err := c.decode(kind, raw)
	if err != nil || refused != nil {
		return deref(refused), err
	}
	raw, refused, err = c.patched(kind, raw, &admissionv1.AdmissionResponse{Allowed: true})
	if err != nil || refused != nil {
		return deref(refused), err
	}
	if kind == kindPool {
		admitter := &admitters.VMPoolAdmitter{ClusterConfig: c.config, KubeVirtServiceAccounts: c.accounts}
		request := review(raw, webhooks.VirtualMachinePoolGroupVersionResource)
		return toVerdict(kind, "validate", admitter.Admit(context.Background(), request)), nil
	}
	admitter := &admitters.VMIRSAdmitter{ClusterConfig: c.config}
	request := review(raw, webhooks.VirtualMachineInstanceReplicaSetGroupVersionResource)
	return toVerdict(kind, "validate", admitter.Admit(context.Background(), request)), nil
}

// decode is what kube-apiserver does with the bytes before admission, with strict field validation.
func (c *cluster) decode(kind string, raw []byte) ([]byte, *verdict, error) {
	raw = withMembers(raw)
	schema := c.schemas[kind]
	if schema == nil {
		return raw, nil, nil
	}
	raw, unknown, err := schema.prune(raw)
	if err != nil {
		return nil, nil, err
	}
	if len(unknown) == 0 {
		return raw, nil, nil
	}
	said := &verdict{Kind: kind, Stage: "decode", Code: 400, Reason: metav1.StatusReasonBadRequest}
	for _, field := range unknown {
		said.Causes = append(said.Causes, metav1.StatusCause{Message: fmt.Sprintf("unknown field %q", field), Field: field})
	}
	said.Message = "strict decoding error: " + said.Causes[0].Message
	return nil, said, nil
}

// patched is the object after a mutating webhook, held against the CRD's schema; a verdict where it was refused.
func (c *cluster) patched(kind string, raw []byte, mutated *admissionv1.AdmissionResponse) ([]byte, *verdict, error) {
	if !mutated.Allowed {
		said := toVerdict(kind, "mutate", mutated)
		return nil, &said, nil
	}
	if len(mutated.Patch) > 0 {
		patch, err := jsonpatch.DecodePatch(mutated.Patch)
		if err != nil {
			return nil, nil, err
		}
		if raw, err = patch.Apply(raw); err != nil {
			return nil, nil, err
		}
	}
	if schema := c.schemas[kind]; schema != nil {
		if said, err := schema.validate(kind, raw); err != nil || !said.Allowed {
			return nil, &said, err
		}
	}
	return raw, nil, nil
}

func review(raw []byte, resource metav1.GroupVersionResource) *admissionv1.AdmissionReview {
	return &admissionv1.AdmissionReview{Request: &admissionv1.AdmissionRequest{
		Operation: admissionv1.Create, Resource: resource, Namespace: "default",
		Object: k8sruntime.RawExtension{Raw: raw}, UserInfo: authv1.UserInfo{Username: user},
	}}
}

// withMembers adds the members a mutator replaces: an object the API server hands on always has them.
func withMembers(raw []byte) []byte {
	object := map[string]any{}
	if json.Unmarshal(raw, &object) != nil {
		return raw
	}
	for _, member := range []string{"status", "spec", "metadata"} {
		if _, ok := object[member]; !ok {
			object[member] = map[string]any{}
		}
	}
	out, _ := json.Marshal(object)
	return out
}

func deref(said *verdict) verdict {
	if said == nil {
		return verdict{}
	}
	return *said
}
