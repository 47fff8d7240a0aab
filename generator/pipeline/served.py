"""Which API versions of manifests a cluster does not serve, by the list that Argo CD gives of it."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from generator.finding import Finding
from generator.location import Span
from generator.pipeline import rules

_HEAD = re.compile(r"apiVersion: \"?([^\s\"]+)\"?\nkind: \"?([^\s\"]+)")
_CRD = re.compile(r"^  group: \"?([^\s\"]+)", re.MULTILINE)


def not_served(documents: Sequence[str], versions: str, file: str) -> Iterator[Finding]:
    """A warning for each API version and kind that is not in `versions`, KUBE_API_VERSIONS of a plugin.

    `documents` are texts as we write them, `file` is where the finding stands. Nothing is told of groups whose CRD is
    among the documents, and nothing at all where the cluster's list is not known.
    """
    served = {version.strip() for version in versions.split(",")} - {""}
    if not served:
        return
    heads = [match.groups() for text in documents if (match := _HEAD.match(text))]
    brought = {
        match[1]
        for text, (_, kind) in zip(documents, heads, strict=False)
        if kind == "CustomResourceDefinition" and (match := _CRD.search(text))
    }
    for (version, kind), count in sorted(Counter(heads).items()):
        if version in served or f"{version}/{kind}" in served or version.partition("/")[0] in brought:
            continue
        objects = "1 object" if count == 1 else f"{count:,} objects"
        message = f"the cluster does not serve {version}, the version of {objects} of kind {kind}"
        hint = "install what brings it, or set `spec.target` to what the cluster runs"
        yield Finding(rule=rules.NOT_SERVED, message=message, at=Span(file), hint=hint)
