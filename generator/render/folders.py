"""Template folders: an ordered search path that lets nothing in from outside."""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from jinja2 import BaseLoader, Environment
from jinja2.exceptions import TemplateNotFound, TemplateSyntaxError

from generator.files import Door, Reason, RefusedError, enclosed
from generator.render.marks import RESERVED

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(?:/[A-Za-z0-9_][A-Za-z0-9._-]*)*\Z")


@dataclass(frozen=True, slots=True)
class TemplateFolder:
    """A folder of templates; `shown` is how findings name it, `door` the way to it: without one nothing leaves it."""

    path: Path
    shown: str
    door: Door | None = None

    def way(self) -> Door:
        """The way to the folder's files. Raises RefusedError where it is not there."""
        return self.door or enclosed(self.path)


class ReservedCharacterError(TemplateSyntaxError):
    """A template's text holds a character kept for marking holes."""


class FolderLoader(BaseLoader):
    """Finds a template in the first folder that holds it."""

    def __init__(self, folders: Sequence[TemplateFolder], max_bytes: int) -> None:
        self.folders = tuple(folders)
        self.max_bytes = max_bytes
        self.read: dict[str, Path] = {}
        self.shown: dict[str, str] = {}

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:  # noqa: ARG002
        """A template's text and the name it is shown by. Raises TemplateNotFound, TemplateSyntaxError."""
        if not _NAME.match(template):
            raise TemplateNotFound(template, f'"{template[:100]}" is no name of a template')
        for folder in self.folders:
            path = folder.path / template
            shown = f"{folder.shown.rstrip('/')}/{template}" if folder.shown not in ("", ".") else template
            text = self._text(folder, path, template, shown)
            if text is None:
                continue
            self.read[template], self.shown[template] = path, shown
            return text, shown, lambda: True
        raise TemplateNotFound(template, f'no template folder holds "{template}"')

    def missing(self, template: str) -> str:
        """Why no folder has a template of a name; nothing where one has something there, which reading may refuse."""
        if not _NAME.match(template):
            return f'"{template[:100]}" is not the name of a template'
        for folder in self.folders:
            try:
                if folder.way().kind(folder.path / template) is not None:
                    return ""
            except RefusedError as refused:
                if refused.reason not in (Reason.MISSING, Reason.NO_FOLDER):
                    return ""
        return f'no template folder holds "{template}"'

    def names(self) -> list[str]:
        """Every template there is, sorted."""
        found: set[str] = set()
        for folder in self.folders:
            with suppress(RefusedError):
                found |= {path.relative_to(folder.path).as_posix() for path in folder.way().walk(folder.path)}
        return sorted(name for name in found if _NAME.match(name))

    def _text(self, folder: TemplateFolder, path: Path, name: str, shown: str) -> str | None:
        """A template's text; None where the folder has none of the name."""
        try:
            raw = folder.way().read(path, self.max_bytes)
        except RefusedError as refused:
            if refused.reason in (Reason.MISSING, Reason.NO_FOLDER):
                return None
            if refused.reason is Reason.LARGE:
                raise TemplateSyntaxError(f"more than {self.max_bytes:,} bytes", 1, name, shown) from None
            out = refused.reason is Reason.OUTSIDE and folder.door is None
            raise TemplateNotFound(
                name, f'"{shown}" {"is a link out of its folder" if out else refused.what}'
            ) from None
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            raise TemplateSyntaxError(f"byte 0x{raw[error.start]:02x} is not UTF-8", line, name, shown) from None
        reserved = RESERVED.search(text)
        if reserved:
            line = text.count("\n", 0, reserved.start()) + 1
            message = f"character U+{ord(reserved[0]):04X} is kept for marking values"
            raise ReservedCharacterError(message, line, name, shown)
        return text
