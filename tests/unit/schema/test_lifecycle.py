"""API versions at the release that removes them, the one before, and the one that first warns."""

import pytest

from generator.schema.lifecycle import check_lifecycle

CASES = [
    ("policy/v1beta1", "PodDisruptionBudget", 21, 25),
    ("batch/v1beta1", "CronJob", 21, 25),
    ("autoscaling/v2beta2", "HorizontalPodAutoscaler", 23, 26),
    ("flowcontrol.apiserver.k8s.io/v1beta3", "FlowSchema", 29, 32),
]


@pytest.mark.parametrize(("api", "kind", "deprecated", "removed"), CASES)
def test_a_version_is_refused_from_its_removal_on(api, kind, deprecated, removed):
    def code(minor):
        found = check_lifecycle(api, kind, minor)
        return found.rule.code if found else ""

    assert code(removed) == "SCH014"
    assert code(removed + 1) == "SCH014"
    assert code(removed - 1) == "SCH015"
    assert code(deprecated) == "SCH015"
    assert code(deprecated - 1) == ""


def test_the_words_name_the_release_and_the_target():
    found = check_lifecycle("batch/v1beta1", "CronJob", 25)
    assert found is not None
    assert found.message == "batch/v1beta1 CronJob was removed in Kubernetes 1.25; the target is 1.25"
    assert found.hint == "use batch/v1"


def test_a_stable_version_is_none_of_them():
    assert check_lifecycle("batch/v1", "CronJob", 36) is None


@pytest.mark.parametrize(
    ("api", "kind", "minor", "hint"),
    [
        ("resource.k8s.io/v1beta2", "DeviceClass", 36, "use resource.k8s.io/v1"),
        (
            "admissionregistration.k8s.io/v1beta1",
            "ValidatingAdmissionPolicy",
            34,
            "use admissionregistration.k8s.io/v1",
        ),
        ("networking.k8s.io/v1beta1", "IPAddress", 36, "use networking.k8s.io/v1"),
        (
            "policy/v1beta1",
            "PodSecurityPolicy",
            25,
            "remove the object, or look for what replaces it in the release notes",
        ),
        ("v1", "ComponentStatus", 36, "plan its replacement"),
    ],
)
def test_where_no_document_names_a_successor_it_is_the_version_the_release_has(api, kind, minor, hint):
    found = check_lifecycle(api, kind, minor)
    assert found is not None
    assert found.hint == hint
