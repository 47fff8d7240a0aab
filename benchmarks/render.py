"""How long one of 10,000 similar machines takes to render."""

import argparse
import gc
import json
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.render import Renderer, TemplateFolder

TEMPLATE = """\
apiVersion: kubevirt.io/v1
kind: VirtualMachineInstance
metadata:
  name: {{ vm.name }}
  namespace: {{ vm.namespace }}
  labels:
    app.kubernetes.io/name: {{ vm.name }}
    app.kubernetes.io/part-of: {{ platform.name }}
    app.kubernetes.io/managed-by: qatgen
{% for key, value in vm.labels.items() %}
    {{ key }}: {{ value }}
{% endfor %}
{% if vm.annotations %}
  annotations:
    qat.example/class: "{{ vm.qat.name }}"
    qat.example/owner: team-{{ vm.team }}
{% endif %}
spec:
  domain:
    cpu:
      cores: {{ vm.cpu.cores }}
{% if vm.cpu.dedicated %}
      dedicatedCpuPlacement: {{ vm.cpu.dedicated }}
{% endif %}
{% if vm.cpu.model %}
      model: {{ vm.cpu.model }}
{% endif %}
    memory:
      guest: {{ vm.memory.guest }}
{% if vm.memory.hugepages %}
      hugepages:
        pageSize: {{ vm.memory.hugepages }}
{% endif %}
    devices:
{% if vm.rng %}
      rng: {}
{% endif %}
{% if vm.disks %}
      disks:
{% for disk in vm.disks %}
      - name: {{ disk.name }}
        disk:
          bus: {{ disk.bus }}
{% endfor %}
{% endif %}
      interfaces:
      - name: default
        masquerade: {}
{% if vm.qat.assignment == "hostDevices" %}
      hostDevices:
{% for device in vm.qat.devices %}
      - name: {{ device.name }}
        deviceName: {{ device.resource }}
{% endfor %}
{% elif vm.qat.assignment == "qats" %}
      qats: []
{% endif %}
{% if vm.firmware %}
    firmware:
      uuid: {{ vm.firmware.uuid }}
{% endif %}
    resources:
      requests:
        memory: {{ vm.memory.request }}
        cpu: {{ vm.cpu.request }}m
{% if vm.limits %}
      limits:
        memory: {{ vm.memory.request }}
{% endif %}
{% if vm.evictionStrategy %}
  evictionStrategy: {{ vm.evictionStrategy }}
{% endif %}
{% if vm.nodeSelector %}
  nodeSelector: {{ vm.nodeSelector }}
{% endif %}
{% if vm.priority is defined and vm.priority %}
  priorityClassName: {{ vm.priority }}
{% endif %}
{% if vm.tolerations %}
  tolerations: {{ vm.tolerations }}
{% endif %}
  terminationGracePeriodSeconds: {{ vm.grace | default(30) }}
  networks:
  - name: default
    pod: {}
  volumes:
  - name: root
    containerDisk:
      image: {{ vm.image }}
{% if vm.pullSecret %}
      imagePullSecret: {{ vm.pullSecret }}
{% endif %}
{% if vm.cloudInit %}
  - name: cloudinit
    cloudInitNoCloud:
      userData: {{ vm.cloudInit }}
{% endif %}
"""


def machine(number: int) -> dict[str, Any]:
    """One machine of the platform; a few shapes take turns."""
    odd = number % 2 == 0
    return {
        "name": f"gw-{number}",
        "namespace": f"team-{number % 7}",
        "team": f"team-{number % 7}",
        "labels": {"app": "gateway", "tier": "edge" if odd else "core"},
        "annotations": True,
        "cpu": {"cores": 4, "dedicated": odd, "model": "host-model", "request": 4000},
        "memory": {"guest": "8Gi", "hugepages": "1Gi" if odd else "", "request": "8704Mi"},
        "rng": True,
        "disks": [{"name": "root", "bus": "virtio"}, {"name": "cloudinit", "bus": "virtio"}],
        "qat": {
            "name": "vpn",
            "assignment": "hostDevices",
            "devices": [{"name": f"qat{n}", "resource": "intel.com/qat-vf"} for n in range(1 + number % 3)],
        },
        "firmware": {"uuid": f"5d307ca9-b3ef-428c-8861-{number:012d}"},
        "limits": odd,
        "evictionStrategy": "None",
        "nodeSelector": {"intel.feature.node.kubernetes.io/qat": "true"},
        "tolerations": [],
        "image": "registry.example/gw:1.4",
        "pullSecret": "",
        "cloudInit": "#cloud-config\nhostname: gw\n",
    }


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of processor time: a machine, the first one, and the same objects to JSON text and back."""

    each: float
    first: float
    yardstick: float


def measured(machines: int, rounds: int) -> Measured:
    """The best of some rounds."""
    contexts = [{"vm": machine(n), "platform": {"name": "edge"}} for n in range(machines)]
    cold = 0.0
    best = yardstick = float("inf")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "vmi.yaml.j2").write_text(TEMPLATE, encoding="utf-8")
        for _ in range(rounds):
            started = time.process_time()
            renderer = Renderer([TemplateFolder(Path(folder), "templates")])
            renderer.render("vmi.yaml.j2", contexts[0])
            cold = time.process_time() - started
            gc.collect()
            gc.freeze()
            started = time.process_time()
            kept = [renderer.render("vmi.yaml.j2", context) for context in contexts]
            best = min(best, (time.process_time() - started) / len(kept))
            started = time.process_time()
            for documents in kept:
                json.loads(json.dumps(documents))
            yardstick = min(yardstick, (time.process_time() - started) / len(kept))
            gc.unfreeze()
    return Measured(best, cold, yardstick)


def main() -> None:
    """Print microseconds for each machine, best of some rounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--machines", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    found = measured(options.machines, options.rounds)
    first = f"first one {found.first * 1e3:.1f} ms"
    print(f"{options.machines} machines: {found.each * 1e6:.1f} us of processor time each, {first}")
    print(f"beside it: the same objects to JSON text and back, {found.yardstick * 1e6:.1f} us each")


if __name__ == "__main__":
    main()
