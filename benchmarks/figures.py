"""What is measured against the aims of the design: one function a row, ours and a peer's in the same run."""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import kubernetes_validate

from benchmarks import bounds, overlay, policy, render, schema, virtapi
from benchmarks.emit import machine
from benchmarks.process import Measured, measure
from benchmarks.workspace import write_chart, write_platform
from generator.schema import SchemaStore
from generator.schema.own import own_crd

QATGEN = (sys.executable, "-m", "generator")
MEMORY = Path("/dev/shm")
EXAMPLE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Figure:
    """One row: what was measured, ours, a peer's, what is aimed at, and whether it is met (None: there is no peer)."""

    what: str
    ours: str
    beside: str
    aim: str
    met: bool | None


def peer(name: str) -> str | None:
    """A program on PATH, or in the cache of `make e2e-assets`."""
    cache = Path(os.environ.get("QATGEN_ASSETS") or Path.home() / ".cache" / "qatgen" / "e2e")
    return shutil.which(name) or shutil.which(name, path=str(cache / "bin"))


def median(work: Callable[[], float], times: int) -> float:
    """The median of so many runs."""
    return statistics.median(work() for _ in range(times))


def _render(folder: Path) -> Measured:
    """A whole render into a folder that is not there yet."""
    shutil.rmtree(folder / "rendered", ignore_errors=True)
    return measure([*QATGEN, "render", "-q"], folder)


def whole(machines: Sequence[int], times: int) -> Iterator[Figure]:
    """Every stage, 1,000 to 100,000 machines; helm and kubeconform, which write no files, on as many."""
    costs: dict[int, float] = {}
    for count in machines:
        found = _every_stage(count, times if count < 100_000 else 1, None)
        costs[count] = found.wall / count
        if count != 10_000:
            yield _whole_row(count, "", found, None)
            continue
        other = _beside(count, times)
        yield _whole_row(count, "", found, other)
        if MEMORY.is_dir():
            yield _whole_row(count, ", files in memory", _every_stage(count, times, MEMORY), other)
    small, large = costs[min(machines)], costs[max(machines)]
    name = f"cost a machine, {max(machines):,} beside {min(machines):,}"
    yield Figure(name, f"{large / small:.2f}", "", "flat", large <= small * 1.1)
    yield Figure("making one file of 2 KiB, by the system alone", f"{_one_file() * 1e6:.0f} us", "", "", None)


def _whole_row(count: int, words: str, found: Measured, other: float | None) -> Figure:
    each, memory = found.wall / count * 1e6, found.memory / 1e6
    ours = f"{found.wall:.2f} s, {each:.0f} us a machine, {memory:.0f} MB"
    beside = f"helm template + kubeconform -strict: {other:.2f} s" if other else ""
    aim = "no slower than helm template + kubeconform; at most 600 MB" if count == 10_000 else ""
    met = memory <= 600 and (other is None or found.wall <= other) if aim else None
    return Figure(f"every stage, {count:,} machines{words}", ours, beside, aim, met)


