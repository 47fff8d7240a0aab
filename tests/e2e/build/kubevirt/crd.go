package main

import (
	"encoding/json"
	"fmt"
	"sort"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	extv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	crdvalidation "k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubevirt.io/kubevirt/pkg/virt-api/webhooks"
	"kubevirt.io/kubevirt/pkg/virt-operator/resource/generate/components"
)

// crdSchema is the CRD that virt-operator installs, as kube-apiserver uses it:
// unknown fields on decode, and the schema after mutating admission.
type crdSchema struct {
	structural *structuralschema.Structural
	validator  crdvalidation.SchemaValidator
}

// crdSchemas holds the schemas by kind; a kind that is missing is not checked.
type crdSchemas map[string]*crdSchema

func newCRDSchemas() (crdSchemas, error) {
	schemas := crdSchemas{}
	for kind, definition := range map[string]func() (*extv1.CustomResourceDefinition, error){
		kindVMI:        components.NewVirtualMachineInstanceCrd,
		kindVM:         components.NewVirtualMachineCrd,
		kindReplicaSet: components.NewReplicaSetCrd,
		kindPool:       components.NewVirtualMachinePoolCrd,
	} {
		version := "v1"
		if kind == kindPool {
			version = webhooks.VirtualMachinePoolGroupVersionResource.Version
		}
		schema, err := newCRDSchema(definition, version)
		if err != nil {
			return nil, err
		}
		schemas[kind] = schema
	}
	return schemas, nil
}

func newCRDSchema(definition func() (*extv1.CustomResourceDefinition, error), served string) (*crdSchema, error) {
	crd, err := definition()
	if err != nil {
		return nil, err
	}
	for _, version := range crd.Spec.Versions {
		if version.Name != served || version.Schema == nil {
			continue
		}
		properties := &apiextensions.JSONSchemaProps{}
		if err := extv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(version.Schema.OpenAPIV3Schema, properties, nil); err != nil {
			return nil, err
		}
		structural, err := structuralschema.NewStructural(properties)
		if err != nil {
			return nil, err
		}
		validator, _, err := crdvalidation.NewSchemaValidator(properties)
		if err != nil {
			return nil, err
		}
		return &crdSchema{structural, validator}, nil
	}
	return nil, fmt.Errorf("%s: no schema of version %s", crd.Name, served)
}

// prune drops unknown fields and names them, as a strict create refuses them.
func (s *crdSchema) prune(raw []byte) ([]byte, []string, error) {
	object := map[string]any{}
	if err := json.Unmarshal(raw, &object); err != nil {
		return nil, nil, err
	}
	options := structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true}
	unknown := pruning.PruneWithOptions(object, s.structural, true, options)
	sort.Strings(unknown)
	out, err := json.Marshal(object)
	return out, unknown, err
}

func (s *crdSchema) validate(kind string, raw []byte) (verdict, error) {
	var object any
	if err := json.Unmarshal(raw, &object); err != nil {
		return verdict{}, err
	}
	said := verdict{Kind: kind, Stage: "crd", Allowed: true}
	for _, failure := range crdvalidation.ValidateCustomResource(nil, object, s.validator) {
		said.Allowed, said.Code, said.Reason = false, 422, metav1.StatusReasonInvalid
		cause := metav1.StatusCause{Type: metav1.CauseType(failure.Type), Message: failure.ErrorBody(), Field: failure.Field}
		said.Causes = append(said.Causes, cause)
		said.Message = failure.Error()
	}
	return said, nil
}
