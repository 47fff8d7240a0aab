"""Amounts of any spelling in every place that takes one: a verdict, and never a fault of the program."""

import json
import random
import re

import pytest

from tests.support.quantities.record import EDGES, ODD, number
from tests.support.workspace import SMALL, qatgen, write

KUSTOMIZATION = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [more.yaml]\n"
MORE = """
apiVersion: kubevirt.io/v1
kind: VirtualMachineInstance
metadata: {{name: more, namespace: vpn}}
spec:
  nodeSelector: {{example.com/pool: vm}}
  domain: {{memory: {{guest: {0}, hugepages: {{pageSize: {0}}}}}, devices: {{}},
    resources: {{requests: {{memory: {0}, cpu: {0}}}, limits: {{intel.com/qat: {0}}}}}}}
---
apiVersion: v1
kind: Pod
metadata: {{name: pod, namespace: vpn}}
spec:
  nodeSelector: {{example.com/pool: vm}}
  containers:
    - {{name: a, image: x, resources: {{limits: {{intel.com/qat-4xxx-sym: {0}, hugepages-1Gi: {0}}}, requests: {{cpu: {0}}}}}}}
---
apiVersion: v1
kind: LimitRange
metadata: {{name: most, namespace: vpn}}
spec: {{limits: [{{type: Container, max: {{memory: {0}}}}}]}}
"""
COMMANDS = (("render",), ("capacity",), ("preview", "gw"), ("report", "-o", "json"), ("check",))
HARD = (
    "1e99999",
    "1e9999",
    "1e1001",
    "1e2147483646",
    "1e-2147483646",
    "8Ei",
    "1e4294967296",
    ".",
    "Ki",
    "e3",
    "1 Gi",
    " 1Gi",
)


def drawn() -> list[str]:
    draw = random.Random(11)
    usable = [text for text in (*EDGES.split(), *ODD) if text.isprintable() and text.isascii() and len(text) < 100]
    return [*HARD, *draw.sample(usable, 8), *(number(draw) + draw.choice(("", "Gi", "m", "e30")) for _ in range(4))]


def faultless(result):
    assert result.code in {0, 1, 2}, result
    assert not re.search("internal error|Traceback", result.out + result.err), result


@pytest.mark.parametrize("text", drawn())
@pytest.mark.parametrize("place", ["spec", "vmiSpec", "overlay"])
def test_no_amount_stops_a_command(tmp_path, text, place):
    quoted = "'" + text.replace("'", "''") + "'"
    spec = SMALL
    if place == "spec":
        spec = SMALL.replace("{guest: 2Gi}", f"{{guest: {quoted}, hugepages: 1Gi}}")
    elif place == "vmiSpec":
        domain = f"{{memory: {{guest: {quoted}}}, resources: {{requests: {{memory: {quoted}, cpu: {quoted}}}}}}}"
        spec = SMALL + f"      vmiSpec: {{domain: {domain}}}\n"
    else:
        more = {"kustomization.yaml": KUSTOMIZATION, "more.yaml": MORE.format(quoted), "spec.yaml": "spec: {}\n"}
        write(tmp_path, {f"overlays/dev/{name}": data for name, data in more.items()})
    write(tmp_path, {"spec.yaml": spec})
    for command in COMMANDS if place == "spec" else COMMANDS[:4]:
        faultless(qatgen(tmp_path, *command))
    if place == "overlay":
        faultless(qatgen(tmp_path, "validate", "overlays/dev/more.yaml"))


@pytest.mark.parametrize("text", ["1e99999", "1e9999", "1e1001", "8Ei", "1e4294967315", "12E"])
def test_what_64_bits_do_not_hold_is_refused_at_its_line(tmp_path, text):
    write(tmp_path, {"spec.yaml": SMALL.replace("{guest: 2Gi}", f'{{guest: "{text}", hugepages: 1Gi}}')})
    for command in (("render",), ("capacity",), ("preview", "gw")):
        result = qatgen(tmp_path, *command)
        assert result.code == 1, result
        assert re.search(r"error\[SPC0\d\d [a-z-]+\]: .*memory\.guest.*\n +--> spec\.yaml:21:", result.err), result.err
    result = qatgen(tmp_path, "report", "-o", "json")  # its terminal says how many there are, its page which
    places = [problem["at"] for problem in json.loads(result.out)["problems"]]
    assert (result.code, [(at["file"], at["line"]) for at in places]) == (1, [("spec.yaml", 21)]), result
