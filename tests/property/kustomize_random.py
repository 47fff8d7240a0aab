"""Random kustomizations: bases of several kinds, and overlays that do a bit of everything."""

import json
import random
from typing import Any

from generator.emit import dump

Files = dict[str, str]
_CONTAINERS = ("app", "side", "log")


class Maker:
    """Makes one case; the same seed makes the same case."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def some(self, chance: float) -> bool:
        return self.random.random() < chance

    def one(self, options: Any) -> Any:
        return self.random.choice(list(options))

    def container(self, name: str) -> dict[str, Any]:
        data: dict[str, Any] = {
            "name": name,
            "image": self.one(["nginx:1", "nginx", "reg.io:5000/app:v1", "app@sha256:ab"]),
        }
        if self.some(0.4):
            data["ports"] = [{"containerPort": port, "protocol": self.one(["TCP", "UDP"])} for port in (80, 8080)]
        if self.some(0.4):
            data["env"] = [{"name": key, "value": self.one("xyz")} for key in self.random.sample("ABCD", 2)]
        if self.some(0.3):
            data["envFrom"] = [{"configMapRef": {"name": "cm"}}, {"secretRef": {"name": "sec"}}]
        if self.some(0.3):
            data["volumeMounts"] = [{"name": "v", "mountPath": "/v"}, {"name": "w", "mountPath": "/w"}]
        if self.some(0.3):
            data["args"] = ["a", "b"]
        if self.some(0.3):
            data["resources"] = {"limits": {"cpu": "1", "memory": "1Gi"}}
        return data

    def pod(self) -> dict[str, Any]:
        names = self.random.sample(_CONTAINERS, self.one([1, 2, 3]))
        data: dict[str, Any] = {"containers": [self.container(name) for name in names]}
        if self.some(0.4):
            data["volumes"] = [{"name": "v", "configMap": {"name": "cm"}}, {"name": "w", "emptyDir": {}}]
        if self.some(0.3):
            data["serviceAccountName"] = "sa"
        if self.some(0.2):
            data["tolerations"] = [{"key": "a", "operator": "Exists"}]
        if self.some(0.2):
            data["imagePullSecrets"] = [{"name": "sec"}]
        if self.some(0.2):
            data["nodeSelector"] = {"disk": "ssd"}
        return data

    def workload(self, kind: str, name: str) -> dict[str, Any]:
        labels = {"app": name}
        return {
            "apiVersion": "apps/v1",
            "kind": kind,
            "metadata": {"name": name, **self.one([{}, {"namespace": "web"}, {"labels": dict(labels)}])},
            "spec": {
                **self.one([{}, {"replicas": 2}]),
                "selector": {"matchLabels": dict(labels)},
                "template": {"metadata": {"labels": dict(labels)}, "spec": self.pod()},
            },
        }

    def base(self) -> list[dict[str, Any]]:
        objects = [self.workload(self.one(["Deployment", "StatefulSet", "DaemonSet"]), "web")]
        if self.some(0.5):
            objects.append(self.workload("Deployment", "api"))
        more: list[dict[str, Any]] = [
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": "svc"},
                "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}, {"port": 81, "name": "x"}]},
            },
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "cm"}, "data": {"a": "one", "b": "2"}},
            {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "sec"}, "data": {"a": "MQ=="}},
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "sa"}},
            {
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": self.one(["RoleBinding", "ClusterRoleBinding"]),
                "metadata": {"name": "rb"},
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cr"},
                "subjects": [
                    {
                        "kind": "ServiceAccount",
                        "name": self.one(["sa", "default"]),
                        **self.one([{}, {"namespace": "web"}]),
                    }
                ],
            },
            {
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": "ClusterRole",
                "metadata": {"name": "cr"},
                "rules": [],
            },
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "web"}},
            {
                "apiVersion": "kubevirt.io/v1",
                "kind": "VirtualMachine",
                "metadata": {"name": "vm", "namespace": "web"},
                "spec": {
                    "template": {
                        "spec": {
                            "domain": {"devices": {"disks": [{"name": "root"}]}},
                            "volumes": [{"name": "root", "containerDisk": {"image": "nginx:1"}}],
                        }
                    }
                },
            },
            {
                "apiVersion": "admissionregistration.k8s.io/v1",
                "kind": "ValidatingAdmissionPolicyBinding",
                "metadata": {"name": "vapb"},
                "spec": {"policyName": "vap", "validationActions": ["Deny"]},
            },
            {
                "apiVersion": "networking.k8s.io/v1",
                "kind": "Ingress",
                "metadata": {"name": "ing"},
                "spec": {
                    "rules": [
                        {
                            "http": {
                                "paths": [
                                    {"path": "/", "backend": {"service": {"name": "svc", "port": {"number": 80}}}}
                                ]
                            }
                        }
                    ]
                },
            },
        ]
        return [*objects, *self.random.sample(more, self.one(range(2, len(more))))]

    def merge(self, target: dict[str, Any]) -> dict[str, Any]:
        metadata = {"name": target["metadata"]["name"]}
        if "namespace" in target["metadata"]:
            metadata["namespace"] = target["metadata"]["namespace"]
        patch: dict[str, Any] = {"apiVersion": target["apiVersion"], "kind": target["kind"], "metadata": metadata}
        if "template" not in target.get("spec", {}) or target["kind"] == "VirtualMachine":
            patch["metadata"]["labels"] = self.one([{"x": "y"}, None])
            if "data" in target:
                patch["data"] = self.one([{"a": "9"}, {"b": None}, {"c": "d"}, None])
            return patch
        pod: dict[str, Any] = {}
        patch["spec"] = {"template": {"spec": pod}}
        if self.some(0.3):
            patch["spec"]["replicas"] = self.one([5, None])
        options = (
            ("containers", [self.item() for _ in range(self.one([1, 1, 2]))]),
            (
                "volumes",
                [
                    self.one(
                        [
                            {"name": "v", "emptyDir": {}},
                            {"name": "v", "$patch": "delete"},
                            {"name": "n", "emptyDir": {}},
                        ]
                    )
                ],
            ),
            ("tolerations", self.one([[{"key": "b"}], None, []])),
            ("nodeSelector", self.one([{"zone": "a"}, {"disk": None}, {"$patch": "replace", "q": "r"}, None])),
            ("imagePullSecrets", [{"name": "more"}]),
            ("serviceAccountName", self.one(["other", None])),
        )
        pod |= {key: value for key, value in options if self.some(0.45)}
        return patch

    def item(self) -> dict[str, Any]:
        name = self.one([*_CONTAINERS, "new"])
        if self.some(0.15):
            return {"name": name, "$patch": "delete"}
        data = self.container(name)
        if self.some(0.5):
            data.pop("image")
        if self.some(0.2):
            data["args"] = None
        if self.some(0.2):
            data["env"] = [{"name": "A", "$patch": "delete"}, {"name": "Z", "value": "1"}]
        return data

    def operations(self, target: dict[str, Any]) -> list[dict[str, Any]]:
        options: list[dict[str, Any]] = [
            {"op": "add", "path": "/metadata/annotations", "value": {"a": "b"}},
            {"op": "replace", "path": "/metadata/name", "value": target["metadata"]["name"]},
            {"op": "test", "path": "/kind", "value": target["kind"]},
        ]
        if "template" in target.get("spec", {}) and target["kind"] != "VirtualMachine":
            options += [
                {"op": "add", "path": "/spec/template/spec/containers/-", "value": {"name": "j", "image": "nginx"}},
                {"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "other"},
                {"op": "remove", "path": "/spec/template/metadata/labels/app"},
                {"op": "copy", "from": "/metadata/name", "path": "/spec/template/metadata/labels/copied"},
                {"op": "remove", "path": "/spec/nothing"},
            ]
        return self.random.sample(options, self.one([1, 1, 2]))

    def patch(self, objects: list[dict[str, Any]]) -> dict[str, Any]:
        target = self.one(objects)
        select = {"kind": target["kind"], "name": self.one([target["metadata"]["name"], ".*", "w.*|api"])}
        if self.some(0.3):
            return {
                "target": {**select, "name": target["metadata"]["name"]},
                "patch": json.dumps(self.operations(target)),
            }
        text = dump(self.merge(target))
        return {"target": select, "patch": text} if self.some(0.4) else {"patch": text}

    def layer(self, objects: list[dict[str, Any]]) -> dict[str, Any]:
        """The transformations of one kustomization."""
        data: dict[str, Any] = {}
        for key, chance, make in (
            ("patches", 0.7, lambda: [self.patch(objects) for _ in range(self.one([1, 2]))]),
            ("namespace", 0.3, lambda: self.one(["prod", "web"])),
            ("namePrefix", 0.35, lambda: self.one(["a-", "b-"])),
            ("nameSuffix", 0.25, lambda: self.one(["-x", "-y"])),
            (
                "labels",
                0.35,
                lambda: [
                    {"pairs": {"l": "1"}, **self.one([{}, {"includeSelectors": True}, {"includeTemplates": True}])}
                ],
            ),
            ("commonLabels", 0.15, lambda: {"common": "c"}),
            ("commonAnnotations", 0.25, lambda: {"note": "n"}),
            (
                "images",
                0.35,
                lambda: [
                    {
                        "name": self.one(["nginx", "reg.io:5000/app", "app"]),
                        **self.one(
                            [{"newTag": "2"}, {"newName": "other"}, {"digest": "sha256:cd"}, {"tagSuffix": "-s"}]
                        ),
                    }
                ],
            ),
            ("replicas", 0.1, lambda: [{"name": "web", "count": 7}]),
            ("configMapGenerator", 0.3, lambda: [self.generator()]),
            ("secretGenerator", 0.15, lambda: [{"name": "gen-sec", "literals": ["p=q"]}]),
            ("replacements", 0.2, lambda: [self.replacement()]),
        ):
            if self.some(chance):
                data[key] = make()
        return data

    def generator(self) -> dict[str, Any]:
        data = {"name": self.one(["gen", "cm"]), "literals": [f"k={self.one('123')}", "q=r"]}
        if data["name"] == "cm":
            data["behavior"] = self.one(["merge", "replace"])
        if self.some(0.2):
            data["options"] = self.one([{"disableNameSuffixHash": True}, {"labels": {"o": "p"}}, {"immutable": True}])
        return data

    def replacement(self) -> dict[str, Any]:
        source = self.one(
            [{"kind": "ConfigMap", "name": "cm", "fieldPath": "data.a"}, {"kind": "Service", "name": "svc"}]
        )
        paths = self.one(
            [
                ["metadata.annotations.from"],
                ["spec.template.spec.containers.0.image"],
                ["spec.template.spec.containers.[name=app].image"],
            ]
        )
        options = self.one([{"create": True}, {"delimiter": ":", "index": 1, "create": True}, {}])
        return {
            "source": source,
            "targets": [{"select": {"kind": "Deployment"}, "fieldPaths": paths, "options": options}],
        }

    def files(self) -> Files:
        """A base, and one or two overlays over it; `over` is what is built."""
        objects = self.base()
        base = {"resources": ["all.yaml"], **(self.layer(objects) if self.some(0.3) else {})}
        files = {"base/all.yaml": "---\n".join(dump(data) for data in objects), "base/kustomization.yaml": dump(base)}
        below = "base"
        if self.some(0.3):
            files["mid/kustomization.yaml"] = dump({"resources": ["../base"], **self.layer(objects)})
            below = "mid"
        files["over/kustomization.yaml"] = dump({"resources": [f"../{below}"], **self.layer(objects)})
        return files
