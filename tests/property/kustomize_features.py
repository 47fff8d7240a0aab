"""Random kustomizations of one feature each: replacements, JSON patches, lists of two keys, notes of the build, order, vars."""

import json
import random
from typing import Any

from generator.emit import dump

Files = dict[str, str]
Data = dict[str, Any]
FEATURES = ("replacements", "operations", "ports", "notes", "order", "variables")
_TEXTS = (
    '{"db": {"host": "R", "port": 5432, "l": [1, {"a": "b"}]}}',
    '{\n  "db": {\n    "host": "R<&>",\n    "l": []\n  }\n}',
    '[{"name": "x", "v": "s"}]',
    "db:\n  host: x\n  port: 1\n",
    'db:\n    host: "x" # c\n    l:\n      - a\n      - b\ny: 1\n',
    "hello",
    "a: b: c",
)
_PATHS = (
    "spec.tmpl.0.x",
    "spec.tmpl.1.x",
    "spec.l.2",
    "spec.l.0",
    "spec.l.-",
    "spec.l.*",
    "spec.m.*",
    "spec.m.k",
    "spec.m.new",
    "spec.l.[=a]",
    "spec.o.[name=x].v",
    "spec.o.[name=^x$].w",
    "spec.o.[name=z].v",
    "spec.o.*.w",
    "spec.o.*.[a.b]",
    "spec.o.2.v",
    "metadata.annotations.[example.com/a.b]",
    r"metadata.annotations.example\.com/a\.b",
    "metadata.labels.app",
    "spec.new.[a=b].c.0",
    "spec.n",
    "spec.b",
    "data.c.db.host",
    "data.c.db.new",
    "data.c.db.l.0",
    "data.c.[name=x].v",
    "data.[c.d].db.host",
    "spec.template.spec.containers.*.image",
    "spec.template.spec.containers.[name=app].env.[name=A].value",
    "spec.template.spec.containers.[name=app].ports.0.containerPort",
)
_POINTERS = (
    "/metadata/annotations/example.com~1x",
    "/metadata/annotations",
    "/metadata/labels/x",
    "/metadata/labels",
    "/spec/replicas",
    "/spec/new/below",
    "/spec/template/spec/containers/0/image",
    "/spec/template/spec/containers/-",
    "/spec/template/spec/containers/-1",
    "/spec/template/spec/containers/1",
    "/spec/template/spec/containers/7",
    "/spec/template/spec/containers/0/args",
    "/spec/template/spec/containers/0/args/-",
    "/spec/template/spec/containers/0/ports/0",
    "/metadata/name",
    "spec/replicas",
    "/data/a",
    "/data/zero",
)
_VALUES: tuple[Any, ...] = ("y", 3, True, None, {"name": "j", "image": "nginx"}, ["a"], {}, "")


