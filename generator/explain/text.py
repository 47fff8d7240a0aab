"""Pages as Markdown: the same text on a terminal and in docs/."""

import re
from collections.abc import Iterator

from generator.explain.fields import Field, all_fields
from generator.explain.pages import Example, Page, load_pages
from generator.explain.rules import all_rules
from generator.finding import Rule
from generator.pipeline.policies import PolicyFile, pack_page
from generator.report import RulePage
from generator.spec.example import example_spec

_HEAD = """\
# Rules

Every finding carries the code of its rule. `qatgen explain CODE` prints the same text.

Examples are laid over this spec: text that begins with `spec:` as an overlay's `spec.yaml`, text that begins deeper
after its end, and files under their names beside it.

```yaml
{example}```
"""
_SPEC_HEAD = """\
# The spec, field by field

`qatgen explain FIELD` prints the same text, `qatgen schema` the JSON Schema it is taken from.
"""


def page_of(code: str, level: str = "#") -> str:
    """The page of a rule, or the README of a policy of the pack."""
    page = load_pages().get(code)
    if page is not None:
        return rule_text(all_rules()[code], page, level)
    text = pack_page(code)
    return re.sub(r"^#", level, text, flags=re.MULTILINE) if level != "#" else text


def report_page(code: str) -> RulePage | None:
    """What the page of a rule says, for reports; None for a rule of a project's own policies."""
    rule = all_rules().get(code)
    if rule is None:
        return None
    page = load_pages().get(code)
    if page is None:
        markdown = pack_page(code)
        return RulePage(_section(markdown, "Why"), _plain(markdown), markdown)
    markdown = rule_text(rule, page)
    return RulePage(page.why, _plain(markdown), markdown)


def _section(markdown: str, title: str) -> str:
    """The first paragraph below a heading, on one line."""
    text = markdown.partition(f"## {title}\n")[2].strip()
    return " ".join(text.partition("\n\n")[0].split())


def _plain(markdown: str) -> str:
    """A page without what makes it Markdown: headings, bold text and fences."""
    return re.sub(r"^#+ |\*\*|^```\w*\n", "", markdown, flags=re.MULTILINE)


def rule_text(rule: Rule, page: Page, level: str = "#") -> str:
    """A rule's page."""
    parts = [
        f"{level} {rule.code} {rule.name}",
        f"{rule.summary} ({rule.severity.value})",
        f"**Why.** {page.why}",
        f"**The way out.** {page.fix}",
    ]
    if page.situation:
        parts.append(f"**When.** {page.situation}")
    if page.rejected is not None and page.accepted is not None:
        parts += [f"Refused:\n\n{_fenced(page.rejected)}", f"Accepted:\n\n{_fenced(page.accepted)}"]
    return "\n\n".join(parts) + "\n"


def policy_text(policy: PolicyFile) -> str:
    """The page of a policy of one's own: what its annotations say, and where it stands."""
    rule = policy.rule
    parts = [f"# {rule.code} {rule.name}", f"{rule.summary} ({rule.severity.value})".strip()]
    parts += [f"**The way out.** {policy.hint[:1].upper()}{policy.hint[1:]}."] if policy.hint else []
    parts.append(f"Stands in `{policy.policy.file}`.")
    return "\n\n".join(parts) + "\n"


def field_text(field: Field, level: str = "#") -> str:
    """A field's page."""
    facts = [f"*{field.type}*" + (", required" if field.required else "")]
    facts += list(field.allowed)
    if field.default:
        facts.append(f"default `{field.default}`")
    parts = [f"{level} {field.path}", field.meaning, ", ".join(facts)]
    if field.examples:
        parts.append("Example: " + ", ".join(f"`{example}`" for example in field.examples))
    if field.below:
        rows = "\n".join(f"- `{one.path}`: {one.meaning}" for one in field.below)
        parts.append(f"Fields:\n\n{rows}")
    return "\n\n".join(part for part in parts if part) + "\n"


def rules_document() -> str:
    """Every rule's page: docs/rules.md."""
    texts = [page_of(code, "##") for code in all_rules()]
    return "\n".join([_HEAD.format(example=example_spec()), *texts])


def spec_document() -> str:
    """Every field of the spec and of a team's file: docs/spec.md."""
    return "\n".join([_SPEC_HEAD, *_spec_texts()])


def _spec_texts() -> Iterator[str]:
    for kind, title in (("platform", "QATPlatform"), ("virtualMachines", "QATVirtualMachines")):
        yield f"## {title}\n"
        yield from (field_text(field, "###") for field in all_fields(kind))


def _fenced(example: Example) -> str:
    return "```yaml\n" + (example.shown() or "# the example as it is\n") + "```"
