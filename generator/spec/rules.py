"""The findings reading a spec can make."""

from generator.finding import Rule

UNKNOWN_KEY = Rule("SPC001", "unknown-key", "Every key of a spec is one the language knows.")
MISSING_KEY = Rule("SPC002", "missing-key", "Required keys are there.")
WRONG_TYPE = Rule("SPC003", "wrong-type", "A value has the type its field asks for.")
NOT_ALLOWED = Rule("SPC004", "value-not-allowed", "A value is one of those its field allows.")
MALFORMED = Rule("SPC005", "malformed-value", "A text has the form its field asks for.")
OUT_OF_RANGE = Rule("SPC006", "out-of-range", "A number or a length is in the range its field allows.")
NO_MATCH = Rule(
    "SPC007", "overlay-meets-nothing", "An overlay's named item meets one of the base, or says `$patch: add`."
)
AMBIGUOUS = Rule("SPC008", "overlay-ambiguous", "An overlay's named item meets exactly one of the base.")
ALREADY_THERE = Rule("SPC009", "overlay-adds-existing", "`$patch: add` brings a name that is not there yet.")
DUPLICATE_NAME = Rule(
    "SPC010", "duplicate-name", "Names are unique per kind and namespace, over the spec and its includes."
)
INCLUDE = Rule("SPC011", "include", "An include names files below the spec's folder.")
OUTSIDE = Rule("SPC012", "outside-root", "A file that is named is in the root, and no link on the way leaves it.")
ENVIRONMENT = Rule(
    "SPC014", "environment", "Environments are folders of overlays/, named like DNS labels, none of them reserved."
)
CONTRADICTION = Rule("SPC015", "contradiction", "Fields that exclude each other are not set together.")
SHARED_CLAIM = Rule("SPC016", "shared-claim", "Stamped machines do not share a claim's disk: its name holds {index}.")
PLACEHOLDER = Rule("SPC017", "placeholder", "A placeholder in braces is {index} or a key of the item's matrix.")
NAME_LENGTH = Rule(
    "SPC018", "name-length", "A machine's name, with its number, is a DNS label of at most 63 characters."
)
PARAMETER = Rule("ARG006", "argocd-parameter", "A parameter of an Application is one that is announced.")

RULES = (
    UNKNOWN_KEY,
    MISSING_KEY,
    WRONG_TYPE,
    NOT_ALLOWED,
    MALFORMED,
    OUT_OF_RANGE,
    NO_MATCH,
    AMBIGUOUS,
    ALREADY_THERE,
    DUPLICATE_NAME,
    INCLUDE,
    OUTSIDE,
    ENVIRONMENT,
    CONTRADICTION,
    SHARED_CLAIM,
    PLACEHOLDER,
    NAME_LENGTH,
    PARAMETER,
)
