"""The findings policies can make, beside those of each policy's own rule."""

from generator.finding import Rule, Severity

DENIED = Rule("POL001", "policy-denies", "Every object is admitted by the policies of the build.")
REFUSED = Rule("POL002", "policy-refused", "A policy or binding is one the API server would store.")
NO_POLICY = Rule("POL003", "binding-without-policy", "A binding names a policy that is there.")
NO_BINDING = Rule("POL004", "policy-without-binding", "A policy has a binding: without one it does nothing.")
UNDECIDED = Rule(
    "POL005", "not-decided", "What only the cluster could know is told, never passed over.", Severity.WARNING
)
BROKEN = Rule("POL006", "rule-failed", "A rule over the whole build can be evaluated.")
UNUSED_WAIVER = Rule("POL007", "unused-waiver", "A waiver waives something, in some environment.")
NO_SUCH_RULE = Rule("POL008", "waiver-of-nothing", "A waiver names a rule there is.")
NOT_CARRIED = Rule(
    "POL009", "waiver-stays-here", "A waiver of a rule that ships to the cluster can be said in its binding."
)

TOO_MUCH_WORK = Rule("POL010", "too-much-work", "An expression of a policy takes a bounded number of steps.")
MISTYPED = Rule(
    "POL011",
    "policy-types",
    "An expression of a policy fits the fields and types of every kind the policy names.",
    Severity.WARNING,
)

LEFT_OUT = Rule(
    "POL012",
    "rule-left-out",
    "Rules over the build that need a spec are named where there is none.",
    Severity.INFO,
)

RULES = (
    DENIED,
    REFUSED,
    NO_POLICY,
    NO_BINDING,
    UNDECIDED,
    BROKEN,
    UNUSED_WAIVER,
    NO_SUCH_RULE,
    NOT_CARRIED,
    TOO_MUCH_WORK,
    MISTYPED,
    LEFT_OUT,
)