class Features:
    """Makes one case of one feature; the same seed makes the same case."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.seed = seed

    def one(self, options: Any) -> Any:
        return self.random.choice(list(options))

    def some(self, chance: float) -> bool:
        return self.random.random() < chance

    def files(self) -> Files:
        """The case: `over` is what is built."""
        objects = self.objects()
        layer: Data = getattr(self, FEATURES[self.seed % len(FEATURES)])()
        text = "---\n".join(dump(data) for data in objects)
        if self.some(0.4):
            files = {
                "base/all.yaml": text,
                "base/kustomization.yaml": dump({"resources": ["all.yaml"], **self.plain()}),
            }
            return {**files, "over/kustomization.yaml": dump({"resources": ["../base"], **layer})}
        return {"over/all.yaml": text, "over/kustomization.yaml": dump({"resources": ["all.yaml"], **layer})}

    def plain(self) -> Data:
        """What a base does besides."""
        options = (
            ("namePrefix", "p-"),
            ("namespace", "team"),
            ("commonAnnotations", {"note": "n"}),
            ("nameSuffix", "-s"),
        )
        return {key: value for key, value in options if self.some(0.3)}

    def objects(self) -> list[Data]:
        metadata: Data = {"name": "web", **self.one([{}, {"annotations": {"a": "b"}}, {"labels": {"app": "web"}}])}
        made: list[Data] = [
            {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": self.workload()},
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": "src"},
                "data": {"v": "val", "n": "5", "d": "a:b:c"},
            },
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": "text"},
                "data": {"c": self.one(_TEXTS), "c.d": self.one(_TEXTS), "a": "1"},
            },
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": "svc"},
                "spec": {"ports": self.service_ports()},
            },
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team"}},
            {
                "apiVersion": "example.com/v1",
                "kind": "Thing",
                "metadata": {"name": "thing"},
                "spec": {
                    "l": ["a", "b"],
                    "m": {"k": "v"},
                    "o": [{"name": "x", "v": 1, "w": "q"}, {"name": "xy", "v": "s", "n": 5}],
                    "n": 7,
                    "b": True,
                },
            },
        ]
        self.random.shuffle(made)
        return made

    def workload(self) -> Data:
        container: Data = {"name": "app", "image": "nginx:1", "env": [{"name": "A", "value": "$(V) $(NOBODY) $$(V)"}]}
        if self.some(0.7):
            container["ports"] = self.ports_of()
        if self.some(0.3):
            container["command"] = ["run", "$(V)", "$(N)", "x-$(NAME)-$(NOBODY)"]
        side = {"name": "side", "image": "reg.io:5000/app", **self.one([{}, {"args": ["$(NOBODY)", "b"]}])}
        return {"template": {"spec": {"containers": self.one([[container], [container, side], [side, container]])}}}

    def ports_of(self) -> list[Data]:
        made: list[Data] = []
        for _ in range(self.one([1, 2, 3, 4])):
            port: Data = {"containerPort": self.one([80, 81, 82])}
            port |= self.one([{}, {"protocol": "TCP"}, {"protocol": "UDP"}])
            port |= self.one([{}, {"name": f"n{self.one(range(9))}"}])
            if not any(self.alike(port, other, "containerPort") for other in made):
                made.append(port)
        return made

    def service_ports(self) -> list[Data]:
        made: list[Data] = []
        for _ in range(self.one([1, 2, 3])):
            port: Data = {"port": self.one([80, 81, 82]), **self.one([{}, {"protocol": "TCP"}, {"protocol": "UDP"}])}
            if not any(self.alike(port, other, "port") for other in made):
                made.append(port)
        return made

    @staticmethod
    def alike(one: Data, other: Data, key: str) -> bool:
        return bool(one[key] == other[key] and one.get("protocol") == other.get("protocol"))

    def replacements(self) -> Data:
        made = []
        for _ in range(self.one([1, 1, 2])):
            options: Data = self.one([{}, {"create": True}, {"create": True}])
            options |= self.one([{}, {}, {"delimiter": self.one(":./"), "index": self.one([-1, 0, 1, 5])}])
            source = {"kind": "ConfigMap", "name": "src", "fieldPath": self.one(["data.v", "data.n", "data.d"])}
            source = self.one(
                [source, source, {"kind": "Thing", "fieldPath": self.one(["spec.n", "spec.b", "spec.m", "spec.l.-"])}]
            )
            if self.some(0.2) and source["kind"] == "ConfigMap":
                source["options"] = {"delimiter": ":", "index": self.one([0, 1, 2, 3])}
            select = self.one(
                [
                    {"kind": "Thing"},
                    {"kind": "Deployment"},
                    {"name": "text"},
                    {"kind": "Service|Thing"},
                    {"namespace": "team"},
                ]
            )
            target = {"select": select, "fieldPaths": [self.one(_PATHS) for _ in range(self.one([1, 1, 2]))]}
            if options:
                target["options"] = options
            if self.some(0.2):
                target["reject"] = [
                    self.one([{"name": "thing"}, {"labelSelector": "app=web"}, {"kind": "ConfigMap", "name": "src"}])
                ]
            made.append({"source": source, "targets": [target]})
        if self.some(0.1):
            made[0] = {"sourceValue": self.one(["7", "text", "true"]), "targets": made[0]["targets"]}
        return {"replacements": made}

    def operation(self) -> Data:
        kind = self.one(["add", "add", "replace", "remove", "test", "copy", "move"])
        made: Data = {"op": kind, "path": self.one(_POINTERS)}
        if kind in ("copy", "move"):
            made["from"] = self.one([*(one for one in _POINTERS if "annotations" not in one), "/spec/missing"])
        elif kind != "remove" and self.some(0.95):
            made["value"] = self.one(_VALUES)
        return made

    def operations(self) -> Data:
        patch = [self.operation() for _ in range(self.one([1, 1, 1, 2, 3]))]
        target = self.one(
            [{"kind": "Deployment"}, {"kind": "Deployment", "name": "web"}, {"kind": "Service|ConfigMap"}]
        )
        entry = {"target": target, "patch": self.one([json.dumps(patch), json.dumps(patch, indent=1)])}
        if self.some(0.15) and target.get("name"):
            return {"patchesJson6902": [entry], **self.plain()}
        if self.some(0.1):
            entry["patch"] = json.dumps(patch[0])
        return {"patches": [entry], **self.plain()}

    def ports(self) -> Data:
        """Merge patches of lists with two keys."""
        ports = self.ports_of()
        for port in ports:
            port.update(self.one([{}, {}, {"hostPort": 1}, {"$patch": "delete"}]))
        kinds: Data = {
            "Deployment": {"template": {"spec": {"containers": [{"name": "app", "ports": ports}]}}},
            "Service": {
                "ports": [{key.replace("containerPort", "port"): v for key, v in one.items()} for one in ports]
            },
        }
        kind = self.one(kinds)
        name = {"Deployment": "web", "Service": "svc"}[kind]
        version = {"Deployment": "apps/v1", "Service": "v1"}[kind]
        patch = {"apiVersion": version, "kind": kind, "metadata": {"name": name}, "spec": kinds[kind]}
        return {"patches": [{"patch": dump(patch)}]}

    def notes(self) -> Data:
        every = ["originAnnotations", "transformerAnnotations", "managedByLabel"]
        noted = self.random.sample(every, self.one([1, 1, 2, 3]))
        made: Data = {"buildMetadata": noted, **self.plain()}
        if self.some(0.6):
            made["configMapGenerator"] = [{"name": "gen", "literals": ["a=b"]}]
        if self.some(0.4):
            merged = {"name": "text", "behavior": self.one(["merge", "replace"]), "literals": ["z=1"]}
            made["configMapGenerator"] = [*made.get("configMapGenerator", []), merged]
        if self.some(0.3):
            made["secretGenerator"] = [{"name": "sec", "literals": ["a=b"]}]
        if self.some(0.4):
            made["labels"] = [{"pairs": {"l": "1"}}]
        if self.some(0.4):
            made["images"] = [{"name": "nginx", "newTag": "2"}]
        if self.some(0.3):
            made["patches"] = [{"target": {"kind": "Deployment"}, "patch": json.dumps([self.operation()])}]
        if self.some(0.2):
            inline = {"apiVersion": "builtin", "kind": "PrefixTransformer", "metadata": {"name": "t"}, "prefix": "q-"}
            inline |= self.one([{}, {"fieldSpecs": [{"path": "metadata/name"}]}])
            made["transformers"] = [dump(inline)]
        if self.some(0.2):
            inline = {
                "apiVersion": "builtin",
                "kind": "ConfigMapGenerator",
                "metadata": {"name": "g"},
                "literals": ["a=b"],
            }
            made["generators"] = [dump(inline)]
        return made

    def order(self) -> Data:
        kinds = ["ConfigMap", "Deployment", "Thing", "Namespace", "Service"]
        listed = lambda: self.random.sample(kinds, self.one(range(4)))  # noqa: E731
        legacy = self.one([{}, {"legacySortOptions": {"orderFirst": listed(), "orderLast": listed()}}])
        legacy = self.one([legacy, legacy, {"legacySortOptions": {"orderFirst": listed()}}, {"legacySortOptions": {}}])
        return {
            "sortOptions": {**self.one([{"order": "legacy"}, {"order": "legacy"}, {"order": "fifo"}, {}]), **legacy}
        }

    def variables(self) -> Data:
        made = [
            {
                "name": "V",
                "objref": {"kind": "ConfigMap", "name": "src", "apiVersion": "v1"},
                "fieldref": {"fieldpath": "data.v"},
            },
            {
                "name": "N",
                "objref": {"kind": "Thing", "name": "thing", "apiVersion": "example.com/v1"},
                "fieldref": {"fieldpath": self.one(["spec.n", "spec.m", "spec.l[0]", "spec.o[1].v"])},
            },
            {"name": "NAME", "objref": {"kind": "Service", "name": "svc", "apiVersion": "v1"}},
            {"name": "GONE", "objref": {"kind": "Service", "name": "nobody", "apiVersion": "v1"}},
        ]
        return {"vars": self.random.sample(made[: 4 if self.some(0.2) else 3], self.one([1, 2, 3])), **self.plain()}
