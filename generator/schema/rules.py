"""The findings checking objects against schemas can make."""

from generator.finding import Rule, Severity

UNKNOWN_FIELD = Rule("SCH001", "unknown-field", "Every field of an object is one its schema names.")
WRONG_TYPE = Rule("SCH002", "wrong-type", "A value has the type its schema gives it.")
REQUIRED = Rule("SCH003", "required-field", "Fields a schema requires are there.")
UNSUPPORTED = Rule("SCH004", "unsupported-value", "A value of an enumerated field is one of the listed ones.")
INVALID = Rule(
    "SCH005", "invalid-value", "Patterns, formats, lengths and bounds of a schema hold, and what a kind asks beyond it."
)
DUPLICATE = Rule("SCH006", "duplicate-entry", "Lists that are sets or maps hold an entry once.")
METADATA = Rule(
    "SCH007", "object-metadata", "Names, labels, annotations and owners are written as the API server asks."
)
EMBEDDED = Rule(
    "SCH008", "embedded-resource", "An object inside an object has an apiVersion, a kind and sound metadata."
)
COMBINATION = Rule("SCH009", "schema-combination", "What a schema says with allOf, anyOf, oneOf and not holds.")
QUANTITY = Rule("SCH010", "quantity", "Amounts of memory, CPU and devices are written as Kubernetes quantities.")
MISSING_SCHEMA = Rule("SCH011", "missing-schema", "There is a schema for every object that is checked.")
NO_KIND = Rule(
    "SCH012", "no-kind", "Every document has an apiVersion and a kind: some tools drop one without, silently."
)
NO_VERSION = Rule("SCH013", "no-such-version", "Schemas of the Kubernetes version that is asked for are there.")
REMOVED_API = Rule("SCH014", "removed-api", "The API version is still served by the target version.")
DEPRECATED_API = Rule(
    "SCH015", "deprecated-api", "The API version is not on its way out in the target version.", Severity.WARNING
)
NOT_STRUCTURAL = Rule("SCH016", "crd-not-structural", "A CustomResourceDefinition is one the API server would take.")
UNREADABLE_SCHEMA = Rule("SCH017", "unreadable-schema", "Schema files and folders that are named can be read and used.")
REMOTE_SCHEMA = Rule("SCH018", "remote-schema", "Schemas come from local files: nothing is fetched.")
NOT_EXTENDED = Rule(
    "SCH019", "crd-not-extended", "Only CRDs that embed a machine's devices carry QAT devices.", Severity.INFO
)
QATS_CONFLICT = Rule("SCH020", "qats-conflict", "A CRD that already has a field qats has the one of v1.QAT.")
RULE_FAILED = Rule("SCH021", "validation-rule", "The x-kubernetes-validations of a schema hold.")
RULE_NOT_EVALUATED = Rule(
    "SCH022", "rule-not-evaluated", "Validation rules of a schema that were not evaluated are told.", Severity.INFO
)
TOO_MUCH_WORK = Rule("SCH023", "rule-too-much-work", "A validation rule of a schema takes a bounded number of steps.")

RULES = (
    UNKNOWN_FIELD,
    WRONG_TYPE,
    REQUIRED,
    UNSUPPORTED,
    INVALID,
    DUPLICATE,
    METADATA,
    EMBEDDED,
    COMBINATION,
    QUANTITY,
    MISSING_SCHEMA,
    NO_KIND,
    NO_VERSION,
    REMOVED_API,
    DEPRECATED_API,
    NOT_STRUCTURAL,
    UNREADABLE_SCHEMA,
    REMOTE_SCHEMA,
    NOT_EXTENDED,
    QATS_CONFLICT,
    RULE_FAILED,
    RULE_NOT_EVALUATED,
    TOO_MUCH_WORK,
)
