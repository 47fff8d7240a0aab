"""A kustomization folder on its own: built by us or by kustomize itself, written in our form."""

import json
import shutil
import subprocess
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.bounds.child import as_program
from generator.bundle import KUSTOMIZATION, file_name, kustomization_file
from generator.emit import Form, StagedTree, Unrepresentable, check_output, dump, prepare, scratch
from generator.emit.rules import UNREPRESENTABLE
from generator.files import Door, Kind, RefusedError, door_of, enclosed
from generator.finding import Finding, Halt
from generator.location import Span, format_path
from generator.manifest import identify
from generator.overlay import Settings, build
from generator.overlay import rules as overlay_rules
from generator.overlay.kustomization import find_file, read_kustomization
from generator.overlay.report import loss_findings, patched
from generator.pipeline.confined import copy_files, refuse_outside, texts
from generator.pipeline.record import RECORD
from generator.pipeline.recording import plain_record
from generator.source import Dialect, read_documents
from generator.spec.load import SpecFolder

ENGINES = ("qatgen", "kustomize")


@dataclass(frozen=True, slots=True)
class Kustomized:
    """What a folder gave: objects in their order, findings, and the files it was made of."""

    objects: Sequence[dict[str, Any]]
    findings: Sequence[Finding]
    read: Collection[Path] = ()

    def texts(self) -> list[str]:
        """Every object as text. Raises Halt for a value that has no form in YAML."""
        out = []
        for data in self.objects:
            try:
                out.append(dump(data))
            except Unrepresentable as error:
                message = f"{format_path(error.path)} is {error.reason}"
                subject = str(identify(data))
                at = Span(subject)
                raise Halt([Finding(rule=UNREPRESENTABLE, message=message, at=at, subject=subject)]) from None
        return out

    def text(self) -> str:
        """All objects in one text. Raises Halt."""
        return "---\n".join(self.texts())


def build_folder(folder: Path, shown: str, settings: Settings, door: Door | None = None) -> Kustomized:
    """Build a folder's kustomization; `door` is the way to everything it names. Raises Halt."""
    if settings.engine == "kustomize":
        way = door or door_of(folder)
        refuse_outside(folder, shown, way, anywhere=settings.anywhere)
        more = ("--load-restrictor", "LoadRestrictionsNone") if settings.anywhere else ()
        made = by_kustomize(folder, shown, more)
        return Kustomized(made, (), frozenset(_named(folder, shown, way, set())))
    state = build(folder, shown, settings, door)
    lost = loss_findings(patched(state.objects), state.settings.shapes)
    findings = [*state.findings, *lost]
    return Kustomized([resource.body for resource in state.objects], findings, frozenset(state.read))


def _named(folder: Path, shown: str, door: Door, seen: set[Path]) -> Iterator[Path]:
    """The files that a kustomization, or one of those that it names, names anywhere: only the program knows more."""
    try:
        own = find_file(folder, shown, door)
        data = read_kustomization(own, shown, door, lenient=True).data
    except Halt:
        return
    yield own
    seen.add(door.real(folder))
    for text in texts(data):
        path = folder / text.rpartition("=")[2]
        try:
            kind = door.kind(path)
        except RefusedError:
            continue
        if kind is Kind.FOLDER and door.real(path) not in seen:
            yield from _named(path, shown, door, seen)
        elif kind is Kind.FILE:
            yield path


def laid_by_kustomize(
    base: Sequence[Mapping[str, Any]], folder: SpecFolder, name: str, shown: str
) -> list[dict[str, Any]]:
    """Objects with `overlays/<name>` laid over them by kustomize itself, in a copy of the overlays.

    The copy holds no links, and the kustomizations in it name nothing outside of it. Raises Halt.
    """
    with scratch() as made:
        top = enclosed(made).root
        copy_files(folder, folder.root / "overlays", top / "overlays")
        refuse_outside(top / "overlays" / name, shown, enclosed(top))
        (top / "base").mkdir()
        (top / "base" / "all.yaml").write_text("---\n".join(map(dump, base)), encoding="utf-8")
        (top / "base" / KUSTOMIZATION).write_text("resources: [all.yaml]\n", encoding="utf-8")
        own = find_file(top / "overlays" / name, shown, enclosed(top))
        data = read_kustomization(own, f"{shown}/{own.name}", enclosed(top), lenient=True)
        if data.component:
            over = {"resources": ["base"], "components": [f"overlays/{name}"]}
            (top / KUSTOMIZATION).write_text(json.dumps(over), encoding="utf-8")
            return by_kustomize(top, shown)
        over = {**data.data, "resources": ["../../base", *data.get("resources")]}
        own.write_text(json.dumps(over), encoding="utf-8")
        return by_kustomize(own.parent, shown)


def by_kustomize(folder: Path, shown: str, more: Sequence[str] = ()) -> list[dict[str, Any]]:
    """What `kustomize build` or `kubectl kustomize` makes of a folder. Raises Halt."""
    commands = (["kustomize", "build"], ["kubectl", "kustomize"])
    command = next((one for one in commands if shutil.which(one[0])), None)
    if command is None:
        message = "neither kustomize nor kubectl is on PATH"
        hint = "install one of them, or build without --engine kustomize"
        raise Halt([Finding(rule=overlay_rules.UNSUPPORTED, message=message, at=Span(shown), hint=hint)])
    done = subprocess.run(  # noqa: S603 - asked for by name
        [*command, *more, str(folder)],
        capture_output=True,
        check=False,
        preexec_fn=as_program,
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        message = f"{' '.join(command)}: {said[-1] if said else f'exit code {done.returncode}'}"
        raise Halt(
            [Finding(rule=overlay_rules.RESOURCE, message=message, at=Span(shown), hint="correct what it reports")]
        )
    documents = read_documents(done.stdout, f"{shown} ({command[0]})", Dialect.KUBERNETES)
    return [document.data for document in documents if isinstance(document.data, dict)]


def write_folder(
    made: Kustomized,
    folder: Path,
    source: Path,
    *,
    stop: Callable[[Sequence[Finding]], bool],
    remove_unknown: bool = False,
) -> tuple[bool | None, Sequence[Finding]]:
    """One file an object, put in place at once; whether anything changed, and findings about the folder.

    `source` is the folder that was built. None for changed where `stop` says of the findings that nothing is to be
    written. Raises Halt for a folder that holds what qatgen did not make, or that files of the build lie in.
    """
    check_output(folder, made.read, source)
    with StagedTree(folder, Form(derived=kustomization_file)) as tree:
        files = {}
        for data, text in zip(made.objects, made.texts(), strict=True):
            name = file_name(identify(data))
            tree.write(name, text.encode())
            files[name] = text.encode()
        names = [file_name(identify(data)) for data in made.objects]
        tree.write(KUSTOMIZATION, kustomization_file(names)[KUSTOMIZATION])
        if files:
            tree.write(RECORD, plain_record(files))
        prepared = prepare([tree], remove_unknown=remove_unknown)
        if stop(prepared.findings):
            return None, prepared.findings
        [change] = prepared.put()
    return change.changed, prepared.findings
