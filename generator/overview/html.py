"""The overview as one page: no network, no script from elsewhere, readable without one; values are never markup."""

import base64
import hashlib
from functools import lru_cache
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from generator.overview.model import Overview
from generator.report.visible import visible

_FOLDER = files("generator.overview").joinpath("page")
_BINARY = ((2**30, "Gi"), (2**20, "Mi"), (2**10, "Ki"))


def render_html(overview: Overview) -> str:
    """The whole page. The same overview gives the same bytes; ends with a line break."""
    style, script = _text("style.css"), _text("script.js")
    policy = "; ".join(
        (
            "default-src 'none'",
            f"style-src '{_digest(style)}'",
            f"script-src '{_digest(script)}'",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    template = _templates().get_template("page.html.j2")
    # Our own files, and the one text of the page that is not escaped: their digests stand in the policy above.
    return template.render(overview=overview, style=Markup(style), script=Markup(script), policy=policy)  # noqa: S704


def _digest(text: str) -> str:
    """What a Content-Security-Policy knows an inline element by (CSP level 3, hash sources)."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _text(name: str) -> str:
    return _FOLDER.joinpath(name).read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _templates() -> Environment:
    made = Environment(
        loader=FunctionLoader(_text),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {"thousands": _thousands, "bytes": _bytes, "share": _share, "path": _path}
    return made


def _shown(value: object) -> object:
    """A value as it is printed: what steers, hides or reorders text is written as an escape, lines are kept."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return value if value.isprintable() else "\n".join(map(visible, value.split("\n")))
    return value


def _path(text: str) -> Markup:
    """A path that may be broken after its slashes."""
    return Markup("/<wbr>").join(str(_shown(part)) for part in text.split("/"))


def _thousands(number: int) -> str:
    return f"{number:,}".replace("-", "−")


def _bytes(size: int) -> str:
    """Bytes in the largest binary unit that divides them."""
    for factor, unit in _BINARY:
        if size % factor == 0:
            return f"{_thousands(size // factor)} {unit}B" if size else "0"
    return f"{_thousands(size)} B"


def _share(part: int, whole: int) -> str:
    """A part of a whole in units of the drawing, which is 200 wide; what is there is never drawn as nothing."""
    if part <= 0 or whole <= 0:
        return "0"
    return f"{max(1.5, min(200.0, 200 * part / whole)):.1f}"
