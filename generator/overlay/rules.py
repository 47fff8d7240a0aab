"""The findings overlays can make."""

from generator.finding import Rule, Severity

NO_FILE = Rule("OVL001", "kustomization-file", "A folder that is built holds exactly one kustomization file.")
EMPTY = Rule("OVL002", "kustomization-empty", "A kustomization says something.")
FIELD = Rule("OVL003", "kustomization-field", "A kustomization has known fields of the right type.")
UNSUPPORTED = Rule("OVL004", "kustomization-unsupported", "Plugins, charts and remote resources are not run.")
KIND = Rule("OVL005", "kustomization-kind", "Resources are Kustomizations, components are Components.")
MISSING = Rule("OVL006", "overlay-missing-file", "A path in a kustomization names a file or folder that is there.")
OUTSIDE = Rule("OVL007", "overlay-outside-root", "Files are read from the kustomization's own folder and below.")
CYCLE = Rule("OVL008", "overlay-cycle", "A kustomization does not build itself.")
RESOURCE = Rule("OVL009", "overlay-resource", "A resource file holds objects with apiVersion, kind and name.")
CONFLICT = Rule("OVL010", "overlay-id-conflict", "An object stands once in a build.")
PATCH = Rule("OVL011", "overlay-patch", "A patch is a strategic merge patch or JSON 6902 operations that apply.")
NO_MATCH = Rule("OVL012", "overlay-no-match", "A patch, replica count, image or generator finds what it changes.")
SELECTOR = Rule("OVL013", "overlay-selector", "A selector's expressions are well formed.")
GENERATOR = Rule("OVL014", "overlay-generator", "A generator has a name and readable, unique keys.")
REFERENCE = Rule("OVL015", "overlay-ambiguous-reference", "A name reference means one object.")
REPLACEMENT = Rule("OVL016", "overlay-replacement", "A replacement has one source and fields to write.")
VARIABLE = Rule("OVL017", "overlay-variable", "A variable is defined once and can be resolved.")
CONFIGURATION = Rule("OVL018", "overlay-configuration", "A configuration file lists field specs.")
PATH = Rule("OVL019", "overlay-field-path", "A field spec leads through mappings and lists.")
DANGLING = Rule(
    "OVL020", "overlay-dangling", "An overlay leaves no reference without its target.", severity=Severity.WARNING
)
LOST = Rule("OVL021", "overlay-lost", "An overlay keeps list items and keys of the base.", severity=Severity.INFO)
PINNED = Rule(
    "OVL022", "overlay-pinned-object", "An operator's singleton stays in its namespace.", severity=Severity.WARNING
)
DEPRECATED = Rule("OVL023", "overlay-deprecated-field", "Deprecated fields have successors.", severity=Severity.INFO)

RULES = (
    NO_FILE,
    EMPTY,
    FIELD,
    UNSUPPORTED,
    KIND,
    MISSING,
    OUTSIDE,
    CYCLE,
    RESOURCE,
    CONFLICT,
    PATCH,
    NO_MATCH,
    SELECTOR,
    GENERATOR,
    REFERENCE,
    REPLACEMENT,
    VARIABLE,
    CONFIGURATION,
    PATH,
    DANGLING,
    LOST,
    PINNED,
    DEPRECATED,
)
