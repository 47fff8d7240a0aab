"""Which file an object is written to, and the kustomization over them all."""

import re
from collections.abc import Iterable, Mapping

from generator.emit import dump
from generator.manifest import Identity
from generator.spec.model import Plain

KUSTOMIZATION = "kustomization.yaml"
CLUSTER_FOLDER = "_cluster"
"""Folder of objects without a namespace; `_` begins no namespace's name."""

_ODD = re.compile(r"[^a-z0-9.-]")


def file_name(identity: Identity) -> str:
    """The file of an object, relative to its environment's folder: `vpn/virtualmachine-gw-0.yaml`.

    Any character that file systems treat differently (upper case, `:`) is written `_` and its code, so names stay
    apart.
    """
    folder = identity.namespace or CLUSTER_FOLDER
    return f"{folder}/{identity.kind.lower()}-{_ODD.sub(_escaped, identity.name)}.yaml"


def _escaped(match: re.Match[str]) -> str:
    return f"_{ord(match[0]):02x}"


def kustomization(files: Iterable[str]) -> Plain:
    """The kustomization of an environment: every file, in order of name."""
    return {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": sorted(files),
    }


def kustomization_file(files: Iterable[str]) -> Mapping[str, bytes]:
    """The kustomization of these files as a file: its name and its content."""
    return {KUSTOMIZATION: dump(kustomization(files)).encode()}
