"""How long asking KubeVirt's rules takes: machines of one stamp, and machines that are each looked at in full."""

import argparse
import copy
import time
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.policy import built
from generator.virtapi import MachineJudge, VirtAPI, admit


def machines(data: dict[str, Any], count: int) -> Sequence[dict[str, Any]]:
    """Machines of one stamp: names, addresses, claims and cloud-init data of their own."""
    made = []
    for number in range(count):
        machine = copy.deepcopy(data)
        name = f"gateway-{number}"
        machine["metadata"]["name"] = name
        spec = machine["spec"]["template"]["spec"]
        spec["hostname"] = name
        devices = spec["domain"]["devices"]
        devices.setdefault("disks", []).extend({"name": n, "disk": {"bus": "virtio"}} for n in ("more", "seed"))
        devices["interfaces"] = [
            {"name": "default", "masquerade": {}, "macAddress": f"02:00:00:00:01:{number % 256:02x}"}
        ]
        spec["networks"] = [{"name": "default", "pod": {}}]
        spec["volumes"] += [
            {"name": "more", "persistentVolumeClaim": {"claimName": f"{name}-more"}},
            {"name": "seed", "cloudInitNoCloud": {"userData": f"#cloud-config\nhostname: {name}\n"}},
        ]
        made.append(machine)
    return made


def each(work: Callable[[dict[str, Any]], Any], objects: Sequence[dict[str, Any]]) -> float:
    """Processor time an object, in microseconds; every machine passes."""
    start = time.process_time()
    for one in objects:
        assert work(one).allowed
    return (time.process_time() - start) / len(objects) * 1e6


def measured(count: int) -> tuple[float, float]:
    """Microseconds a machine: of so many of one stamp, and of one that is looked at in full."""
    made, _ = built()
    kubevirt = next(m.data for m in made.manifests if m.data["kind"] == "KubeVirt")
    machine = next(m.data for m in made.manifests if m.data["kind"] == "VirtualMachine")
    api = VirtAPI.of(kubevirt, "v1.9.0")
    alike = machines(machine, count)
    return each(MachineJudge(api).verdict, alike), each(lambda one: admit(one, api), alike[: count // 20])


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--machines", type=int, default=10_000)
    count = parser.parse_args().machines
    alike, single = measured(count)
    print(f"{alike:8.1f} us a machine, {count:,} of one stamp (aim: 50)")
    print(f"{single:8.1f} us a machine that is looked at in full")


if __name__ == "__main__":
    main()
