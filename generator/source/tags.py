"""What a scalar with an explicit tag of YAML is to Kubernetes' reader (sigs.k8s.io/yaml 1.6, goyaml.v2 resolve.go)."""

import base64
import binascii
import re

from generator.source.scalars import OddScalarError, Scalar, is_whole, kubernetes_scalar

_DAY = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:(?:[Tt]|[ \t]+)[0-9:.]+[ \t]*(?:Z|[-+][0-9:]+)?)?\Z")
_WANTED = {
    "int": "a whole number of 64 bits",
    "float": "a number",
    "bool": "true or false",
    "null": "null, or nothing",
    "timestamp": "a date, such as 2026-01-31",
}


class UnfitTagError(ValueError):
    """A text does not have the type its tag names; `str()` says why, `hint` what to write."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def tagged_scalar(text: str, kind: str) -> Scalar:
    """The value of a text with the tag `!!kind`; of a kind that is not one of YAML's the text itself.

    `!!binary` is the text that its Base64 decodes to. Raises UnfitTagError where the server's reader fails, or
    replaces bytes.
    """
    if kind == "binary":
        return _decoded(text)
    if kind == "timestamp" and not _DAY.match(text):
        raise _unfit(kind)
    if kind not in ("int", "float", "bool", "null"):
        return text
    try:
        value = kubernetes_scalar(text)
    except OddScalarError as error:
        raise UnfitTagError(f"it is {error}", "write another value, or take the tag out") from None
    if not _is_of(value, text, kind):
        raise _unfit(kind)
    return value


def _is_of(value: Scalar, text: str, kind: str) -> bool:
    if kind == "null":
        return value is None
    if kind == "bool":
        return isinstance(value, bool)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and (kind == "float" or (isinstance(value, int) and is_whole(text)))


def _unfit(kind: str) -> UnfitTagError:
    wanted = _WANTED[kind]
    return UnfitTagError(f"it is not {wanted}", f"write {wanted}, or take the tag out and put the text in quotes")


def _decoded(text: str) -> str:
    """The text of Base64, as Go decodes it: line ends are passed over, anything else that is not Base64 is refused."""
    try:
        raw = base64.b64decode(text.replace("\r", "").replace("\n", ""), validate=True)
    except (binascii.Error, ValueError):
        raise UnfitTagError("it is not Base64", "encode it (`base64 -w0`), or take the tag out") from None
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"byte 0x{raw[error.start]:02x} of what it decodes to is not UTF-8, and would be replaced by U+FFFD"
        hint = "take the tag out, and put the Base64 where an object holds bytes (`binaryData`, `data` of a Secret)"
        raise UnfitTagError(message, hint) from None
