"""The findings tests of policies can make."""

from generator.finding import Rule, Severity

FAILED = Rule("TST001", "case-failed", "A policy says of a case what the case expects.")
NOT_A_TEST = Rule("TST002", "not-a-test", "A test file has the fields of its format, and what it names is there.")
UNTESTED = Rule("TST003", "never-evaluated", "A policy is evaluated by at least one case.")
NOT_TRIPPED = Rule("TST004", "validation-not-covered", "Each validation fails in one case and holds in another.")
ONE_WAY = Rule("TST005", "branch-not-covered", "Each branch of an expression goes both ways in some case.")
SURVIVED = Rule("TST006", "mistake-not-noticed", "Some case notices when a policy is changed a little.")
LEFT_OUT = Rule(
    "TST007", "left-out", "Tests of what is no ValidatingAdmissionPolicy are told, not passed over.", Severity.WARNING
)

RULES = (FAILED, NOT_A_TEST, UNTESTED, NOT_TRIPPED, ONE_WAY, SURVIVED, LEFT_OUT)
