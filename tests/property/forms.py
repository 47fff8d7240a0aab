"""Put every wrong form into every field of what people hand in: no input may end in exit code 3.

`python -m tests.property.forms [--full] [--only PART]` prints `N passed, M failed`. Without `--full` a share of the cases is drawn, always
the same ones. The parts: spec, fields (each field of the spec's language), overlay, manifests, build, migrate,
preview, diff, schemas, index, bytes (mutations of the text itself) and yaml (texts that unfold, nest or never end).
"""

import argparse
import contextlib
import copy
import io
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from generator.cli.exits import Exit
from generator.cli.program import run
from generator.spec.schema import spec_schema
from tests.property.forms_data import KUSTOMIZATION, MANIFESTS, SPEC, TEXTS

_RAW = {"@@far@@": "1e99999", "@@digits@@": "1" + "0" * 5000, "@@hex@@": "0x" + "f" * 5000}
_DEEP: Any = 0
for _ in range(60):
    _DEEP = [_DEEP]
_SLOW = 10.0
"""Seconds of processor time that a file may take."""
REMOVED = object()
FORMS: tuple[Any, ...] = (
    *(None, True, 0, -1, "@@far@@", "@@digits@@", "@@hex@@", "x", "", "\u0000", "é" * 300, 1.5, 2**63, [], {}),
    *(
        [None],
        {"a": None},
        [{}],
        [[]],
        {"": ""},
        "1e99999",
        "1e1001",
        "²",
        "{index}",
        "-",
        "/",
        "a/b/c",
        _DEEP,
        REMOVED,
    ),
)
Case = tuple[str, str, Callable[[Path], None], list[str]]
"""A part, a name, what writes the files into a folder, and the command."""
Path_ = tuple[str | int, ...]


def text_of(data: Any) -> str:
    """JSON, which is YAML too, with the numbers that Python would not write."""
    text = json.dumps(data)
    for sign, number in _RAW.items():
        text = text.replace(f'"{sign}"', number)
    return text


