"""The rules of rendering: everything a template can do wrong."""

from generator.finding import Rule

TEMPLATE_MISSING = Rule("RND001", "template-missing", "a template is named that no template folder holds")
TEMPLATE_SYNTAX = Rule("RND002", "template-syntax", "a template is not well-formed Jinja")
NAME_UNDEFINED = Rule("RND003", "name-undefined", "a template reads a name or a key that does not exist")
TEMPLATE_FAILED = Rule("RND004", "template-failed", "an expression of a template cannot be evaluated")
TEMPLATE_UNSAFE = Rule("RND005", "template-unsafe", "a template reaches for what templates may not touch")
TEMPLATE_LIMIT = Rule("RND006", "template-limit", "a template works for too long or writes too much")
SKELETON_BROKEN = Rule("RND007", "skeleton-broken", "the text around a template's values is not valid YAML")
VALUE_NOT_TEXT = Rule("RND008", "value-not-text", "a value that is no text stands inside a longer text")
KEY_UNFIT = Rule("RND009", "key-unfit", "a computed mapping key is no string, or is there already")
VALUE_NOT_DATA = Rule("RND010", "value-not-data", "a value printed by a template is not plain data")
DOCUMENT_NOT_OBJECT = Rule("RND011", "document-not-object", "a document of a template is not a mapping")
CHARACTER_RESERVED = Rule("RND012", "character-reserved", "a template holds a character kept for marking holes")

RULES = (
    TEMPLATE_MISSING,
    TEMPLATE_SYNTAX,
    NAME_UNDEFINED,
    TEMPLATE_FAILED,
    TEMPLATE_UNSAFE,
    TEMPLATE_LIMIT,
    SKELETON_BROKEN,
    VALUE_NOT_TEXT,
    KEY_UNFIT,
    VALUE_NOT_DATA,
    DOCUMENT_NOT_OBJECT,
    CHARACTER_RESERVED,
)
