"""Turn what went wrong in a render into findings at a line of a template."""

import re
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from jinja2.environment import Template
from jinja2.exceptions import SecurityError, TemplateNotFound, TemplateSyntaxError, UndefinedError

from generator.finding import Finding, Note, Rule, did_you_mean
from generator.location import Span
from generator.render import rules
from generator.render.folders import ReservedCharacterError
from generator.render.limits import LimitReached
from generator.render.marks import NotTextError
from generator.render.sandbox import MissingError

_PLAIN: tuple[tuple[type[BaseException], Rule, str], ...] = (
    (LimitReached, rules.TEMPLATE_LIMIT, "make the loop or the text smaller"),
    (RecursionError, rules.TEMPLATE_LIMIT, "end the recursion of the macro or include"),
    (MemoryError, rules.TEMPLATE_LIMIT, "make the loop or the text smaller"),
    (SecurityError, rules.TEMPLATE_UNSAFE, "use the keys of the data and the filters that are there"),
    (NotTextError, rules.VALUE_NOT_TEXT, "print the value alone, or turn it into text with `string` or `tojson`"),
    (UndefinedError, rules.NAME_UNDEFINED, ""),
)


def line_of(trace: TracebackType | None) -> Span | None:
    """The template line that ran last, from the innermost frame that is a template's."""
    found = None
    while trace is not None:
        template = trace.tb_frame.f_globals.get("__jinja_template__")
        if isinstance(template, Template):
            found = template_line(template, trace.tb_lineno)
        trace = trace.tb_next
    return found


def template_line(template: Template, code_line: int | None) -> Span:
    """The line of a template that a line of its code was made from; a signal can strike between lines."""
    if code_line is None:
        return Span(template.filename or "")
    return Span(template.filename or "", template.get_corresponding_lineno(code_line), 1)


def explain(error: BaseException, shown: str, context: Mapping[str, Any], subject: str, at: Span | None) -> Finding:
    """The finding for an exception raised while a template was loaded or ran."""
    place = line_of(error.__traceback__) or Span(shown)
    rule, hint = rules.TEMPLATE_FAILED, ""
    message = _sentence(str(error) or type(error).__name__)
    if isinstance(error, TemplateSyntaxError):
        rule = rules.CHARACTER_RESERVED if isinstance(error, ReservedCharacterError) else rules.TEMPLATE_SYNTAX
        place = Span(error.filename or error.name or shown, error.lineno, 1)
        message = _sentence(error.message or "")
        hint = _syntax_hint(message) if rule is rules.TEMPLATE_SYNTAX else hint
    elif isinstance(error, TemplateNotFound):
        rule, message = rules.TEMPLATE_MISSING, _sentence(error.message or "")
    elif isinstance(error, MissingError):
        rule, hint = rules.NAME_UNDEFINED, error.hint(context)
    elif isinstance(error, SyntaxError):  # what the template compiled to, which Python will not take
        rule, message, hint = rules.TEMPLATE_SYNTAX, f"too deeply nested ({_sentence(error.msg)})", "use macros"
    elif isinstance(error, RecursionError):
        rule, message, hint = rules.TEMPLATE_LIMIT, "macros, includes or expressions nest too deeply", _PLAIN[1][2]
    else:
        for kind, its_rule, its_hint in _PLAIN:
            if isinstance(error, kind):
                rule, hint = its_rule, its_hint
                break
    return Finding(rule=rule, message=message, at=place, hint=hint, subject=subject, notes=rendered_for(subject, at))


_UNKNOWN_TAG = re.compile(r"encountered unknown tag '([^']*)'", re.IGNORECASE)
_CLOSED = ("block", "call", "filter", "for", "if", "macro", "raw", "set", "with")
_TAGS = (*_CLOSED, *(f"end{tag}" for tag in _CLOSED), "elif", "else", "extends", "from", "import", "include")
_INNERMOST = re.compile(r"The innermost block that needs to be closed is '(\w+)'")
_NO_TEST_OR_FILTER = re.compile(r"no (filter|test) named '([^']*)'", re.IGNORECASE)


def _syntax_hint(message: str) -> str:
    """How to write what the parser of templates did not understand (jinja2/lexer.py and parser.py have its words)."""
    unknown = _UNKNOWN_TAG.search(message)
    if unknown:
        return did_you_mean(unknown[1], _TAGS) or "write one of the tags of Jinja, such as `if`, `for` or `set`"
    if _NO_TEST_OR_FILTER.search(message):
        return "docs/templates.md lists the filters and tests there are"
    if innermost := _INNERMOST.search(message):
        return f"close the innermost `{{% {innermost[1]} %}}` with `{{% end{innermost[1]} %}}`"
    if "end of" in message or "missing end" in message:
        return "close each expression with `}}`, each comment with `#}`, and each `{% if %}` with `{% endif %}`"
    return "close each expression with `}}` and each tag with `%}`, and pair brackets and quotes inside"


def rendered_for(subject: str, at: Span | None) -> tuple[Note, ...]:
    """The note that names the item of the spec a template was rendered for."""
    return () if at is None else (Note(f"rendering {subject}" if subject else "rendered for this", at),)


def _sentence(message: str) -> str:
    message = message.strip().removesuffix(".")
    return message[:1].lower() + message[1:] if message[1:2].islower() else message
