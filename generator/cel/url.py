"""URLs of CEL, taken apart as Go's net/url does."""

import re
from dataclasses import dataclass
from typing import Any

from generator.cel.failure import EvalError
from generator.cel.text import go_quote
from generator.cel.values import Opaque

_SCHEME = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):")
_HOST_BAD = re.compile(r"[^A-Za-z0-9_.~$&'()*+,;=:\[\]<>\"!%-]")
_PATH_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~$&+,/:;=@")
_VALID_ENCODED = frozenset("!$&'()*+,;=:@[]" + "-_.~/" + "%")


@dataclass(frozen=True, slots=True)
class Url(Opaque):
    """The parts of a URL; `path` is unescaped, `raw_path` as written."""

    scheme: str
    host: str
    path: bytes
    raw_path: str
    query: str
    text: str

    @property
    def type_name(self) -> str:
        """`kubernetes.URL`."""
        return "kubernetes.URL"


def _fault(text: str, message: str) -> EvalError:
    return EvalError(f"parse {go_quote(text)}: {message}")


def _unescape(text: str, whole: str) -> bytes:
    out = bytearray()
    position = 0
    for found in re.finditer("%", text):
        if found.start() < position:
            continue
        out += text[position : found.start()].encode()
        digits = text[found.start() + 1 : found.start() + 3]
        if not re.fullmatch("[0-9A-Fa-f]{2}", digits):
            raise _fault(whole, f"invalid URL escape {go_quote(text[found.start() : found.start() + 3])}")
        out.append(int(digits, 16))
        position = found.start() + 3
    out += text[position:].encode()
    return bytes(out)


def parse_request_uri(text: str) -> Url:
    """An absolute URL or an absolute path; raises EvalError with Go's text."""
    if any(ord(c) < 0x20 or ord(c) == 0x7F for c in text):
        raise _fault(text, "net/url: invalid control character in URL")
    if not text:
        raise _fault(text, "empty url")
    if text == "*":
        return Url("", "", b"*", "*", "", text)
    scheme, rest = "", text
    if text.startswith(":"):
        raise _fault(text, "missing protocol scheme")
    found = _SCHEME.match(text)
    if found:
        scheme, rest = found["scheme"].lower(), text[found.end() :]
    rest, _, query = rest.partition("?")
    if not rest.startswith("/"):
        if scheme:
            return Url(scheme, "", b"", "", query, text)
        raise _fault(text, "invalid URI for request")
    host = ""
    if scheme and rest.startswith("//"):
        authority, slash, path = rest[2:].partition("/")
        rest = slash + path
        host = _host(authority, text)
    return Url(scheme, host, _unescape(rest, text), rest, query, text)


def _host(authority: str, whole: str) -> str:
    userinfo, at, host = authority.rpartition("@")
    if at and not re.fullmatch(r"[A-Za-z0-9\-._:~!$&'()*+,;=%@]*", userinfo):
        raise _fault(whole, "net/url: invalid userinfo")
    if at:
        _unescape(userinfo, whole)
    if host.startswith("["):
        end = host.rfind("]")
        if end < 0:
            raise _fault(whole, "missing ']' in host")
        port = host[end + 1 :]
    else:
        port = host[host.rfind(":") :] if ":" in host else ""
    if port and not re.fullmatch(r":[0-9]*", port):
        raise _fault(whole, f"invalid port {go_quote(port)} after host")
    bad = _HOST_BAD.search(host)
    if bad and ord(bad.group()) < 0x80:
        raise _fault(whole, f"invalid character {go_quote(bad.group())} in host name")
    for escape in re.finditer(r"%(?P<digits>.{0,2})", host):
        digits = escape["digits"]
        zone = host.startswith("[") and digits == "25"
        if not re.fullmatch("[0-9A-Fa-f]{2}", digits) or (int(digits, 16) < 0x80 and not zone):
            raise _fault(whole, f"invalid URL escape {go_quote(escape.group())}")
    return _unescape(host, whole).decode(errors="replace")


def _hostname(url: Url) -> str:
    host = url.host
    if host.startswith("["):
        return host[1 : host.find("]")]
    head, colon, _ = host.rpartition(":")
    return head if colon else host


def _port(url: Url) -> str:
    tail = url.host[url.host.rfind("]") + 1 :] if url.host.startswith("[") else url.host
    _, colon, port = tail.rpartition(":")
    return port if colon else ""


def _escaped_path(url: Url) -> str:
    raw = url.raw_path
    if all((c.isascii() and c.isalnum()) or c in _VALID_ENCODED for c in raw):
        return raw
    if url.path == b"*":
        return "*"
    return "".join(chr(b) if b in _PATH_SAFE else f"%{b:02X}" for b in url.path)


def _query(url: Url) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    for part in url.query.split("#", 1)[0].split("&") if url.query else []:
        if not part or ";" in part:
            continue
        key, _, value = part.partition("=")
        try:
            name = _unescape(key.replace("+", " "), "").decode(errors="replace")
            shown = _unescape(value.replace("+", " "), "").decode(errors="replace")
        except EvalError:
            continue
        out.setdefault(name, []).append(shown)
    return out


def _to_url(text: str) -> Url:
    try:
        parse_request_uri(text)
        bare, mark, fragment = text.partition("#")
        if mark:
            _unescape(fragment, text)
        found = parse_request_uri(bare)
    except EvalError as error:
        raise EvalError(f"URL parse error during conversion from string: {error.message}") from None
    if not found.scheme and text.startswith("//"):
        authority, slash, path = found.raw_path[2:].partition("/")
        if not found.raw_path.startswith("///"):
            host = _host(authority, text)
            return Url("", host, _unescape(slash + path, text), slash + path, found.query, text)
    return found


def _is_url(text: str) -> bool:
    try:
        parse_request_uri(text)
    except EvalError:
        return False
    return True


FUNCTIONS: dict[str, Any] = {
    "string_to_url": _to_url,
    "is_url_string": _is_url,
    "url_get_scheme": lambda url: url.scheme,
    "url_get_host": lambda url: url.host,
    "url_get_hostname": _hostname,
    "url_get_port": _port,
    "url_get_escaped_path": _escaped_path,
    "url_get_query": _query,
}