def places(data: Any, path: Path_ = ()) -> Iterator[Path_]:
    """The path of every value below."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from places(value, (*path, key))


def replaced(data: Any, path: Path_, form: Any) -> Any:
    """A copy with another value at a path."""
    made = copy.deepcopy(data)
    holder = made
    for part in path[:-1]:
        holder = holder[part]
    if form is REMOVED:
        del holder[path[-1]]
    else:
        holder[path[-1]] = form
    return made


def mutants(data: Any) -> Iterator[tuple[str, Any]]:
    """Every form at every place, with a name for it."""
    for path in places(data):
        for form in FORMS:
            shown = "removed" if form is REMOVED else repr(form)[:30]
            yield f"{'.'.join(map(str, path))}={shown}", replaced(data, path, form)


def _example(schema: Any, depth: int = 0) -> Any:
    """A value that a schema would accept, as near as its examples and types show."""
    if "$ref" in schema:
        schema = spec_schema()["$defs"][schema["$ref"].rpartition("/")[2]]
    for key in ("const", "default"):
        if key in schema:
            return schema[key]
    for key in ("examples", "enum"):
        if schema.get(key):
            return schema[key][0]
    for key in ("anyOf", "oneOf"):
        if schema.get(key):
            return _example(schema[key][0], depth)
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        needed = schema.get("required", ()) if depth else schema.get("properties", {})
        return {key: _example(schema.get("properties", {}).get(key, {}), depth + 1) for key in needed}
    if kind == "array":
        return [_example(schema.get("items", {}), depth + 1)]
    return {"integer": 1, "number": 1, "boolean": True, "null": None}.get(kind, "x")


def fields(schema: Any, data: Any, path: Path_ = ()) -> Iterator[tuple[Path_, Any]]:
    """Every field of the language that a spec lacks, where it would be, with an example of it."""
    if "$ref" in schema:
        schema = spec_schema()["$defs"][schema["$ref"].rpartition("/")[2]]
    if isinstance(data, list):
        for index, item in enumerate(data):
            yield from fields(schema.get("items", {}), item, (*path, index))
    elif isinstance(data, dict):
        for key, below in schema.get("properties", {}).items():
            if key in data:
                yield from fields(below, data[key], (*path, key))
            else:
                yield (*path, key), _example(below)


def _file(name: str, text: str | bytes) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())

    return write


def _both(*writers: Callable[[Path], None]) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        for writer in writers:
            writer(folder)

    return write


def _spec_cases() -> Iterator[Case]:
    for command in (["capacity"], ["render"], ["preview", "gateway-0"]):
        for name, data in mutants(SPEC):
            yield "spec", name, _file("spec.yaml", text_of(data)), command
    for path, value in fields(spec_schema(), SPEC):
        with_it = replaced(SPEC, path, value)
        for where in ((), *places(value)):
            for form in FORMS:
                shown = "removed" if form is REMOVED else repr(form)[:30]
                made = replaced(with_it, (*path, *where), form)
                name = f"{'.'.join(map(str, (*path, *where)))}={shown}"
                for command in (["capacity"], ["render"]):
                    yield "fields", name, _file("spec.yaml", text_of(made)), command
    for name, data in mutants(SPEC):
        over = _both(_file("spec.yaml", text_of(SPEC)), _file("overlays/dev/spec.yaml", text_of(data)))
        yield "overlay", name, over, ["capacity"]


def _file_cases() -> Iterator[Case]:
    spec = _file("spec.yaml", text_of(SPEC))
    for manifest in MANIFESTS:
        for name, data in mutants(manifest):
            one, text = f"{manifest['kind']}: {name}", text_of(data)
            yield "manifests", one, _file("m.yaml", text), ["validate", "m.yaml"]
            yield "migrate", one, _file("m.yaml", text), ["migrate", "-n", "m.yaml"]
            both = _both(_file("a/m.yaml", text), _file("b/m.yaml", text_of(manifest)))
            yield "diff", one, both, ["diff", "a", "b"]
            if str(manifest["kind"]).startswith("VirtualMachine"):
                yield "preview", one, _both(spec, _file("m.yaml", text)), ["preview", "m.yaml"]
            if manifest["kind"] == "CustomResourceDefinition":
                located = _both(_file("s/crd.yaml", text), _file("o.yaml", text_of(MANIFESTS[-1])))
                yield "schemas", one, located, ["validate", "o.yaml", "--schema-location", "s"]
                as_json = _both(_file("s/crd.json", text), _file("o.yaml", text_of(MANIFESTS[-1])))
                yield "schemas", one, as_json, ["validate", "o.yaml", "--schema-location", "s"]
                yield "schemas", one, _file("m.yaml", text), ["schema", "import", "m.yaml"]
                yield "schemas", one, _file("m.yaml", text), ["schema", "extend", "m.yaml"]
    beside = [_file(f"{number}.yaml", text_of(one)) for number, one in enumerate(MANIFESTS[:3])]
    for name, data in mutants(KUSTOMIZATION):
        built = _both(*beside, _file("kustomization.yaml", text_of(data)))
        yield "build", name, built, ["build", "."]
    index = {"templates": [{"template": "x.yaml.j2", "each": "machines", "as": "machine", "into": "argocd"}]}
    for name, data in mutants(index):
        template = _file("templates/x.yaml.j2", text_of(MANIFESTS[0]))
        yield "index", name, _both(spec, template, _file("templates/index.yaml", text_of(data))), ["render"]


def _text_cases() -> Iterator[Case]:
    spec = text_of(SPEC)
    kustomization = _both(_file("0.yaml", text_of(MANIFESTS[0])), _file("kustomization.yaml", text_of(KUSTOMIZATION)))
    readers: tuple[tuple[str, list[str], Callable[[Path], None] | None], ...] = (
        ("spec.yaml", ["capacity"], None),
        ("overlays/dev/spec.yaml", ["capacity"], _file("spec.yaml", spec)),
        ("m.yaml", ["validate", "m.yaml"], None),
        ("m.json", ["validate", "m.json"], None),
        ("m.yaml", ["migrate", "m.yaml"], None),
        ("m.yaml", ["preview", "m.yaml"], _file("spec.yaml", spec)),
        ("kustomization.yaml", ["build", "."], None),
        ("0.yaml", ["build", "."], kustomization),
        ("m.yaml", ["schema", "import", "m.yaml"], None),
        ("s/crd.json", ["validate", "o.yaml", "--schema-location", "s"], _file("o.yaml", text_of(MANIFESTS[-1]))),
        ("s/crd.yaml", ["validate", "o.yaml", "--schema-location", "s"], _file("o.yaml", text_of(MANIFESTS[-1]))),
        ("t/cases.yaml", ["test", "t"], None),
        ("t/kaptest.yaml", ["test", "t"], None),
        ("templates/index.yaml", ["capacity"], _file("spec.yaml", spec)),
    )
    for number, text in enumerate(TEXTS):
        for file, command, beside in readers:
            made = _file(file, text)
            name = f"{file}: text {number}: {text[:40]!r}"
            yield "yaml", name, _both(*((beside, made) if beside else (made,))), command
    drawn = random.Random(14)
    for file, command, beside in readers:
        valid = (
            spec if "spec" in file else text_of(KUSTOMIZATION) if "kust" in file else text_of(MANIFESTS[0])
        ).encode()
        for number in range(60):
            made = _file(file, mutated(valid, drawn))
            yield "bytes", f"{file}: {number}", _both(*((beside, made) if beside else (made,))), command


def mutated(text: bytes, drawn: random.Random) -> bytes:
    """A text with some bytes cut off, turned or put in."""
    made = bytearray(text)
    for _ in range(drawn.randint(1, 4)):
        at = drawn.randrange(len(made) + 1)
        match drawn.randrange(4):
            case 0:
                del made[at:]
            case 1:
                made[at : at + 1] = bytes([drawn.randrange(256)])
            case 2:
                made[at:at] = drawn.choice(
                    (b"\xff", b"\x00", b"&a ", b"*a ", b"<<: ", b"!!int ", b"\r", b"\t", b"[", b"}", b'"', b"? ")
                )
            case _:
                del made[at : at + drawn.randint(1, 20)]
    return bytes(made)


def cases() -> Iterator[Case]:
    """Every case."""
    yield from _spec_cases()
    yield from _file_cases()
    yield from _text_cases()


def outcome(case: Case) -> tuple[int, str]:
    """The exit code of a case, and what it printed."""
    _, _, write, command = case
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            write(Path(folder))
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
                code = run(command)
        finally:
            os.chdir(before)
    out.flush()
    return code, out.buffer.getvalue().decode(errors="replace")


def drawn(wanted: Sequence[Case], most: int) -> list[Case]:
    """Some of the cases, always the same ones."""
    return list(wanted) if len(wanted) <= most else random.Random(14).sample(wanted, most)


def main() -> int:
    """Run the cases that are asked for; the exit code is 1 where one ended in a bug."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--only", default="", metavar="PART")
    parser.add_argument("--most", type=int, default=1000)
    asked = parser.parse_args()
    wanted = [case for case in cases() if asked.only in ("", case[0])]
    failed = passed = 0
    seen: set[str] = set()
    for case in wanted if asked.full else drawn(wanted, asked.most):
        before = time.process_time()
        code, said = outcome(case)
        spent = time.process_time() - before
        if spent > _SLOW:
            code, said = Exit.BUG, f"internal error: took {spent:.1f} s of processor time"
        if code == Exit.BUG:
            failed += 1
            what = next((line for line in said.splitlines() if "internal error" in line), said[-200:])
            if what not in seen or asked.full:
                print(f"FAILED {case[0]}: {case[1]}: {' '.join(case[3])}: {what[:200]}")
            seen.add(what)
        else:
            passed += 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
