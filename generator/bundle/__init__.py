"""One environment's objects as files: names, order, and the kustomization that lists them."""

from generator.bundle.files import KUSTOMIZATION, file_name, kustomization, kustomization_file
from generator.bundle.passthrough import lay_beside, lay_over, with_metadata

__all__ = [
    "KUSTOMIZATION",
    "file_name",
    "kustomization",
    "kustomization_file",
    "lay_beside",
    "lay_over",
    "with_metadata",
]
