"""Run yamllint over a text with the configuration that ships with us."""

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from yamllint import linter
from yamllint.config import YamlLintConfig

from generator.finding import Finding, Rule, Severity
from generator.location import Span

STYLE = Rule("YML001", "yaml-style", "YAML is written as the shipped yamllint configuration asks.", Severity.WARNING)
RULES = (STYLE,)


_JSON = re.compile(r'\s*(?:\[\s*)*\{\s*"')
"""How JSON begins: with a key in quotes, in brackets."""

_MOST = 1024 * 1024
"""Characters of a text that is linted: yamllint is slow, 1 MiB takes it seconds."""


@cache
def _configuration() -> YamlLintConfig:
    return YamlLintConfig((files("generator") / "lint" / "yamllint.yaml").read_text(encoding="utf-8"))


def lint_text(text: str, shown: str) -> Iterator[Finding]:
    """What yamllint says of a text, as warnings; JSON has no style, and what is not YAML is reported by its reader.

    yamllint's own comments work in it: `# yamllint disable-line rule:truthy`.
    """
    if shown.endswith(".json") or _JSON.match(text):
        return
    if len(text) > _MOST:
        message = f"style is not checked: the text has {len(text):,} characters, the limit is {_MOST:,}"
        hint = "split the file, or leave it as it is: everything else is checked"
        yield Finding(rule=STYLE, message=message, at=Span(shown), hint=hint, severity=Severity.INFO)
        return
    for problem in linter.run(text, _configuration()):
        if problem.rule is not None:  # none is a syntax error
            message = f"{problem.desc} ({problem.rule})"
            at = Span(shown, problem.line, problem.column)
            hint = f"correct it, or write `# yamllint disable-line rule:{problem.rule}` above it"
            yield Finding(rule=STYLE, message=message, at=at, hint=hint)
