"""Which API versions of manifests a cluster does not serve, by the list that Argo CD gives of it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from generator.finding import Finding
from generator.location import Span
from generator.pipeline import rules
from generator.schema.definitions import CRD
from generator.source import QuickReader, members


def not_served(documents: Sequence[str], versions: str, file: str) -> Iterator[Finding]:
    """A warning for each API version and kind that is not in `versions`, KUBE_API_VERSIONS of a plugin.

    `documents` are texts of manifests, `file` is where the finding is. Nothing is reported of groups whose CRD is among
    the documents, and nothing at all where the cluster's list is not known. Raises Halt for a text that is not YAML.
    """
    served = {version.strip() for version in versions.split(",")} - {""}
    if not served:
        return
    heads: Counter[tuple[str, str]] = Counter()
    brought = set()
    for data in _objects(documents, file):
        heads[str(data.get("apiVersion") or ""), str(data.get("kind") or "")] += 1
        spec = data.get("spec")
        if data.get("kind") == CRD and isinstance(spec, dict):
            brought.add(str(spec.get("group") or ""))
    for (version, kind), count in sorted(heads.items()):
        if version in served or f"{version}/{kind}" in served or version.partition("/")[0] in brought:
            continue
        objects = "1 object" if count == 1 else f"{count:,} objects"
        message = f"the cluster does not serve {version}, the version of {objects} of kind {kind}"
        hint = "install what brings it, or set `spec.target` to what the cluster runs"
        yield Finding(rule=rules.NOT_SERVED, message=message, at=Span(file), hint=hint)


def _objects(documents: Sequence[str], file: str) -> Iterator[dict[str, Any]]:
    reader = QuickReader()  # a tree may have 100,000 machines
    for text in documents:
        for document in reader.read(text.encode(), file):
            for _, data in members(document.data):
                if isinstance(data, dict):
                    yield data
