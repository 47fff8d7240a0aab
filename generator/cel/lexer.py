"""Cut the text of a CEL expression into tokens."""

import re
from dataclasses import dataclass

from generator.cel.failure import CompileError, Issue

# One alternative per token, the longest first where one begins another; no nested repetition, so time is linear.
_TOKEN = re.compile(
    r"""
    (?P<space>[\t \r\n\f]+|//[^\n]*)
  | (?P<bytes>[bB](?:[rR](?:"{3}.*?"{3}|'{3}.*?'{3}|"[^"\n\r]*"|'[^'\n\r]*')
        |"{3}(?:\\.|[^\\])*?"{3}|'{3}(?:\\.|[^\\])*?'{3}|"(?:\\.|[^\\"\n\r])*"|'(?:\\.|[^\\'\n\r])*'))
  | (?P<string>[rR](?:"{3}.*?"{3}|'{3}.*?'{3}|"[^"\n\r]*"|'[^'\n\r]*')
        |"{3}(?:\\.|[^\\])*?"{3}|'{3}(?:\\.|[^\\])*?'{3}|"(?:\\.|[^\\"\n\r])*"|'(?:\\.|[^\\'\n\r])*')
  | (?P<float>[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|\.[0-9]+(?:[eE][+-]?[0-9]+)?)
  | (?P<uint>0x[0-9a-fA-F]+[uU]|[0-9]+[uU])
  | (?P<int>0x[0-9a-fA-F]+|[0-9]+)
  | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<escaped>`[A-Za-z0-9_.\-/ ]+`)
  | (?P<op>==|!=|<=|>=|&&|\|\||[<>\[\]{}().,\-!?:+*/%])
    """,
    re.VERBOSE | re.DOTALL,
)

_SIMPLE = {
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "\\": "\\",
    "'": "'",
    '"': '"',
    "`": "`",
    "?": "?",
}
_ESCAPE = re.compile(
    r"\\(?:(?P<simple>[abfnrtv\\'\"`?])|[xX](?P<hex>[0-9a-fA-F]{2})|u(?P<u>[0-9a-fA-F]{4})|U(?P<U>[0-9a-fA-F]{8})"
    r"|(?P<oct>[0-3][0-7]{2})|(?P<bad>.|$))",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """One token; `kind` is `name`, `int`, `op`, … and `end` the last."""

    kind: str
    text: str
    at: int


def tokens(source: str) -> list[Token]:
    """All tokens of an expression, ending with one of kind `end`.

    Raises CompileError where no token fits.
    """
    out: list[Token] = []
    position, size = 0, len(source)
    match = _TOKEN.match
    while position < size:
        found = match(source, position)
        if found is None:
            rest = source[position : position + 20]
            raise CompileError(source, [Issue(position, f"Syntax error: token recognition error at: '{rest}'")])
        kind = found.lastgroup or "op"
        if kind != "space":
            out.append(Token(kind, found.group(), position))
        position = found.end()
    out.append(Token("end", "<EOF>", size))
    return out


def unquote(source: str, token: Token) -> str | bytes:
    """The value of a string or bytes token; raises CompileError for an escape CEL does not have."""
    is_bytes = token.kind == "bytes"
    text = token.text[1:] if is_bytes else token.text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    raw = text[0] in "rR"
    if raw:
        text = text[1:]
    width = 3 if text[:3] in ('"""', "'''") and len(text) >= 6 else 1
    body = text[width:-width]
    if raw or "\\" not in body:
        return body.encode() if is_bytes else body
    pieces: list[bytes] = []
    last = 0
    for found in _ESCAPE.finditer(body):
        pieces.append(body[last : found.start()].encode())
        pieces.append(_unescape(source, token, found, is_bytes=is_bytes))
        last = found.end()
    pieces.append(body[last:].encode())
    joined = b"".join(pieces)
    return joined if is_bytes else joined.decode()


def _unescape(source: str, token: Token, found: re.Match[str], *, is_bytes: bool) -> bytes:
    kind = found.lastgroup
    text = found.group(kind) if kind else ""
    if kind == "simple":
        return _SIMPLE[text].encode()
    if kind == "bad" or (is_bytes and kind in ("u", "U")):
        raise CompileError(source, [Issue(token.at, "unable to unescape string")])
    code = int(text, 8 if kind == "oct" else 16)
    if is_bytes:
        return bytes([code])
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise CompileError(source, [Issue(token.at, "invalid unicode code point")])
    return chr(code).encode()
