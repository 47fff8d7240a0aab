"""What stands in the audit log beside a verdict, as a live server wrote it."""

import pytest

from tests.conformance import vap

_MATCH = {"resourceRules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["*"], "resources": ["*"]}]}
_KEY = "validation.policy.admission.k8s.io/validation_failure"


def answer(expression, actions, **more):
    reference = {"name": "none", "namespace": "prod", "parameterNotFoundAction": "Deny"} if more else None
    request = {
        "policies": [
            {
                "metadata": {"name": "p"},
                "spec": {"matchConstraints": _MATCH, "validations": [{"expression": expression}], **more},
            }
        ],
        "bindings": [
            {
                "metadata": {"name": "b"},
                "spec": {"policyName": "p", "validationActions": actions}
                | ({"paramRef": reference} if reference else {}),
            }
        ],
        "namespaces": [{"metadata": {"name": "prod"}}],
        "operation": "CREATE",
        "resource": {"group": "", "version": "v1", "resource": "configmaps", "kind": "ConfigMap"},
        "name": "c",
        "namespace": "prod",
        "object": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "prod"}},
    }
    return vap.answer({"request": request})


@pytest.mark.parametrize("actions", [["Audit"], ["Deny", "Audit"], ["Warn", "Audit"]])
def test_a_missing_parameter_denies_and_is_no_failure_of_a_validation(actions):
    said = answer("true", actions, paramKind={"apiVersion": "v1", "kind": "ConfigMap"})
    assert not said["allowed"]
    assert "audit" not in said


def test_angle_brackets_and_ampersands_are_escaped():
    said = answer("1 > 2 && 3 < 4", ["Audit"])
    assert said["allowed"]
    assert "failed expression: 1 \\u003e 2 \\u0026\\u0026 3 \\u003c 4" in said["audit"][_KEY]
