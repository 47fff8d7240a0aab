"""Render templates to plain data: run one, parse what is around its values once, put the values in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from jinja2.environment import Template
from jinja2.exceptions import TemplateError, TemplateNotFound

from generator.bounds import Overrun, Unit, begin, current, resume, running
from generator.finding import Finding, Halt, Rule, did_you_mean
from generator.location import FieldPath, Span
from generator.render import rules
from generator.render.columns import code_in, name_in, written_in
from generator.render.failure import explain, line_of, rendered_for
from generator.render.fill import Filler, UnfitError, compile_fill, fill_plan
from generator.render.folders import FolderLoader, TemplateFolder
from generator.render.limits import LimitReached, Limits
from generator.render.marks import MARK, describe
from generator.render.place import Place, place_of
from generator.render.references import references
from generator.render.sandbox import MissingError, Sandbox
from generator.render.skeleton import Mapping as MappingPlan
from generator.render.skeleton import parse
from generator.render.trace import UNKNOWN_LINE, Trace, TracingSandbox, traced

_SIMPLE = frozenset({str, int, bool, type(None)})
_LONG = 100_000  # characters of YAML, a second or so to parse
_USES_BEFORE_CODE = 12  # making code costs about what it saves in so many uses
_SKELETON = "<skeleton>"


@dataclass(frozen=True, slots=True)
class _Order:
    """What is being rendered, for findings."""

    name: str
    context: Mapping[str, Any]
    subject: str
    at: Span | None


class Renderer:
    """Renders templates; holds the compiled ones and the skeletons met, so keep one for each process.

    Not for two threads at once. Output depends on the folders and the context alone.
    """

    def __init__(self, folders: Sequence[TemplateFolder], limits: Limits | None = None) -> None:
        self.folders = tuple(folders)
        self.limits = limits or Limits()
        self._loader = FolderLoader(self.folders, self.limits.template_bytes)
        self._sandbox = Sandbox(self._loader, self.limits)
        self._tracing: TracingSandbox | None = None
        self._templates: dict[str, tuple[Template, Unit]] = {}
        self._fillers: dict[str, tuple[Filler, bool]] = {}
        self._references: dict[str, frozenset[str] | None] = {}

    def render(
        self, name: str, context: Mapping[str, Any], *, subject: str = "", at: Span | None = None
    ) -> list[dict[str, Any]]:
        """The documents of a template, in order; empty ones are left out.

        `name` is a path below a template folder; `context` is plain data (mappings, lists, text, numbers,
        booleans, null) and is never changed, though the result may share parts with it; `subject` names what is
        rendered and `at` where the spec asks for it, both for findings. Raises Halt.
        """
        values = self._sandbox.values
        text, before = "", current()
        try:
            text = self._run(self._sandbox, name, context)
            filler, objects = self._fillers.get(text) or self._filler(text)
            if not _SIMPLE.issuperset(map(type, values)):
                self._settle(values)
            documents = filler(values)
        except Overrun:
            raise
        except (Halt, UnfitError) as error:
            raise self._halt(error, _Order(name, context, subject, at), text) from None
        except (Exception, LimitReached) as error:
            if line_of(error.__traceback__) is None and not isinstance(error, _EXPECTED):
                raise  # no template at work: a defect of ours, not of the template
            raise Halt([self._explain(error, _Order(name, context, subject, at))]) from None
        finally:
            values.clear()
            resume(before)
        return documents if objects else self._objects(documents, text, _Order(name, context, subject, at))

    def sources(self) -> tuple[Path, ...]:
        """The template files read so far."""
        return tuple(sorted(self._loader.read.values()))

    def references(self, name: str) -> frozenset[str] | None:
        """A template and all that it includes and imports; None where one of them computes a name."""
        with running(Unit(f"compiling template {name}", Span(self._shown(name)))):
            return references(self._sandbox, name, self._references)

    def place(self, name: str, context: Mapping[str, Any], number: int, path: FieldPath) -> Place | None:
        """The line of a template that wrote the field at `path` of the object that `render` gives as `number`.

        Slow: for the findings of one object. A path that leads nowhere stands for the nearest field above it. None
        where the line cannot be told. Raises Halt, as `render` does.
        """
        objects, before = self.render(name, context), current()
        try:
            text = self._run(self._sandbox, name, context)
            return place_of(text, objects[: number + 1], path, self._trace(_Order(name, context, "", None)))
        except _EXPECTED:  # with every line noted, a template writes more, and may write too much
            return None
        finally:
            resume(before)

    def _run(self, sandbox: Sandbox, name: str, context: Mapping[str, Any]) -> str:
        """The text a template writes. Its unit goes on: what is made of the text belongs to it."""
        sandbox.values.clear()
        sandbox.meter.reset()
        try:
            found = self._templates.get(name) if sandbox is self._sandbox else None
            if found is None:
                found = self._compiled(sandbox, name)
            template, unit = found
            begin(unit)
            text = sandbox.run(template, context)
        finally:
            sandbox.meter.rest()
        if len(text) > self.limits.skeleton:
            raise LimitReached(f"{len(text):,} characters written, {self.limits.skeleton:,} are allowed")
        return text

    def _compiled(self, sandbox: Sandbox, name: str) -> tuple[Template, Unit]:
        """A template with the unit it runs in. Raises Overrun, and whatever the engine does."""
        with running(Unit(f"compiling template {name}", Span(self._shown(name)))):
            template = sandbox.get_template(name)
        found = template, Unit(f"template {name}", Span(self._shown(name)), _line_table(template))
        if sandbox is self._sandbox:
            self._templates[name] = found
        return found

    def _filler(self, text: str) -> tuple[Filler, bool]:
        """How to fill a skeleton that is new: by its plan, and by code once it proves to be met often."""
        meter = self._sandbox.meter
        try:
            if len(text) > _LONG:
                meter.hurry()
            skeleton = parse(text, _SKELETON)
        finally:
            meter.rest()
        objects = all(isinstance(plan, MappingPlan) for plan in skeleton.plans)
        fillers, uses = self._fillers, 0

        def by_plan(values: list[Any]) -> list[Any]:
            nonlocal uses
            uses += 1
            if uses == _USES_BEFORE_CODE:
                fillers[text] = compile_fill(skeleton), objects
            return [fill_plan(plan, values) for plan in skeleton.plans]

        _make_room(fillers, self.limits.skeletons)
        made = fillers[text] = by_plan, objects
        return made

    def _settle(self, values: list[Any]) -> None:
        for number in [n for n, kind in enumerate(map(type, values)) if kind not in _SIMPLE]:
            try:
                values[number] = self._sandbox.bounded.data(values[number])
            except LimitReached as error:
                raise UnfitError(number, rules.TEMPLATE_LIMIT, str(error)) from None
            except (TypeError, TemplateError) as error:
                raise UnfitError(number, rules.VALUE_NOT_DATA, str(error)) from None

    def _shown(self, name: str) -> str:
        return self._loader.shown.get(name, name)

    def _objects(self, documents: list[Any], text: str, order: _Order) -> list[dict[str, Any]]:
        lines = parse(text, _SKELETON).lines
        for document, line in zip(documents, lines, strict=True):
            if document is None or isinstance(document, dict):
                continue
            place = self._trace(order).line(line)
            message = f"a document is {describe(document)}, not a mapping"
            raise Halt([self._finding(rules.DOCUMENT_NOT_OBJECT, message, place, "write an object", order)])
        return [document for document in documents if document is not None]

    def _trace(self, order: _Order) -> Trace:
        if self._tracing is None:
            self._tracing = TracingSandbox(FolderLoader(self.folders, self.limits.template_bytes), self.limits)
        sandbox = self._tracing
        text = self._run(sandbox, order.name, order.context)
        ordinary = self._run(self._sandbox, order.name, order.context)
        return traced(sandbox, text, ordinary)

    def _halt(self, error: Halt | UnfitError, order: _Order, text: str) -> Halt:
        """The findings of what was noticed after the template ran, moved to its lines."""
        shown = self._shown(order.name)
        try:
            trace = self._trace(order)
        except (Exception, LimitReached) as failed:
            if line_of(failed.__traceback__) is None and not isinstance(failed, _EXPECTED):
                raise
            return Halt([self._explain(failed, order)])
        if isinstance(error, Halt):
            moved = ((f, trace.moved(f, shown)) for f in error.findings)
            return Halt(self._skeleton_finding(self._exactly(*both, text), order) for both in moved)
        place = trace.value(error.number)
        place = code_in(place, self._line(place)) if place else None
        return Halt([self._finding(error.rule, error.reason, place, _HINTS[error.rule], order)])

    def _exactly(self, written: Finding, moved: Finding, text: str) -> Finding:
        """A finding that was moved to lines of templates, at the columns it has in the text that they wrote."""
        lines = text.split("\n")

        def exact(at: Span, there: Span) -> Span:
            if not at.line or not 0 < there.line <= len(lines):
                return at
            return written_in(at, self._line(at), lines[there.line - 1], there)

        notes = tuple(
            replace(note, at=exact(note.at, there.at)) for note, there in zip(moved.notes, written.notes, strict=True)
        )
        hint = MARK.sub("{{ … }}", moved.hint)
        return replace(moved, at=exact(moved.at, written.at), notes=notes, hint=hint)

    def _line(self, at: Span) -> str:
        """A line of a template; nothing where it cannot be read again."""
        names = [name for name, shown in self._loader.shown.items() if shown == at.file]
        try:
            lines = self._loader.get_source(self._sandbox, names[0])[0].split("\n") if names else []
        except TemplateError:
            return ""
        return lines[at.line - 1] if 0 < at.line <= len(lines) else ""

    def _explain(self, error: BaseException, order: _Order) -> Finding:
        finding = explain(error, self._shown(order.name), order.context, order.subject, order.at)
        if finding.at.line:
            line = self._line(finding.at)
            name = str(error.name) if isinstance(error, MissingError) else ""
            finding = replace(finding, at=name_in(finding.at, line, name) if name else code_in(finding.at, line))
        if isinstance(error, TemplateNotFound):
            return replace(finding, hint=did_you_mean(str(error.name), self._loader.names()))
        return finding

    def _skeleton_finding(self, finding: Finding, order: _Order) -> Finding:
        notes = (*finding.notes, *rendered_for(order.subject, order.at))
        return replace(finding, rule=rules.SKELETON_BROKEN, subject=order.subject, notes=notes)

    def _finding(self, rule: Rule, message: str, place: Span | None, hint: str, order: _Order) -> Finding:
        return Finding(
            rule=rule,
            message=message,
            at=place or Span(self._shown(order.name)),
            hint=hint if place else f"{hint}; {UNKNOWN_LINE}",
            notes=rendered_for(order.subject, order.at),
            subject=order.subject,
        )


_HINTS = {
    rules.KEY_UNFIT: "print a string that is not a key yet",
    rules.VALUE_NOT_TEXT: "print the value alone and unquoted, or use `string` or `tojson`",
    rules.VALUE_NOT_DATA: "print text, a number, a boolean, null, a list or a mapping",
    rules.TEMPLATE_LIMIT: "print less at once",
}
_EXPECTED = (TemplateError, TemplateNotFound, LimitReached, RecursionError, MemoryError, SyntaxError)


def _line_table(template: Template) -> str:
    """The lines of a template and of the code made from it."""
    return "&".join(f"{line}={code_line}" for line, code_line in template.debug_info)


def _make_room(cache: dict[str, Any], limit: int) -> None:
    """Forget the older half of a full cache."""
    if len(cache) >= limit:
        for key in list(cache)[: limit // 2]:
            del cache[key]
