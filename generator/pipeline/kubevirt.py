"""What the cluster's KubeVirt would say of machines, as objections beside those of schemas and policies."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from packaging.version import InvalidVersion, Version

from generator.finding import Finding, Remark
from generator.location import FieldPath, Span
from generator.pipeline.launch import launch_remarks
from generator.preview import Cluster, Terms
from generator.resolve.rules import UNKNOWN_VERSION
from generator.spec.model import Spec
from generator.virtapi import KNOWN, Alike, Cause, MachineJudge, Verdict, VirtAPI, get, nearest, object_path
from generator.virtapi.refusal import Refused
from generator.virtapi.rules import NEAREST_RELEASE, TOPICS
from generator.virtapi.words import quoting, words_of

KUBEVIRT = "KubeVirt"
_SAME = {
    "Host Devices feature gate is not enabled in kubevirt-config": "QATP-002",
    "vmi.spec.domain.devices.hostDevices contains HostDevices with both deviceName and claimRequest": "QATP-041",
    (
        "vmi.spec.resourceClaims must specify all claims used in vmi.spec.domain.devices.gpus "
        "and vmi.spec.domain.devices.hostDevices"
    ): "QATP-041",
}
"""KubeVirt's messages that a rule of the pack says as well, and better: it knows what the spec asked for."""

_EVICTABLE = "QATP-021"

GROUP = "kubevirt.io"

_TEMPLATES: Mapping[str, FieldPath] = {
    "VirtualMachineInstance": (),
    "VirtualMachine": ("spec", "template"),
    "VirtualMachineInstanceReplicaSet": ("spec", "template"),
    "VirtualMachinePool": ("spec", "virtualMachineTemplate", "spec", "template"),
}


MACHINE_KINDS = frozenset(_TEMPLATES)


@dataclass(frozen=True, slots=True)
class KubeVirtTarget:
    """The KubeVirt that machines are for, as plain values that pickle.

    `kubevirt` is its object, None where that is not known; `qats` says whether it knows the founding note's devices.
    `spoken_for` are the rules of the pack that judge the same machines, and are waived for none.
    """

    version: str
    kubevirt: Mapping[str, Any] | None = None
    qats: bool = False
    spoken_for: frozenset[str] = frozenset()

    def judge(self) -> "Machines":
        """What judges machines for it."""
        release = f"v{nearest(self.version)}.0"
        terms = Terms.of(Cluster(self.kubevirt or {}, release), known=self.kubevirt is not None)
        return Machines(MachineJudge(VirtAPI.of(self.kubevirt, self.version)), terms)


@dataclass(frozen=True, slots=True)
class Machines:
    """The two that decide whether a machine starts: virt-api, and what virt-controller compares it with.

    `started` are the machines of which nothing keeps the pod from being made.
    """

    admission: MachineJudge
    launch: Terms
    started: Alike = field(default_factory=Alike)


def target_of(
    spec: Spec, objects: Sequence[Mapping[str, Any]], codes: Iterable[str], version: str = ""
) -> KubeVirtTarget:
    """The KubeVirt of an environment, among its objects; `codes` are the rules that judge its machines as well.

    `version` stands in for the target's.
    """
    waived = {waiver.rule for waiver in spec.waivers}
    return KubeVirtTarget(
        version or spec.target.kubevirt,
        kubevirt_of(objects),
        qats=spec.kubevirt.assignment == "qats",
        spoken_for=frozenset(codes) - waived,
    )


def target_of_files(
    spec: Spec | None, objects: Sequence[Mapping[str, Any]], codes: Iterable[str], version: str
) -> KubeVirtTarget:
    """The KubeVirt of machines in files: `version`, else what a KubeVirt object among them says, else the spec's.

    Where nothing says a version it is the newest that is known.
    """
    asked = version or version_of(kubevirt_of(objects))
    if spec is not None:
        return target_of(spec, objects, codes, asked)
    return KubeVirtTarget(asked or f"{KNOWN[-1]}.0", kubevirt_of(objects), spoken_for=frozenset(codes))