def _every_stage(count: int, times: int, place: Path | None) -> Measured:
    """The median run, and the most memory of any."""
    with tempfile.TemporaryDirectory(dir=place) as name:
        write_platform(Path(name), count)
        runs = sorted((_render(Path(name)) for _ in range(times)), key=lambda run: run.wall)
    middle = runs[len(runs) // 2]
    return Measured(middle.wall, middle.processor, max(run.memory for run in runs))


def _beside(count: int, times: int) -> float | None:
    with tempfile.TemporaryDirectory() as name:
        return _helm_and_kubeconform(Path(name), count, times)


def _one_file() -> float:
    """Seconds that the file system of the temporary folder takes for a file: the part of a render that is not ours."""
    with tempfile.TemporaryDirectory() as name:
        start = time.perf_counter()
        for number in range(5_000):
            file = os.open(f"{name}/{number}.yaml", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
            os.write(file, b"x" * 2048)
            os.close(file)
        return (time.perf_counter() - start) / 5_000


def _helm_and_kubeconform(folder: Path, count: int, times: int) -> float | None:
    helm, kubeconform = peer("helm"), peer("kubeconform")
    if helm is None or kubeconform is None:
        return None
    chart = write_chart(folder / "chart", count)
    crd = own_crd("kubevirt.io", "VirtualMachine") or {}
    wanted = closed(crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"])
    wanted["properties"] |= {"apiVersion": {}, "kind": {}, "metadata": {}}
    (folder / "virtualmachine.json").write_text(json.dumps(wanted), encoding="utf-8")
    check = f"{kubeconform} -strict -schema-location {folder}/{{{{.ResourceKind}}}}.json -"
    line = f"set -o pipefail; {helm} template bench {chart} | {check}"
    return median(lambda: measure(["bash", "-c", line], folder).wall, times)


def closed(node: Any) -> Any:
    """A structural schema as a JSON Schema that refuses unknown fields, which is what strict means."""
    if isinstance(node, list):
        return [closed(item) for item in node]
    if not isinstance(node, Mapping):
        return node
    made = {key: closed(value) for key, value in node.items() if not key.startswith("x-") and key != "format"}
    if "properties" in node and not node.get("x-kubernetes-preserve-unknown-fields"):
        made.setdefault("additionalProperties", False)
    if node.get("x-kubernetes-int-or-string"):
        made.pop("type", None)
        made.pop("anyOf", None)
    return made


def one_machine(times: int) -> Iterator[Figure]:
    """Render, schema, policies and KubeVirt's rules, one machine of many."""
    found = render.measured(10_000, times)
    yield Figure("render, one machine", f"{found.each * 1e6:.1f} us", "", "at most 80 us", found.each <= 80e-6)
    store = SchemaStore()
    for name, make in (("VirtualMachine", machine), ("Deployment", schema.deployment)):
        objects = [make(number) for number in range(5_000)]
        spent = schema.each(lambda data: store.validate(data, schema.VERSION), objects)
        beside = ""
        if name == "Deployment":
            few = objects[:5]
            theirs = schema.each(lambda data: kubernetes_validate.validate(data, schema.VERSION, strict=True), few)
            beside = f"kubernetes-validate: {theirs:,.0f} us"
            if binary := peer("kubeconform"):
                beside += f"; kubeconform: {schema.kubeconform(binary, objects):.0f} us, reading included"
        yield Figure(f"schema, one {name}", f"{spent:.1f} us", beside, "at most 50 us", spent <= 50)
    spent, _ = virtapi.measured(10_000)
    yield Figure("KubeVirt's rules, one machine like others", f"{spent:.1f} us", "", "at most 50 us", spent <= 50)
    made, admission = policy.built()
    vm = next(m.data for m in made.manifests if m.data["kind"] == "VirtualMachine")
    rows = policy.expressions(json.loads(json.dumps(vm)))
    mine, theirs = (statistics.median(column) for column in zip(*rows, strict=True))
    beside = f"cel-expr-python: {theirs:.2f} us"
    yield Figure("one CEL expression", f"{mine:.2f} us", beside, "no slower", mine <= theirs)
    for words, differ in (("like others", False), ("that differs in what policies read", True)):
        spent = policy.pack(made, admission, 2_000, differ=differ)
        name = f"the pack ({len(admission.policies)} policies apply), one machine {words}"
        yield Figure(name, f"{spent:.0f} us", "", "at most 100 us", spent <= 100)


def limits() -> Iterator[Figure]:
    """What the system's limits cost: marking what runs, so that a process that is ended can be blamed for it."""
    found = bounds.measured(10_000)
    name = "limits of time and memory, part of the processor time of 10,000 machines"
    yield Figure(name, f"{found.share:.2%}", "", "at most 2 %", found.share <= 0.02)


def overlays(times: int, limit: float) -> Iterator[Figure]:
    """A kustomization with every field over 1,000 and 4,000 machines; kustomize on the same files."""
    theirs = peer("kustomize")
    for count in (1_000, 4_000):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            overlay.write_kustomization(folder, "everything", count)
            runs = [overlay.wall([*QATGEN, "build", "."], folder, limit) or limit for _ in range(times)]
            ours = statistics.median(runs)
            other = overlay.wall([theirs, "build", "."], folder, limit) if theirs else None
        beside = f"kustomize: {other:.1f} s, {other / ours:.0f} times as long" if other else ""
        large = count == 4_000
        met = other / ours >= 50 if other and large else None
        yield Figure(f"overlay, {count:,} objects", f"{ours:.2f} s", beside, "50 times kustomize" if large else "", met)


def short(times: int) -> Iterator[Figure]:
    """What people wait for all day: a check with nothing changed, help, the plugin's cold start."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "platform"  # the record of what is current stands beside it, not in it
        folder.mkdir()
        write_platform(folder, 10_000)
        kept = {key: value for key, value in os.environ.items() if key != "CI"}
        environment = {**kept, "XDG_CACHE_HOME": str(Path(name) / "cache")}
        for command in ("render", "check"):
            subprocess.run([*QATGEN, command, "-q"], cwd=folder, env=environment, check=True, capture_output=True)
        spent = median(lambda: _wall([*QATGEN, "check"], folder, environment), times)
        yield Figure("check, nothing changed, 10,000 machines", f"{spent:.2f} s", "", "at most 0.5 s", spent <= 0.5)
    spent = median(lambda: _wall([*QATGEN, "--help"], EXAMPLE, dict(os.environ)), times)
    yield Figure("--help", f"{spent:.2f} s", "", "at most 0.25 s", spent <= 0.25)
    asked = {**os.environ, "ARGOCD_ENV_ENVIRONMENT": "prod", "ARGOCD_APP_NAME": "bench"}
    spent = median(lambda: _wall([*QATGEN, "argocd", "generate"], EXAMPLE, asked), times)
    yield Figure("argocd generate on the example, cold", f"{spent:.2f} s", "", "at most 0.5 s", spent <= 0.5)


def _wall(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    return time.perf_counter() - start
