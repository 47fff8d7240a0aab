"""What the server says of a policy's expression, in a finding's words: without its source, and with a way out."""

import re

from generator.finding import did_you_mean
from generator.nearest import nearest

_ISSUE = re.compile(r"ERROR: <input>:-?\d+:\d+: (.*)")
_COMPILED = re.compile(r"(?s)Invalid value: .*?: compilation failed: (?=ERROR: <input>)")
_UNDECLARED = re.compile(r"undeclared reference to '([^']+)'")
_OPEN = {"(": ")", "[": "]", "{": "}"}
_STRING = re.compile(
    r"""[rRbB]{0,2}('''.*?'''|\"\"\".*?\"\"\"|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")|//[^\n]*""", re.DOTALL
)
ROOTS = ("object", "oldObject", "request", "params", "namespaceObject", "authorizer", "variables")
"""The variables of an admission policy (k8s.io/apiserver, pkg/admission/plugin/cel/compile.go)."""


def in_words(field: str, detail: str) -> str:
    """A refusal in one line: of an expression that does not compile its complaints, which have their place already."""
    found = _COMPILED.match(detail)
    if not found:
        return f"{field}: {detail}".replace("\n", " ")
    issues = [match[1].strip() for line in detail[found.end() :].splitlines() if (match := _ISSUE.match(line))]
    return f"{field} does not compile: {'; '.join(dict.fromkeys(issues))}"


def way_out(detail: str, expression: object) -> str:
    """A hint for an expression that does not compile; nothing where only the complaint itself helps."""
    undeclared = _UNDECLARED.search(detail)
    if undeclared and nearest(undeclared[1], ROOTS):
        return did_you_mean(undeclared[1], ROOTS)
    if "Syntax error" in detail and isinstance(expression, str):
        return _brackets(expression)
    return ""


def _brackets(expression: str) -> str:
    """Which bracket is not closed, or closes nothing."""
    waiting: list[str] = []
    for character in _STRING.sub('""', expression):
        if character in _OPEN:
            waiting.append(character)
        elif character in _OPEN.values():
            if not waiting or _OPEN[waiting[-1]] != character:
                return f"remove the `{character}` that closes nothing, or open it before"
            waiting.pop()
    return f"close the `{waiting[-1]}` with `{_OPEN[waiting[-1]]}`" if waiting else ""
