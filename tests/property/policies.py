"""Policies, bindings, namespaces and objects drawn for laws about judging: few values, so that objects agree in much."""

from typing import Any

from hypothesis import strategies as st

from generator.policy import CompiledPolicy, PolicySet, compile_policy, policy_set, read_binding

Data = dict[str, Any]

LABELS = st.dictionaries(st.sampled_from(["app", "env"]), st.sampled_from(["x", "y"]), max_size=2)
SELECTORS = st.one_of(
    st.just({}),
    st.builds(lambda labels: {"matchLabels": labels}, LABELS),
    st.builds(
        lambda key, operator: {"matchExpressions": [{"key": key, "operator": operator}]},
        st.sampled_from(["app", "env"]),
        st.sampled_from(["Exists", "DoesNotExist"]),
    ),
)
OPERATIONS = st.sampled_from([["CREATE"], ["CREATE", "UPDATE"], ["*"], ["UPDATE"], ["DELETE"], ["CREATE", "DELETE"]])
_READS = (
    *(
        "object.data.a == 'x'",
        "has(object.data.b)",
        "object.metadata.name == 'one'",
        "object.metadata.namespace == 'dev'",
    ),
    *(
        "request.name != 'two'",
        "request.?namespace.orValue('') == 'prod'",
        "request.kind.kind == 'Pod'",
        "false",
        "true",
    ),
    *("namespaceObject != null && namespaceObject.metadata.labels['env'] == 'x'", "variables.v", "!variables.v"),
    *(
        "object.spec.containers.all(c, c.imagePullPolicy == 'Always')",
        "object.metadata.?labels.?app.orValue('') == 'x'",
    ),
    *("object.data.size() > 1", "object.data.all(k, k != 'b')", "object.data.exists(k, object.data[k] == 'y')"),
    "authorizer.requestResource.check('get').allowed()",
)
EXPRESSIONS = st.sampled_from(_READS)
WITH_PARAMS = st.one_of(EXPRESSIONS, st.sampled_from(["params.data.a == 'x'", "params == null || has(params.data.b)"]))
LOOKING = st.one_of(EXPRESSIONS, st.sampled_from(["oldObject == null", "request.operation == 'CREATE'"]))


@st.composite
def matches(draw: st.DrawFn, *, rules: bool = True) -> Data:
    """matchConstraints, or matchResources where rules may be missing."""
    found: Data = {}
    if rules or draw(st.booleans()):
        found["resourceRules"] = draw(st.lists(_rules(), min_size=1, max_size=2))
    if draw(st.integers(0, 3)) == 0:
        found["excludeResourceRules"] = [draw(_rules())]
    for key in ("namespaceSelector", "objectSelector"):
        if draw(st.integers(0, 2)) == 0:
            found[key] = draw(SELECTORS)
    return found


@st.composite
def _rules(draw: st.DrawFn) -> Data:
    rule: Data = {
        "apiGroups": ["*"],
        "apiVersions": ["*"],
        "operations": draw(OPERATIONS),
        "resources": draw(st.sampled_from([["*"], ["*"], ["configmaps"], ["pods", "namespaces"]])),
    }
    if draw(st.integers(0, 4)) == 0:
        rule["resourceNames"] = draw(st.sampled_from([["one"], ["one", "two"]]))
    if draw(st.integers(0, 4)) == 0:
        rule["scope"] = draw(st.sampled_from(["Cluster", "Namespaced"]))
    return rule


