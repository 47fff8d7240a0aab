"""Put fields of the spec that are passed through as they are into the object they belong to."""

from typing import Any

from generator.location import FieldPath
from generator.spec.merge import merge_plain
from generator.spec.model import Plain


def lay_over(data: Plain, path: FieldPath, given: Plain) -> Plain:
    """Merge `given` over the value at `path`: maps merge, named lists merge by name, other values replace."""
    if not path:
        merged: Plain = merge_plain(data, given)
        return merged
    first, *rest = path
    return {**data, str(first): lay_over(data.get(str(first)) or {}, tuple(rest), given)}


def lay_beside(data: Plain, path: FieldPath, given: Plain) -> Plain:
    """Add `given` at `path` where the object says nothing of its own."""
    if not path:
        return _beside(data, given)
    first, *rest = path
    return {**data, str(first): lay_beside(data.get(str(first)) or {}, tuple(rest), given)}


def _beside(ours: Plain, theirs: Plain) -> Plain:
    out: dict[str, Any] = dict(ours)
    for key, value in theirs.items():
        if key not in out:
            out[key] = value
        elif isinstance(out[key], dict) and isinstance(value, dict):
            out[key] = _beside(out[key], value)
    return out


def with_metadata(data: Plain, labels: dict[str, str], annotations: dict[str, str]) -> Plain:
    """The object with the platform's labels and annotations; its own stand."""
    metadata = dict(data["metadata"])
    for key, values in (("labels", labels), ("annotations", annotations)):
        if values:
            metadata[key] = {**values, **(metadata.get(key) or {})}
    return {**data, "metadata": metadata}
