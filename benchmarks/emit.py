"""How long a machine takes to become YAML, and a file to be staged; PyYAML and json in the same run."""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from generator.emit import StagedTree, dump, write_file


def machine(number: int) -> dict[str, Any]:
    """A machine of some 60 lines; its name is its own."""
    name = f"gw-{number}"
    devices = {
        "rng": {},
        "disks": [{"name": disk, "disk": {"bus": "virtio"}} for disk in ("root", "cloudinit")],
        "interfaces": [{"name": "default", "masquerade": {}, "ports": [{"port": 22}, {"port": 443}]}],
        "hostDevices": [{"name": f"qat{i}", "deviceName": "qat.example.com/sym"} for i in range(2)],
    }
    domain = {
        "cpu": {"cores": 4, "sockets": 1, "dedicatedCpuPlacement": True, "model": "host-model"},
        "memory": {"guest": "2Gi", "hugepages": {"pageSize": "1Gi"}},
        "devices": devices,
    }
    volumes = [
        {"name": "root", "containerDisk": {"image": "quay.io/containerdisks/fedora:43"}},
        {"name": "cloudinit", "cloudInitNoCloud": {"userData": "#cloud-config\nhostname: gw\n"}},
    ]
    labels = {"app.kubernetes.io/name": name, "app.kubernetes.io/managed-by": "qatgen"}
    return {
        "apiVersion": "kubevirt.io/v1",
        "kind": "VirtualMachine",
        "metadata": {"name": name, "namespace": "vpn", "labels": labels},
        "spec": {
            "runStrategy": "Always",
            "template": {
                "metadata": {"labels": {"kubevirt.io/domain": name}},
                "spec": {
                    "nodeSelector": {"example.com/pool": "vm"},
                    "domain": domain,
                    "networks": [{"name": "default", "pod": {}}],
                    "volumes": volumes,
                },
            },
        },
    }


def each(work: Callable[[Any], object], items: list[Any]) -> float:
    """Best of three: processor time an item, in microseconds."""
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        for item in items:
            work(item)
        best = min(best, time.process_time() - start)
    return best / len(items) * 1e6


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--machines", type=int, default=5000)
    machines = [machine(number) for number in range(parser.parse_args().machines)]
    print(f"{dump(machines[0]).count(chr(10))} lines a machine, {len(machines)} machines")
    print(f"dump             {each(dump, machines):8.1f} us")
    print(f"json.dumps       {each(json.dumps, machines):8.1f} us")
    print(f"yaml.CSafeDumper {each(lambda data: yaml.dump(data, Dumper=yaml.CSafeDumper), machines[:100]):8.1f} us")
    with tempfile.TemporaryDirectory() as folder, StagedTree(Path(folder) / "dev") as staged:
        data = b"x" * 2048
        start = time.process_time()
        for number in range(10_000):
            write_file(staged.path, f"ns{number % 20}/virtualmachine-gw-{number}.yaml", data)
        print(f"write_file       {(time.process_time() - start) / 10_000 * 1e6:8.1f} us")


if __name__ == "__main__":
    main()
