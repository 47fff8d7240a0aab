"""Kustomizations that would be built for minutes: `python -m tests.property.bombs --only overlay` tries them."""

from collections.abc import Iterator

from tests.property.bomb import Bomb

_SECONDS = 25
"""Processor time: what is ended has used 10, the files have their own time to be read, and the report is made."""


def overlay_bombs() -> Iterator[Bomb]:
    """All of them; each is built alone."""
    many = "".join(
        f"---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{number}, namespace: n}}\ndata: {{a: x}}\n"
        for number in range(2_000)
    )
    merges = "".join(
        f'- {{target: {{kind: ConfigMap}}, patch: "{{kind: ConfigMap, metadata: {{name: x}}, data: {{k{number}: v}}}}"}}\n'
        for number in range(2_000)
    )
    yield _bomb("2,000 patches of 2,000 objects", {"r.yaml": many}, f"patches:\n{merges}", "RUN001")
    first = {"r.yaml": many.partition("---\n")[2].partition("---")[0]}
    source = "{source: {kind: ConfigMap, name: c1, fieldPath: metadata.name}"
    copies = f"- {source}, targets: [{{select: {{kind: ConfigMap}}, fieldPaths: [data.a]}}]}}\n"
    yield _bomb("3,000 replacements of 2,000 objects", {"r.yaml": many}, f"replacements:\n{copies * 3_000}", "RUN001")
    inner = ",".join(["{n: x}"] * 300)
    outer = ",".join([f"{{m: [{inner}]}}"] * 300)
    pod = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec: {{l: [{outer}]}}\n"
    fields = "targets: [{select: {kind: Pod}, fieldPaths: [spec.l.*.m.*.n]}]"
    wild = f"- {{source: {{name: p, fieldPath: metadata.name}}, {fields}}}\n"
    yield _bomb("300 replacements by wildcards", {"r.yaml": pod}, f"replacements:\n{wild * 300}", "RUN001")
    yield _bomb("components that double 25 times", {**first, **dict(_doubled())}, "components: [x0]", "OVL008")


def _doubled() -> Iterator[tuple[str, str]]:
    head = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
    for number in range(25):
        for side in "xy":
            below = f"[../x{number + 1}, ../y{number + 1}]"
            yield f"{side}{number}/kustomization.yaml", f"{head}components: {below}\n"
    for side in "xy":
        yield f"{side}25/kustomization.yaml", f"{head}labels: [{{pairs: {{a: b}}}}]\n"


def _bomb(name: str, files: dict[str, str], text: str, code: str) -> Bomb:
    kustomization = {"kustomization.yaml": f"resources: [r.yaml]\n{text}"}
    return Bomb(f"overlay: {name}", {**files, **kustomization}, ["build", "."], code, seconds=_SECONDS)
