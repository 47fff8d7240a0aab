"""ValidatingAdmissionPolicies judged offline as the API server judges them."""

from generator.policy.bundle import Breach, BundlePolicy, compile_bundle, evaluate_bundle, judge_items
from generator.policy.compiled import CompiledPolicy, compile_policy
from generator.policy.evaluate import Excess
from generator.policy.model import Binding, read_binding
from generator.policy.problem import Problem, refusal
from generator.policy.request import Cluster, Request, User
from generator.policy.resources import Resource, Resources, resources
from generator.policy.storable import binding_problems
from generator.policy.verdict import Failure, PolicySet, Verdict, judge, policy_set

__all__ = [
    "Binding",
    "Breach",
    "BundlePolicy",
    "Cluster",
    "CompiledPolicy",
    "Excess",
    "Failure",
    "PolicySet",
    "Problem",
    "Request",
    "Resource",
    "Resources",
    "User",
    "Verdict",
    "binding_problems",
    "compile_bundle",
    "compile_policy",
    "evaluate_bundle",
    "judge",
    "judge_items",
    "policy_set",
    "read_binding",
    "refusal",
    "resources",
]
