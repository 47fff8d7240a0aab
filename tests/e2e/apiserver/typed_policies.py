"""Policies whose expressions are checked against the types of kinds: right ones, and every way to be wrong."""

from typing import Any

Manifest = dict[str, Any]

_DEPLOYMENT = (
    *("object.spec.replicass > 1", "object.spec.replicas > 1", "object.spec.replicas == '1'", "object.spec == null"),
    *("object.metadata.labels.app == 1", "object.metadata.labels.app == 'x'", "object.metadata.label.app == 'x'"),
    *("object.metadata.namespace == 'a'", "object.metadata.__namespace__ == 'a'", "has(object.metadata.annotations)"),
    *("has(object.metadata.anotations)", "object.spec.strategy.rollingUpdate.maxSurge == 1", "object.spec.paused"),
    *("object.spec.strategy.rollingUpdate.maxSurge == '25%'", "object.metadata.creationTimestamp > timestamp(0)"),
    *("object.metadata.creationTimestamp > 'a'", "object.foo", "oldObject.spec.foo", "request.foo", "object.spec"),
    *(
        "oldObject == null || oldObject.spec.replicas <= object.spec.replicas",
        "request.namespace == object.metadata.name",
    ),
    *(
        "object.spec.template.spec.containers[0].ports[0].protocol == 'TCP'",
        "object.kind == 'x' && object.apiVersion == 'y'",
    ),
    *(
        "object.spec.template.spec.containers[0].ports[0].containerPort == 'TCP'",
        "object.spec.template.spec.hostNetwork == 1",
    ),
    *(
        "object.spec.template.spec.containers.exists(c, c.imge == '')",
        "object.spec.template.spec.containers.all(c, c.name)",
    ),
    *(
        "object.spec.template.spec.containers.all(c, c.image.startsWith('r/'))",
        "object.spec.template.spec.containers.image",
    ),
    *(
        "object.spec.template.spec.containers.all(c, has(c.livenessProbe.exec.comand))",
        "object.spec.selector.matchLabels['a'] == 'b'",
    ),
    *(
        "object.spec.template.spec.volumes[0].csi.volumeAttributes.a == ''",
        "object.spec.template.spec.volumes.all(v, has(v.hostPath))",
    ),
    *("object.status.conditions[0].lastUpdateTime.getFullYear() == 2", "object.spec.?replicas.orValue('x') == 'y'"),
    *(
        "object.spec.?replicas.orValue(1) > 0",
        "object.?spec.?repl.hasValue()",
        "size(object.spec.template.spec.containers) > 0",
    ),
    *("size(object.spec) > 0", "object.spec['replicas'] == 1", "'replicas' in object.spec", "object.spec.all(k, true)"),
    *(
        "object.metadata.labels.all(k, k.size() < 64)",
        "object.metadata.labels.exists(k, k == 1)",
        "object.metadata.finalizers == []",
    ),
    *("object.metadata.ownerReferences.all(o, o.controller)", "object.metadata.ownerReferences.all(o, o.contoller)"),
    *(
        "object.metadata.managedFields.all(m, m.manager == 'x')",
        "object.spec.template.spec.securityContext.runAsUser == true",
    ),
    *(
        "object.spec.replicas + object.spec.paused == 1",
        "object.spec.replicas.size() == 1",
        "object.spec.nope.nope.nope == 1",
    ),
    *(
        "dyn(object).spec.nope == 1",
        "object.spec.replicas in ['1']",
        "object.spec.replicas in [1]",
        "object.spec.replicas > 1.5",
    ),
    *(
        "int(object.spec.replicas) > 1",
        "string(object.spec.replicas) == 'x'",
        "type(object.spec) == map",
        "object == oldObject",
    ),
    *(
        "authorizer.group('').resource('pods').check('get').allowed()",
        "authorizer.nope",
        "namespaceObject.metadata.name == 1",
    ),
    *(
        "variables.x",
        "object.spec.minReadySeconds == 1 && object.spec.nope == 1 && object.spec.nope2 == 2",
        "object.spec.nope ? 1 : 2",
    ),
    *(
        "[object.spec.replicas, 'a'] == []",
        "{'a': object.spec.replicas, 'b': 'c'} == {}",
        "object.spec.template.metadata.labels.x",
    ),
)
_VIRTUAL_MACHINE = (
    *(
        "object.spec.running",
        "object.spec.runing",
        "object.spec.runStrategy == 1",
        "object.spec.template.spec.domain.nope",
    ),
    *(
        "object.spec.template.spec.domain.devices.gpus[0].deviceName == 1",
        "object.spec.template.spec.domain.cpu.cores > 1",
    ),
    *(
        "object.spec.template.spec.domain.memory.guest == '1Gi'",
        "object.metadata.labels['a'] == 'b'",
        "object.metadata.nope",
    ),
    *(
        "object.spec.dataVolumeTemplates[0].spec.pvc.resources.requests.storage == ''",
        "object.spec.template.spec.nodeSelector.a == 1",
    ),
    *(
        "object.spec.template.spec.domain.devices.interfaces[0].bridge.x == 1",
        "object.spec.template.spec.domain.cpu.coers == 1",
    ),
    *("object.spec.template.spec.volumes[0].cloudInitNoCloud.userDataBase64 == ''",),
    *(
        "object.spec.template.spec.domain.devices.disks.all(d, d.bootOrder > 0)",
        "object.spec.template.spec.domain.devices.disks.all(d, d.bootorder > 0)",
    ),
    *("object.spec.template.spec.terminationGracePeriodSeconds < 'a'", "object.apiVersion == 1"),
)
_SECRET = (
    "object.data.a == ''",
    "object.data.a == b''",
    "object.immutable",
    "object.type == 1",
    "object.stringData.x == 1",
)
_VARIED = (
    *("variables.replicas > 1", "variables.replicas == 'x'", "variables.names.all(n, n == 1)", "variables.wrong == 1"),
    *(
        "variables.spec.nope == 1",
        "variables.labels.app == 1",
        "params.data.max == 1",
        "params.dat.max == '1'",
        "variables.nope",
    ),
    *("params.data.max == '1'", "variables.late == 1", "int(params.data.max) > object.spec.replicas"),
)
_CUSTOM = (
    *("object.spec.count > 0", "object.spec.count == 'x'", "object.spec.at > timestamp(0)", "object.spec.at == 'x'"),
    *(
        "object.spec.wait == duration('1s')",
        "object.spec.raw == b'x'",
        "object.spec.raw == 'x'",
        "object.spec.x__dash__y == 1",
    ),
    *(
        "object.spec.either == 1",
        "object.spec.either == 'x'",
        "object.spec.ratio > 1.5",
        "object.spec.ratio > 1",
        "object.spec.map.a > 1",
    ),
    *(
        "object.spec.map.a == 'x'",
        "object.spec.list[0].name == 1",
        "object.spec.list.all(i, i.nope)",
        "object.spec.pod.metadata.name == 1",
    ),
    *(
        "object.spec.pod.spec == 1",
        "object.spec.pod.kind == 'Pod'",
        "object.spec.empty.x",
        "object.spec.day < timestamp(0)",
        "object.spec.namespace == 1",
    ),
    *(
        "object.spec.__namespace__ == 'x'",
        "object.metadata.labels.a == 1",
        "object.spec.texts.all(t, t == 1)",
    ),
)


