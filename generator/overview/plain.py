"""The overview as JSON: the same data as the page's, field names in camel case."""

import dataclasses
import json
from typing import Any

from generator.overview.model import Overview

SCHEMA = "https://qatgen.dev/schemas/overview.v1.json"


def render_json(overview: Overview) -> str:
    """One `Overview` document, indented, in ASCII; ends with a line break."""
    document = {"$schema": SCHEMA, "apiVersion": "qatgen.dev/v1", "kind": "Overview", **plain(overview)}
    return json.dumps(document, indent=1).replace("\x7f", "\\u007f") + "\n"


def plain(value: Any) -> Any:
    """Frozen data as mappings and lists."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {camel(field.name): plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return value


def camel(name: str) -> str:
    """`more_rows` as `moreRows`."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
