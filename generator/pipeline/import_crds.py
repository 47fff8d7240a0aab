"""Keep CRDs of a cluster or a release in schemas/, small enough to commit."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from generator.bounds import Unit, running
from generator.emit import NewFile, Unrepresentable, current, dump, put_files, rules
from generator.emit.files import is_safe
from generator.emit.ownership import SHARED_RECORD, digest, recorded_in
from generator.finding import Finding, Halt, Rule, Severity, has_errors
from generator.location import Span
from generator.pipeline import rules as own_rules
from generator.pipeline.inputs import Input
from generator.pipeline.recording import plain_record_of
from generator.schema import bare_crd, check_crd, defines_kind, find_crds
from generator.schema.violation import required
from generator.source import Dialect, parts, read_documents

_SHOWN = 10
_NEEDED = "a metadata.name, a group, names.kind, names.plural and versions with schemas, each of its type"


@dataclass(frozen=True, slots=True)
class Imported:
    """The files that CRDs were written to, each with whether it changed, and findings about those replaced."""

    files: Sequence[tuple[str, bool]]
    findings: Sequence[Finding]


def import_crds(
    files: Sequence[Input],
    folder: Path,
    stop: Callable[[Sequence[Finding]], bool] = has_errors,
    *,
    remove_unknown: bool = False,
) -> Imported:
    """Write every CRD of the files below the folder, all or none.

    A record in the folder says which files qatgen wrote. Raises Halt, with nothing written, when a CRD is one the API
    server would refuse, or a file is in the way that qatgen did not write; nothing is written either where `stop`
    says so of the hand edits that would be replaced.
    """
    texts = _texts(files)
    record = folder / SHARED_RECORD
    _check_folders(folder, texts)
    standing = {name: current(folder / name) for name in texts}
    before = current(record)
    known = dict(recorded_in(before or b""))
    told = list(_told(folder, texts, standing, known, removed=remove_unknown))
    if before and not known and not remove_unknown:
        hint = "move it elsewhere, or replace it with `--remove-unknown`; nothing was written"
        told.append(_finding(rules.UNKNOWN, f"{record} is not a record of qatgen", record.as_posix(), hint))
    if has_errors(told):
        raise Halt(told)
    if stop(told):
        return Imported((), told)
    digests = {name: _one_of(folder / name, found) for name, found in known.items() if name not in texts}
    digests |= {name: digest(text) for name, text in texts.items()}
    wanted = [NewFile(folder / name, text, standing[name]) for name, text in sorted(texts.items())]
    changed = put_files([*wanted, NewFile(record, plain_record_of(digests), before)])
    return Imported([(file.path.as_posix(), one) for file, one in zip(wanted, changed, strict=False)], told)


def _one_of(file: Path, digests: frozenset[str]) -> str:
    """The digest of a file that two branches recorded differently: that of its content, where it is one of them."""
    if len(digests) == 1:
        return min(digests)
    try:
        own = digest(current(file) or b"")
    except Halt:
        own = ""
    return own if own in digests else min(digests)


def _texts(files: Sequence[Input]) -> Mapping[str, bytes]:
    """The CRDs of the files in our form, by file name. Raises Halt."""
    findings: list[Finding] = []
    texts: dict[str, bytes] = {}
    for file in files:
        for document in (item for whole in file.read() for item in parts(whole)):
            for crd in find_crds([document.data], whole=False):
                whole = defines_kind(crd)
                with running(Unit(_name(crd), document.span())):
                    violations = list(check_crd(crd)) if whole else [required(("spec",), _NEEDED)]
                found = [violation.finding(document.span(), _name(crd)) for violation in violations]
                findings.extend(found)
                if has_errors(found):
                    continue
                try:
                    names = crd["spec"]["names"]
                    name = f"{crd['spec']['group']}/{names['plural']}.yaml"
                    if not is_safe(name):
                        message = f"{name!r} is not a name that a file can have on every system"
                        raise Halt([_finding(rules.UNSAFE_NAME, message, document.span().file, "rename the kind")])
                    texts[name] = dump(bare_crd(crd)).encode()
                except Unrepresentable as error:
                    findings.append(Finding(rule=rules.UNREPRESENTABLE, message=str(error), at=document.span()))
    if not texts and not findings:
        findings.append(no_crd(Span(files[0].shown if files else ".")))
    if has_errors(findings):
        raise Halt(findings)
    return texts


def _check_folders(folder: Path, names: Mapping[str, bytes]) -> None:
    """Raises Halt where a link, or a file, is in the place of schemas/ or of a folder in it."""
    for place in (folder, *sorted({(folder / name).parent for name in names})):
        shown = place.as_posix()
        if place.is_symlink():
            message = f"{shown} is a symbolic link, which is not followed"
            raise Halt([_finding(rules.SYMLINK, message, shown, "put a folder in its place")])
        if place.exists() and not place.is_dir():
            raise Halt([_finding(rules.NOT_A_FOLDER, f"{shown} is not a folder", shown, "move it away")])


def _told(
    folder: Path,
    texts: Mapping[str, bytes],
    standing: Mapping[str, bytes | None],
    known: Mapping[str, frozenset[str]],
    *,
    removed: bool,
) -> Iterator[Finding]:
    """Files in the way: an edited one of ours is a warning, one that is not ours an error."""
    differ = [name for name, text in sorted(texts.items()) if standing[name] not in (None, b"", text)]
    edited, foreign = [], []
    for name in differ:
        raw = standing[name] or b""
        if name in known:
            alike = {digest(raw), digest(raw.replace(b"\r\n", b"\n"))}
            edited += [name] if not alike & known[name] else []
        elif not _is_canonical(raw):
            foreign.append(name)
    for position, name in enumerate(foreign[:_SHOWN]):
        shown = (folder / name).as_posix()
        more = _more(position, foreign)
        message = f"{shown} is not a file that qatgen wrote"
        if removed:
            finding = _finding(rules.UNKNOWN, f"{message}; it is replaced{more}", shown, "")
            yield Finding(rule=finding.rule, message=finding.message, at=finding.at, severity=Severity.INFO)
        else:
            hint = "move it elsewhere, or replace it with `--remove-unknown`; nothing was written"
            yield _finding(rules.UNKNOWN, message + more, shown, hint)
    for position, name in enumerate(edited[:_SHOWN]):
        shown = (folder / name).as_posix()
        message = f"{shown} was changed by hand; the import overwrites it{_more(position, edited)}"
        yield _finding(rules.EDITED, message, shown, "`git diff` has the edit while it is not committed")


def _more(position: int, names: Sequence[str]) -> str:
    last = position == _SHOWN - 1 and len(names) > _SHOWN
    return f" (and {len(names) - _SHOWN:,} more files)" if last else ""


def _is_canonical(raw: bytes) -> bool:
    """Whether a file holds one CRD byte for byte as we write it: a release without records may have written it."""
    try:
        [document] = read_documents(raw, "", Dialect.KUBERNETES)
        [crd] = find_crds([document.data])
        return not list(check_crd(crd)) and dump(bare_crd(crd)).encode() == raw
    except (Halt, ValueError, Unrepresentable):
        return False


def _finding(rule: Rule, message: str, shown: str, hint: str) -> Finding:
    return Finding(rule=rule, message=message, at=Span(shown), hint=hint)


def no_crd(at: Span) -> Finding:
    """What is said where CRDs were asked for, and files without any were named."""
    hint = "name a file with a CustomResourceDefinition"
    return Finding(rule=own_rules.NOTHING, message="there is no CRD in what was named", at=at, hint=hint)


def _name(crd: dict[str, object]) -> str:
    metadata = crd.get("metadata")
    return f"CustomResourceDefinition {metadata.get('name') if isinstance(metadata, dict) else ''}".strip()