def _rule(group: str, version: str, *resources: str) -> Manifest:
    return {"apiGroups": [group], "apiVersions": [version], "operations": ["CREATE"], "resources": list(resources)}


def _policy(rules: list[Manifest], expressions: tuple[str, ...], **spec: Any) -> Manifest:
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": "p"},
        "spec": {
            "matchConstraints": {"resourceRules": rules},
            "validations": [{"expression": expression} for expression in expressions],
            **spec,
        },
    }


_VARIABLES = [
    {"name": "replicas", "expression": "object.spec.replicas"},
    {"name": "names", "expression": "object.spec.template.spec.containers.map(c, c.name)"},
    {"name": "spec", "expression": "object.spec"},
    {"name": "labels", "expression": "object.metadata.labels"},
    {"name": "wrong", "expression": "object.spec.nope"},
    {"name": "late", "expression": "variables.replicas + 1"},
]
_WITH_MESSAGE = [
    {"expression": "true", "messageExpression": "'has ' + object.spec.replicas"},
    {"expression": "true", "messageExpression": "'has ' + string(object.spec.replicas)"},
    {"expression": "object.spec.nope", "messageExpression": "object.nope"},
]

_OBJECT = {"type": "object"}
CRD: Manifest = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "typeds.x.io"},
    "spec": {
        "group": "x.io",
        "scope": "Namespaced",
        "names": {"plural": "typeds", "singular": "typed", "kind": "Typed", "listKind": "TypedList"},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {
                            "spec": {
                                "type": "object",
                                "properties": {
                                    "count": {"type": "integer"},
                                    "ratio": {"type": "number"},
                                    "at": {"type": "string", "format": "date-time"},
                                    "day": {"type": "string", "format": "date"},
                                    "wait": {"type": "string", "format": "duration"},
                                    "raw": {"type": "string", "format": "byte"},
                                    "x-y": {"type": "integer"},
                                    "namespace": {"type": "string"},
                                    "in": {"type": "string"},
                                    "either": {"x-kubernetes-int-or-string": True},
                                    "map": {"type": "object", "additionalProperties": {"type": "integer"}},
                                    "texts": {"type": "array", "items": {"type": "string"}},
                                    "list": {
                                        "type": "array",
                                        "items": {"type": "object", "properties": {"name": {"type": "string"}}},
                                    },
                                    "pod": {
                                        "type": "object",
                                        "x-kubernetes-embedded-resource": True,
                                        "properties": {"spec": {"type": "integer"}},
                                    },
                                    "empty": _OBJECT,
                                    "open": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
                                },
                            }
                        },
                    }
                },
            }
        ],
    },
}

