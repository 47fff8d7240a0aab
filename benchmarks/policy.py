"""How long policies take: an expression, and the whole pack on one machine; Google's CEL library in the same run."""

import argparse
import copy
import json
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cel_expr_python import cel

from benchmarks.workspace import SPEC
from generator.cel import DYN, Environment, compile_expression, new_frame
from generator.manifest import identify
from generator.pipeline.admission import Admission, admission_of, compiled_policies, shipped
from generator.pipeline.build import Build, build
from generator.pipeline.judgement import judged_row
from generator.pipeline.project import open_project
from generator.policy import Cluster, policy_set, read_binding, resources
from generator.policy.judging import Judge

EXPRESSIONS = (
    "object.spec.runStrategy == 'Always'",
    "has(object.metadata.labels) && object.metadata.labels.size() < 10",
    "object.spec.template.spec.domain.devices.disks.all(d, d.name.size() <= 63)",
    "!has(object.spec.template.spec.evictionStrategy) || object.spec.template.spec.evictionStrategy != 'None'",
    "object.spec.template.spec.volumes.exists(v, has(v.containerDisk) && v.containerDisk.image.startsWith('quay.io/'))",
    "object.spec.template.spec.domain.devices.hostDevices.map(d, d.deviceName).filter(n, n != '').size() == 1",
)


def expressions(data: dict[str, Any]) -> list[tuple[float, float]]:
    """Each expression, by us and by cel-expr-python, in microseconds."""
    ours = Environment((("object", DYN),))
    theirs = cel.NewEnv(variables={"object": cel.Type.DYN})
    activation = theirs.Activation({"object": data})
    rows = []
    for source in EXPRESSIONS:
        compiled = compile_expression(source, ours)
        frame = new_frame(ours, {"object": data}, compiled.width)
        program = theirs.compile(source)
        assert compiled.evaluate_in(frame) is True, source
        assert program.eval(activation).value() is True, source
        rows.append((each(partial(compiled.evaluate_in, frame)), each(partial(program.eval, activation))))
    return rows


def each(work: Callable[[], object], count: int = 5000) -> float:
    """Best of five: processor time a call, in microseconds."""
    best = float("inf")
    for _ in range(5):
        start = time.process_time()
        for _ in range(count):
            work()
        best = min(best, time.process_time() - start)
    return best / count * 1e6


def built() -> tuple[Build, Admission]:
    """The benchmark's platform with its policies."""
    with TemporaryDirectory() as name:
        (Path(name) / "spec.yaml").write_text(SPEC.format(machines=1, nodes=2), encoding="utf-8")
        project = open_project(Path(name) / "spec.yaml")
        environment, model = project.environments[0]
        row = judged_row(project, environment, model)
        made = build(project, model)
        manifests = [*made.manifests, *shipped(row.policies, model.spec, waived=False)]
        return made, admission_of(manifests, row.policies, model.spec)


def judge_of(admission: Admission) -> Judge:
    """A judge that knows the platform's policies, namespaces and parameters."""
    namespaces = {identify(data).name: data for data in admission.namespaces}
    policies = policy_set(compiled_policies(admission), [read_binding(data) for data in admission.bindings])
    return Judge(policies, Cluster(admission.minor, namespaces, admission.params), resources())


def machines(data: dict[str, Any], count: int, *, differ: bool) -> Sequence[dict[str, Any]]:
    """Copies of a machine, each of a name of its own; `differ`: in what policies read as well."""
    out = []
    for number in range(count):
        made = copy.deepcopy(data)
        made["metadata"]["name"] = f"gateway-{number}"
        if differ:
            made["spec"]["template"]["spec"]["domain"]["devices"]["hostDevices"][0]["name"] = f"qat-{number}"
        out.append(made)
    return out


def pack(made: Build, admission: Admission, count: int, *, differ: bool) -> float:
    """Processor time a machine, in microseconds, that the whole pack takes; `differ`: in what policies read."""
    data = next(m.data for m in made.manifests if m.data["kind"] == "VirtualMachine")
    judge = judge_of(admission)
    objects = machines(data, count, differ=differ)
    judge.create(identify(objects[0]), objects[0])
    start = time.process_time()
    for one in objects:
        assert not judge.create(identify(one), one).failures
    return (time.process_time() - start) / count * 1e6


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--machines", type=int, default=2000)
    count = parser.parse_args().machines
    made, admission = built()
    machine = next(m.data for m in made.manifests if m.data["kind"] == "VirtualMachine")
    rows = expressions(json.loads(json.dumps(machine)))
    for source, (mine, other) in zip(EXPRESSIONS, rows, strict=True):
        print(f"{mine:8.2f} us  {other:8.2f} us of cel-expr-python  {source[:70]}")
    medians = [statistics.median(column) for column in zip(*rows, strict=True)]
    print(f"{medians[0]:8.2f} us  {medians[1]:8.2f} us: median")
    for name, differ in (("alike", False), ("different", True)):
        spent = pack(made, admission, count, differ=differ)
        print(f"{spent:8.1f} us: {len(admission.policies)} policies of the pack on one machine of {count:,} {name}")


if __name__ == "__main__":
    main()
