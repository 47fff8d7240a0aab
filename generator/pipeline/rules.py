"""The findings made between reading a project and writing its trees."""

from generator.finding import Rule, Severity

TWICE = Rule("RND054", "object-twice", "An object is rendered once.")
STRAY = Rule("EMT050", "stray-folder", "Every folder of rendered/ belongs to an environment.", Severity.WARNING)
NO_ENVIRONMENT = Rule("SPC020", "no-such-environment", "An environment that is asked for is a folder of overlays/.")
NOT_AN_OBJECT = Rule("RND051", "not-an-object", "A template renders objects with apiVersion, kind and a name.")
UNKNOWN_LIST = Rule("RND052", "unknown-list", "An index entry's `each` is a list of the model.")
BAD_INDEX = Rule("RND050", "template-index", "templates/index.yaml lists templates with `template`, `each`, `as`.")
WORKER_DIED = Rule("RND053", "worker-died", "A process that renders machines lives until it is done.")
NO_MANIFESTS = Rule("SRC050", "no-manifests", "A folder that is named holds manifests.")
NOTHING = Rule("SRC051", "nothing-to-check", "There is at least one object to check.")
NO_SIDE = Rule("SRC052", "nothing-to-compare", "A side of a comparison is a folder, an environment or a revision.")
MISSING = Rule("CHK001", "missing-file", "Every file that the sources give stands in rendered/.")
STALE = Rule("CHK002", "stale-file", "A rendered file is what the sources give now.")
EDITED = Rule("CHK003", "edited-file", "A rendered file is not changed by hand.")
EXTRA = Rule("CHK004", "extra-file", "Every file of a rendered tree comes from the sources.")
NOT_SERVED = Rule(
    "ARG007", "argocd-not-served", "The cluster serves the API versions that are rendered.", Severity.WARNING
)
BOUNDS = Rule("ARG008", "argocd-bounds", "A render for Argo CD ends within its time and memory.")
VANISHED = Rule("CHK005", "vanished-key", "A field that was delivered does not vanish unnoticed.", Severity.WARNING)
UNTRACKED = Rule("CHK006", "untracked-file", "Every rendered file is part of the commit that is checked.")
CHANGING = Rule("CHK007", "changed-meanwhile", "Nothing changes while it is checked.")
LINK_OUT = Rule("SRC054", "link-out", "A link in a folder of manifests leads to something in that folder.")
NOT_MADE = Rule(
    "REF001", "nothing-makes-it", "What a machine names is made by the build, or the cluster has it.", Severity.INFO
)
NO_NAMESPACE = Rule(
    "REF002",
    "no-such-namespace",
    "The namespace of an object is made by the build, or the cluster has it.",
    Severity.WARNING,
)
NO_REVISION = Rule("SRC053", "no-such-revision", "A revision that is compared with is in the clone.")

RULES = (
    TWICE,
    STRAY,
    NO_ENVIRONMENT,
    NOT_AN_OBJECT,
    UNKNOWN_LIST,
    BAD_INDEX,
    WORKER_DIED,
    NO_MANIFESTS,
    NOTHING,
    NO_SIDE,
    MISSING,
    STALE,
    EDITED,
    EXTRA,
    NOT_SERVED,
    BOUNDS,
    VANISHED,
    UNTRACKED,
    CHANGING,
    LINK_OUT,
    NO_REVISION,
    NOT_MADE,
    NO_NAMESPACE,
)
