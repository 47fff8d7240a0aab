"""Signs that mean something at the start of a value: `@`, `*`, `&`, `|`, `%`."""

from generator.source.mistakes.scanned import Mistake, Scanned, quoted, rest, shown, value_at


def reserved(scan: Scanned) -> Mistake | None:
    """A value that begins with a character that no plain value begins with."""
    if "cannot start any token" not in scan.problem:
        return None
    sign = scan.character()
    value = value_at(scan.lines[scan.mark.line], scan.mark.column)
    if not sign or not sign.isprintable():
        return None
    end = scan.mark.column + len(value)
    hint = f"put it in quotes: {quoted(value)}"
    name = "a backtick" if sign == "`" else f"`{sign}`"
    return Mistake(f"a value cannot begin with {name}", hint, scan.mark.line, scan.mark.column, end)


def alias(scan: Scanned) -> Mistake | None:
    """A value that begins with `*` or `&` and was not meant as an alias or an anchor."""
    for kind, sign in (("alias", "*"), ("anchor", "&")):
        if f"while scanning an {kind}" in scan.context and scan.started is not None:
            value = value_at(scan.lines[scan.started.line], scan.started.column)
            message = f"`{sign}` at the start of a value begins an {kind}, and `{shown(value)}` is not a name for one"
            end = scan.started.column + len(value)
            return Mistake(message, f"put it in quotes: {quoted(value)}", scan.started.line, scan.started.column, end)
    if "undefined alias" in scan.problem:
        text = rest(scan.lines[scan.mark.line], scan.mark.column)
        name = text.split()[0].rstrip(",]}") if text else "*"
        message = f"the alias `{shown(name)}` has no anchor `&{shown(name[1:])}` before it"
        hint = f'write the value out, or put it in quotes: "{shown(name)}"'
        return Mistake(message, hint, scan.mark.line, scan.mark.column, scan.mark.column + len(name))
    return None


def text_header(scan: Scanned) -> Mistake | None:
    """Text on the line of `|` or `>`, which begin a block of text on the next line."""
    if "while scanning a block scalar" not in scan.context or scan.started is None:
        return None
    if "comment or line break" not in scan.problem and "indentation indicator" not in scan.problem:
        return None
    line, column = scan.started.line, scan.started.column
    value = rest(scan.lines[line], column)
    message = f"`{value[:1]}` begins a block of text on the next line, and `{shown(value[1:].strip())}` follows it"
    hint = f"write the text on the next line, indented, or put the value in quotes: {quoted(value)}"
    return Mistake(message, hint, line, column, column + len(value))


def document_start(scan: Scanned) -> Mistake | None:
    """Text after the end of a document (`...`) that does not begin another."""
    if "<document start>" not in scan.problem:
        return None
    line = scan.mark.line
    text = scan.lines[line]
    if text.startswith("..."):
        return Mistake("text after `...`, which ends a document", "remove it", line, scan.mark.column, len(text))
    before = next((above for _, above in scan.structures(line - 1)), "")
    if not before.startswith("..."):
        return None
    return Mistake(
        "a document after `...` begins without `---`", "write `---` on the line before it", line, 0, len(text)
    )


def directive(scan: Scanned) -> Mistake | None:
    """A line that begins with `%`, which only the directives `%YAML` and `%TAG` do."""
    if "directive" not in scan.context or scan.started is None:
        return None
    value = rest(scan.lines[scan.started.line], 0)
    message = f"`{shown(value)}` begins with `%`, as the directives %YAML and %TAG do"
    return Mistake(message, "put the text in quotes, or remove the line", scan.started.line, 0, len(value))