POLICIES: dict[str, Manifest] = {
    "deployment": _policy([_rule("apps", "v1", "deployments")], _DEPLOYMENT),
    "messages": _policy([_rule("apps", "v1", "deployments")], (), validations=_WITH_MESSAGE),
    "virtual machine": _policy([_rule("kubevirt.io", "v1", "virtualmachines")], _VIRTUAL_MACHINE),
    "secret": _policy([_rule("", "v1", "secrets")], _SECRET),
    "several kinds": _policy(
        [_rule("", "v1", "configmaps", "secrets", "pods/exec"), _rule("apps", "v1", "deployments", "*")],
        ("object.data.a == ''", "object.spec.replicas == 1", "has(object.metadata.labels)"),
    ),
    "more than ten": _policy(
        [
            _rule(
                *("", "v1", "configmaps", "endpoints", "limitranges", "namespaces", "nodes", "persistentvolumeclaims"),
                *("persistentvolumes", "pods", "podtemplates", "replicationcontrollers", "resourcequotas", "secrets"),
            )
        ],
        ("object.nope",),
    ),
    "versions and groups": _policy(
        [
            {
                **_rule("apps", "v1", "deployments", "jobs", "daemonsets"),
                "apiGroups": ["batch", "apps"],
                "apiVersions": ["v1", "v9"],
            }
        ],
        ("object.spec.nope", "object.spec.selector.matchLabels.a == 1", "object.spec.completions == 1"),
    ),
    "any version": _policy([_rule("apps", "*", "deployments")], ("object.spec.nope",)),
    "any group": _policy([_rule("*", "v1", "deployments")], ("object.spec.nope",)),
    "any resource": _policy([_rule("apps", "v1", "*")], ("object.spec.nope",)),
    "a subresource": _policy([_rule("apps", "v1", "deployments/scale")], ("object.spec.nope",)),
    "an unknown kind": _policy([_rule("nobody.io", "v1", "things")], ("object.spec.nope",)),
    "variables and parameters": _policy(
        [_rule("apps", "v1", "deployments")],
        _VARIED,
        variables=_VARIABLES,
        paramKind={"apiVersion": "v1", "kind": "ConfigMap"},
    ),
    "parameters of an unknown kind": _policy(
        [_rule("apps", "v1", "deployments")],
        ("params.x == 1", "object.x"),
        paramKind={"apiVersion": "nobody.io/v1", "kind": "Thing"},
    ),
    "custom": _policy([_rule("x.io", "v1", "typeds")], _CUSTOM),
}
