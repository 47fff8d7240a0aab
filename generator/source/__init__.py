"""The only reader of YAML and JSON: text to plain data that knows the place of every value."""

from generator.files import MAX_BYTES
from generator.source.characters import disguise, looked_through, plain_spelling
from generator.source.document import Dialect, Document
from generator.source.glance import Glance, glance, glance_at
from generator.source.inline import InlineDocument, finding_in_scalar, inline, place_in_scalar
from generator.source.json_text import BadJsonError, parse_json
from generator.source.lists import is_broken_list, is_list, members, parts
from generator.source.quick import QuickReader
from generator.source.read import read_documents, read_file, read_one, refusal
from generator.source.rules import RULES

__all__ = [
    "MAX_BYTES",
    "RULES",
    "BadJsonError",
    "Dialect",
    "Document",
    "Glance",
    "InlineDocument",
    "QuickReader",
    "disguise",
    "finding_in_scalar",
    "glance",
    "glance_at",
    "inline",
    "is_broken_list",
    "is_list",
    "looked_through",
    "members",
    "parse_json",
    "parts",
    "place_in_scalar",
    "plain_spelling",
    "read_documents",
    "read_file",
    "read_one",
    "refusal",
]
