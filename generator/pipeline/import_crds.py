"""Keep CRDs of a cluster or a release in schemas/, small enough to commit."""

from collections.abc import Sequence
from pathlib import Path

from generator.emit import Unrepresentable, dump, put_file
from generator.emit.rules import UNREPRESENTABLE
from generator.finding import Finding, Halt, has_errors
from generator.location import Span
from generator.pipeline import rules
from generator.pipeline.inputs import Input
from generator.schema import bare_crd, check_crd, defines_kind, find_crds
from generator.schema.violation import required

_NEEDED = "a metadata.name, a group, names.kind, names.plural and versions with schemas, each of its type"


def import_crds(files: Sequence[Input], folder: Path) -> list[tuple[str, bool]]:
    """Write every CRD of the files below the folder; returns each file with whether it changed.

    Raises Halt with what is wrong when any CRD is one the API server would refuse, and writes nothing then.
    """
    findings: list[Finding] = []
    texts: dict[str, bytes] = {}
    for file in files:
        for document in file.read():
            for crd in find_crds([document.data], whole=False):
                whole = defines_kind(crd)
                violations = list(check_crd(crd)) if whole else [required(("spec",), _NEEDED)]
                found = [violation.finding(document.span(), _name(crd)) for violation in violations]
                findings.extend(found)
                if has_errors(found):
                    continue
                try:
                    names = crd["spec"]["names"]
                    texts[f"{crd['spec']['group']}/{names['plural']}.yaml"] = dump(bare_crd(crd)).encode()
                except Unrepresentable as error:
                    findings.append(Finding(rule=UNREPRESENTABLE, message=str(error), at=document.span()))
    if not texts and not findings:
        findings.append(no_crd(Span(files[0].shown if files else ".")))
    if has_errors(findings):
        raise Halt(findings)
    return [((folder / name).as_posix(), put_file(folder / name, text)) for name, text in sorted(texts.items())]


def no_crd(at: Span) -> Finding:
    """What is said where CRDs were asked for, and files without any were named."""
    hint = "name a file with a CustomResourceDefinition"
    return Finding(rule=rules.NOTHING, message="there is no CRD in what was named", at=at, hint=hint)


def _name(crd: dict[str, object]) -> str:
    metadata = crd.get("metadata")
    return f"CustomResourceDefinition {metadata.get('name') if isinstance(metadata, dict) else ''}".strip()