def kubevirt_of(objects: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The KubeVirt object among others; None where there is none, or several."""
    found = [data for data in objects if data.get("kind") == KUBEVIRT]
    return found[0] if len(found) == 1 else None


def version_of(kubevirt: Mapping[str, Any] | None) -> str:
    """The version a KubeVirt object asks for, or has in its status; empty where it says nothing."""
    parts = ((kubevirt or {}).get("spec"), "imageTag"), ((kubevirt or {}).get("status"), "observedKubeVirtVersion")
    for part, key in parts:
        given = part.get(key) if isinstance(part, Mapping) else None
        if given and readable(str(given)):
            return str(given)
    return ""


def readable(version: str) -> bool:
    """Whether a text is a version that can be compared."""
    try:
        Version(version.removeprefix("v"))
    except InvalidVersion:
        return False
    return True


def check_kubevirt_version(version: str, at: Span) -> Iterator[Finding]:
    """A version of KubeVirt that a person asked for and that is none."""
    if version and not readable(version):
        message = f'"{version}" is no version of KubeVirt'
        yield Finding(rule=UNKNOWN_VERSION, message=message, at=at, hint="write 1.9, say, or v1.9.0")


def remarks(data: Mapping[str, Any], machines: Machines, target: KubeVirtTarget) -> Iterator[Remark]:
    """What KubeVirt objects to in a machine, at admission or, if that lets it in, when its pod is made.

    Of a machine with an instancetype or a preference only what does not depend on them is told: the cluster knows
    them. Fields of a KubeVirt newer than those that are known are no objection.
    """
    machine = _without_qats(data) if target.qats else data
    verdict, key = machines.admission.judged(machine)
    if verdict is None:
        return
    if verdict.allowed:
        if key not in machines.started:
            found = list(launch_remarks(machine, machines.launch, target.spoken_for))
            yield from found
            if not found:
                machines.started.add(key)
        return
    if not _decided(machine, verdict, target):
        return
    for cause in dict.fromkeys(verdict.all_causes):
        if _speaker(machine, cause) not in target.spoken_for:
            yield _remark(data, verdict, cause)


def _speaker(machine: Mapping[str, Any], cause: Cause) -> str | None:
    """The rule of the pack that says the same of a machine; None where there is none."""
    if cause.topic == "eviction":  # that rule looks at machines with host devices
        domain: FieldPath = (*_TEMPLATES.get(str(machine.get("kind")), ()), "spec", "domain", "devices", "hostDevices")
        return _EVICTABLE if get(machine, *map(str, domain)) else None
    return _SAME.get(cause.message)


def _remark(data: Mapping[str, Any], verdict: Verdict, cause: Cause) -> Remark:
    topic = TOPICS[cause.topic]
    path = object_path(data, verdict.kind, cause.field, cause.message, cause.topic)
    instance = (*_TEMPLATES.get(str(data.get("kind")), ()), "spec")
    words = words_of(Refused(data, instance, cause, path))
    return Remark(
        topic.rule, quoting(words, cause), words.hint or topic.hint, path if words.path is None else words.path
    )


def _decided(machine: Mapping[str, Any], verdict: Verdict, target: KubeVirtTarget) -> bool:
    spec = machine.get("spec")
    if verdict.stage == "decode":
        return not _newer(target.version)
    borrowed = isinstance(spec, Mapping) and ("instancetype" in spec or "preference" in spec)
    return not borrowed or verdict.stage == "mutate"


def _newer(version: str) -> bool:
    return Version(version.removeprefix("v")).release[:2] > KNOWN[-1].release[:2]


def _without_qats(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """A machine without the founding note's devices, which a KubeVirt that has them takes."""
    path: FieldPath = (*_TEMPLATES.get(str(data.get("kind")), ()), "spec", "domain", "devices")
    made: Mapping[str, Any] = _less(data, path, "qats")
    return made


def _less(data: Any, path: FieldPath, key: str) -> Any:
    if not isinstance(data, Mapping):
        return data
    if not path:
        return {name: value for name, value in data.items() if name != key}
    return {**data, path[0]: _less(data[path[0]], path[1:], key)} if path[0] in data else data


def devices_of(machine: Any) -> Mapping[str, Any]:
    """The devices of a machine of any kind, as its manifest gives them; empty where there are none."""
    kind = machine.get("kind") if isinstance(machine, Mapping) else None
    path = map(str, (*_TEMPLATES.get(str(kind), ()), "spec", "domain", "devices"))
    found = get(machine, *path)
    return found if isinstance(found, Mapping) else {}


def nearest_release(version: str, at: Span) -> Iterator[Finding]:
    """Told once of a target that is judged as another release."""
    given, judged = Version(version.removeprefix("v")).release[:2], nearest(version)
    if given != judged.release[:2]:
        message = f"KubeVirt {version.removeprefix('v')} is judged as {judged}, the nearest release that is known"
        hint = "what the two do differently is not seen; the cluster decides"
        yield Finding(rule=NEAREST_RELEASE, message=message, at=at, hint=hint)
