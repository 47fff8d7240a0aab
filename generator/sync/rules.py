"""The findings about how Argo CD will deliver objects."""

from generator.finding import Rule, Severity

UNKNOWN = Rule("ARG001", "argocd-unknown", "An annotation or option of Argo CD is one it knows.", Severity.WARNING)
VALUE = Rule("ARG002", "argocd-bad-value", "An annotation of Argo CD has a value it takes.")
OWNED = Rule("ARG003", "argocd-own-annotation", "What Argo CD writes on objects by itself is never committed.")
NO_EFFECT = Rule(
    "ARG004", "argocd-without-effect", "An annotation of Argo CD stands where it has an effect.", Severity.WARNING
)
TOO_EARLY = Rule(
    "ARG005", "argocd-too-early", "An object's wave does not come before what the object needs.", Severity.WARNING
)

RULES = (UNKNOWN, VALUE, OWNED, NO_EFFECT, TOO_EARLY)
