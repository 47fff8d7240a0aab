"""How long one object takes to check against its schema; kubernetes-validate and kubeconform in the same run."""

import argparse
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import kubernetes_validate

from benchmarks.emit import machine
from generator.emit import dump
from generator.schema import SchemaStore
from generator.schema.builtin import builtin_validator

VERSION = "1.36"


def deployment(number: int) -> dict[str, Any]:
    """A workload of an ordinary size; its name is its own."""
    labels = {"app.kubernetes.io/name": f"web-{number}"}
    container = {
        "name": "web",
        "image": "registry.example.com/web:1.4",
        "ports": [{"containerPort": 8080, "name": "http"}],
        "env": [{"name": "MODE", "value": "fast"}],
        "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}},
        "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}},
    }
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": f"web-{number}", "namespace": "web", "labels": labels},
        "spec": {"replicas": 3, "selector": {"matchLabels": labels}, "template": template},
    }


def each(work: Callable[[Any], object], items: Sequence[Any]) -> float:
    """Best of three: processor time an item, in microseconds."""
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        for item in items:
            work(item)
        best = min(best, time.process_time() - start)
    return best / len(items) * 1e6


def kubeconform(binary: str, objects: Sequence[Mapping[str, Any]]) -> float:
    """Wall clock an object of the whole process, in microseconds; it is given our schema of the kind as a file."""
    validator = builtin_validator(int(VERSION.partition(".")[2]), "apps", "v1", "Deployment")
    assert validator is not None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "schemas").mkdir()
        (folder / "schemas" / "deployment.json").write_text(json.dumps(validator.schema), encoding="utf-8")
        (folder / "objects").mkdir()
        for number, data in enumerate(objects):
            (folder / "objects" / f"{number}.yaml").write_text(dump(data), encoding="utf-8")
        location = f"{folder}/schemas/{{{{ .ResourceKind }}}}.json"
        start = time.perf_counter()
        subprocess.run([binary, "-schema-location", location, str(folder / "objects")], check=True)
        return (time.perf_counter() - start) / len(objects) * 1e6


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, default=5000)
    count = parser.parse_args().objects
    store = SchemaStore()
    objects: list[dict[str, Any]] = []
    for name, make in (("VirtualMachine", machine), ("Deployment", deployment)):
        objects = [make(number) for number in range(count)]
        assert store.validate(objects[0], VERSION).status == "valid", store.validate(objects[0], VERSION)
        print(f"{name:<16} qatgen               {each(lambda data: store.validate(data, VERSION), objects):10.1f} us")
        print(f"{name:<16} json.dumps           {each(json.dumps, objects):10.1f} us")
        if name == "Deployment":
            few = objects[:10]
            theirs = each(lambda data: kubernetes_validate.validate(data, VERSION, strict=True), few)
            print(f"{name:<16} kubernetes-validate  {theirs:10.1f} us")
    binary = shutil.which("kubeconform")
    if binary:
        theirs = kubeconform(binary, objects)
        print(f"Deployment       kubeconform          {theirs:10.1f} us of wall clock, reading included")
    else:
        print("kubeconform is not on PATH: nothing beside it")


if __name__ == "__main__":
    main()
