"""The files of one cluster, and what among them its objects are judged by."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from generator.pipeline.deployed import Deployed, deployed, param_kinds
from generator.pipeline.inputs import Input
from generator.pipeline.kubevirt import GROUP, KUBEVIRT, MACHINE_KINDS
from generator.pipeline.manifests import Kept, ManifestReader
from generator.policy.bundle import KIND as BUNDLE_KIND
from generator.policy.model import BINDING_KIND, POLICY_KIND
from generator.source import Document

_ADMISSION = "admissionregistration.k8s.io"
_NAMESPACE = "Namespace"
WITH_PLACES = frozenset({POLICY_KIND, BINDING_KIND, BUNDLE_KIND, KUBEVIRT})
"""Kinds by which others are judged, and whose own lines findings about others name."""


@dataclass(frozen=True, slots=True)
class ClusterFiles:
    """Files of one cluster: those of an environment's tree (with a name), or everything else that was named.

    `own` are judged; `around` are `own` and the other files of the tree; `more` hold policies that a person named.
    """

    name: str
    own: Sequence[Input]
    around: Sequence[Input]
    more: Sequence[Input] = ()

    @property
    def is_whole(self) -> bool:
        """Whether all that the cluster gets is judged."""
        return len(self.around) == len(self.own)

    def objects(self, read: ManifestReader) -> Iterator[Kept]:
        """The objects that are judged."""
        return (kept for file in self.own for kept in read.objects(file))

    def machines(self, read: ManifestReader) -> Iterator[Any]:
        """The virtual machines among them, of every kind."""
        return (one.data() for one in self.objects(read) if one.kind in MACHINE_KINDS and one.group.endswith(GROUP))

    def kubevirts(self, read: ManifestReader) -> list[Document]:
        """The KubeVirt objects of the cluster."""
        found = read.mentioning(self.around, (KUBEVIRT,))
        return _documents(read, (one for one in found if one.is_a(KUBEVIRT, GROUP)))

    def _all(self) -> Sequence[Input]:
        return list({file.shown: file for file in (*self.around, *self.more)}.values())

    def policies(self, read: ManifestReader) -> list[Document]:
        """The admission policies of the cluster."""
        found = read.mentioning(self._all(), (POLICY_KIND,))
        return _documents(read, (one for one in found if one.is_a(POLICY_KIND, _ADMISSION)))

    def deployed(self, read: ManifestReader, minor: int) -> Deployed:
        """What admission policies and bindings say of objects, as Kubernetes 1.`minor` reads them."""
        files = self._all()
        found = [
            one for one in read.mentioning(files, (POLICY_KIND, _NAMESPACE)) if one.kind in (*WITH_PLACES, _NAMESPACE)
        ]
        policies = self.policies(read)
        kinds = param_kinds(policies)
        return deployed(
            policies,
            _documents(read, (one for one in found if one.is_a(BINDING_KIND, _ADMISSION))),
            (one.data() for one in found if one.is_a(_NAMESPACE, "")),
            (one.data() for one in read.mentioning(files, sorted(kinds)) if one.kind in kinds),
            minor,
        )

    def build_rules(self, read: ManifestReader) -> list[Document]:
        """The rules over the build among the policies that a person named."""
        found = read.mentioning(self.more, (BUNDLE_KIND,))
        return _documents(read, (one for one in found if one.kind == BUNDLE_KIND))


def _documents(read: ManifestReader, found: Iterable[Kept]) -> list[Document]:
    return [document for one in found if (document := read.document(one)) is not None]