@st.composite
def policies(draw: st.DrawFn, expressions: st.SearchStrategy[str] = EXPRESSIONS) -> PolicySet:
    """One to three policies with bindings."""
    compiled: list[CompiledPolicy] = []
    bindings = []
    for number in range(draw(st.sampled_from([1, 1, 2]))):
        with_params = draw(st.integers(0, 2)) == 0
        spec: Data = {
            "matchConstraints": draw(matches()),
            "variables": [
                {"name": "v", "expression": draw(st.sampled_from(["object.data.b == 'y'", "object != null"]))}
            ],
            "validations": [
                {"expression": one}
                for one in draw(st.lists(WITH_PARAMS if with_params else expressions, min_size=1, max_size=2))
            ],
            "failurePolicy": draw(st.sampled_from(["Fail", "Ignore"])),
        }
        plain = expressions.filter(lambda text: "variables" not in text)
        conditions = draw(st.lists(plain, max_size=1)) if draw(st.integers(0, 3)) == 0 else []
        spec["matchConditions"] = [{"name": "only", "expression": one} for one in conditions]
        bound: Data = {"policyName": f"p{number}", "validationActions": [draw(st.sampled_from(["Deny", "Warn"]))]}
        if draw(st.booleans()):
            bound["matchResources"] = draw(matches(rules=False))
        if with_params:
            spec["paramKind"] = {"apiVersion": "v1", "kind": "ConfigMap"}
            bound["paramRef"] = draw(st.sampled_from([{"name": "params"}, {"name": "params", "namespace": "dev"}]))
            bound["paramRef"]["parameterNotFoundAction"] = draw(st.sampled_from(["Allow", "Deny"]))
        made = compile_policy({"metadata": {"name": f"p{number}"}, "spec": spec})
        assert isinstance(made, CompiledPolicy), made
        compiled.append(made)
        bindings.append(read_binding({"metadata": {"name": f"b{number}"}, "spec": bound}))
    return policy_set(compiled, bindings)


@st.composite
def objects(draw: st.DrawFn) -> Data:
    """A ConfigMap, a Pod, a Namespace or an object of a custom kind."""
    kind = draw(st.sampled_from(["ConfigMap", "ConfigMap", "Foo", "Pod", "Namespace"]))
    metadata: Data = {"name": draw(st.sampled_from(["one", "two"]))}
    labels = draw(st.one_of(st.none(), LABELS))
    if labels is not None:
        metadata["labels"] = labels
    if kind != "Namespace":
        metadata["namespace"] = draw(st.sampled_from(["prod", "dev", "ghost"]))
    data: Data = {"apiVersion": "x.io/v1" if kind == "Foo" else "v1", "kind": kind, "metadata": metadata}
    if kind in ("ConfigMap", "Foo"):
        data["data"] = draw(st.dictionaries(st.sampled_from(["a", "b"]), st.sampled_from(["x", "y"]), max_size=2))
    if kind == "Pod":
        data["spec"] = {"containers": [{"name": "c", "image": draw(st.sampled_from(["i:1", "i:latest", "i"]))}]}
    return data


def variants(data: Data) -> list[Data]:
    """The object, and what differs from it in one thing that policies look at."""
    metadata = data["metadata"]
    found = [data]
    labels: tuple[Data, ...] = ({}, {"app": "x"}, {"env": "x"}, {"app": "y", "env": "y"})
    found += [{**data, "metadata": {**metadata, "labels": one}} for one in labels]
    found.append({**data, "metadata": {**metadata, "name": "two" if metadata["name"] == "one" else "one"}})
    if "namespace" in metadata:
        found += [{**data, "metadata": {**metadata, "namespace": one}} for one in ("prod", "dev", "ghost")]
    if "data" in data:
        found += [{**data, "data": one} for one in ({}, {"a": "x"}, {"b": "y"}, {"a": "y", "b": "x"})]
    if "spec" in data:
        found += [{**data, "spec": {"containers": [{"name": "c", "image": one}]}} for one in ("i:1", "i")]
    return found


NAMESPACES: dict[str, Data] = {
    name: {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
    for name, labels in (("prod", {"env": "x"}), ("dev", {"env": "y", "app": "x"}))
}
PARAMS: tuple[Data, ...] = tuple(
    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "params", "namespace": name}, "data": data}
    for name, data in (("prod", {"a": "x"}), ("one", {"a": "y", "b": "x"}))
)
