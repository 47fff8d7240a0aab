"""The findings reading text can make."""

from generator.finding import Rule, Severity

UNREADABLE = Rule("SRC001", "unreadable-file", "A file that is named must exist and be readable.")
NOT_TEXT = Rule("SRC002", "not-utf8-text", "Input is UTF-8 text without control characters.")
TOO_LARGE = Rule("SRC003", "file-too-large", "Input files have an upper size, so that nothing runs out of memory.")
NOT_YAML = Rule("SRC004", "not-yaml", "Input parses as YAML.")
DUPLICATE_KEY = Rule("SRC005", "duplicate-key", "A key appears once in a mapping: readers disagree on which one wins.")
ALIAS = Rule("SRC006", "alias", "Anchors and aliases are refused in the spec and bounded in manifests.")
ODD_SCALAR = Rule("SRC007", "odd-scalar", "A plain scalar means the same to YAML 1.1 and YAML 1.2 readers.")
ODD_KEY = Rule("SRC008", "odd-key", "A key is a string.")
TAG = Rule("SRC009", "tag", "Explicit tags are refused in the spec.")
DOCUMENTS = Rule("SRC010", "number-of-documents", "A file that holds one thing holds one document.")
NOT_A_MAPPING = Rule("SRC011", "not-a-mapping", "A document is a mapping.")
EMPTY = Rule("SRC012", "empty-file", "A file that is named holds something.")
TOO_DEEP = Rule("SRC013", "too-deep", "Nesting has an upper bound, so that nothing runs out of stack.")
NOT_JSON = Rule("SRC014", "not-json", "A file that ends in .json parses as JSON.")
UNFIT_TAG = Rule("SRC015", "unfit-tag", "A value has the type that its tag names.")
CHANGED_KEY = Rule(
    "SRC016", "changed-key", "A key that YAML 1.1 reads as a boolean or a number is in quotes.", Severity.WARNING
)
ODD_SPACE = Rule(
    "SRC017", "odd-space", "Keys and values begin and end without white space that YAML takes for letters."
)

RULES = (
    UNREADABLE,
    NOT_TEXT,
    TOO_LARGE,
    NOT_YAML,
    DUPLICATE_KEY,
    ALIAS,
    ODD_SCALAR,
    ODD_KEY,
    TAG,
    DOCUMENTS,
    NOT_A_MAPPING,
    EMPTY,
    TOO_DEEP,
    NOT_JSON,
    UNFIT_TAG,
    CHANGED_KEY,
    ODD_SPACE,
)
