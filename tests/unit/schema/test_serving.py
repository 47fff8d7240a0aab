"""Columns, scales and conversions of CRDs: the verdicts and words of a kube-apiserver 1.36.3, asked with dry runs."""

import copy
from typing import Any

import pytest

from generator.location import format_path
from generator.schema import SchemaStore

VERSION = "spec.versions[0]"
HOOK = "spec.conversion.webhook"
CRD: dict[str, Any] = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "pools.example.com"},
    "spec": {
        "group": "example.com",
        "names": {"plural": "pools", "kind": "Pool"},
        "scope": "Namespaced",
        "versions": [
            {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {"type": "object"}}}
        ],
    },
}
GOOD_HOOK = {"clientConfig": {"service": {"name": "a", "namespace": "b"}}, "conversionReviewVersions": ["v1"]}


def column(**changes):
    return {"additionalPrinterColumns": [{"name": "Age", "type": "date", "jsonPath": ".metadata.x", **changes}]}


def scale(**changes):
    return {"subresources": {"scale": {"specReplicasPath": ".spec.n", "statusReplicasPath": ".status.n", **changes}}}


OF_VERSIONS = [
    ({}, []),
    ({"served": None}, []),
    (column(), []),
    (column(format="int32"), []),
    (column(type="bool"), [f"{VERSION}.additionalPrinterColumns[0].type"]),
    (column(type=""), [f"{VERSION}.additionalPrinterColumns[0].type"]),
    (column(format="time"), [f"{VERSION}.additionalPrinterColumns[0].format"]),
    (column(jsonPath="metadata.x"), [f"{VERSION}.additionalPrinterColumns[0].jsonPath"]),
    (column(name=""), [f"{VERSION}.additionalPrinterColumns[0].name"]),
    (scale(), []),
    (scale(labelSelectorPath=".spec.selector"), []),
    (scale(labelSelectorPath=".metadata.labels"), [f"{VERSION}.subresources.scale.labelSelectorPath"]),
    (scale(specReplicasPath=".status.n"), [f"{VERSION}.subresources.scale.specReplicasPath"]),
    (scale(statusReplicasPath=""), [f"{VERSION}.subresources.scale.statusReplicasPath"]),
    ({"deprecated": True, "deprecationWarning": "use v2"}, []),
    ({"deprecationWarning": "use v2"}, [f"{VERSION}.deprecationWarning"]),
]
CONVERSIONS = [
    ({"strategy": "None"}, []),
    ({"strategy": "Webhook", "webhook": GOOD_HOOK}, []),
    ({"strategy": "Hook"}, ["spec.conversion.strategy"]),
    ({"strategy": "Webhook"}, [f"{HOOK}.clientConfig", f"{HOOK}.conversionReviewVersions"]),
    ({"strategy": "None", "webhook": GOOD_HOOK}, [f"{HOOK}.clientConfig", f"{HOOK}.conversionReviewVersions"]),
    ({"strategy": "Webhook", "webhook": {**GOOD_HOOK, "clientConfig": {}}}, [f"{HOOK}.clientConfig"]),
    (
        {"strategy": "Webhook", "webhook": {**GOOD_HOOK, "conversionReviewVersions": ["v2"]}},
        [f"{HOOK}.conversionReviewVersions"],
    ),
]


def places(crd):
    return [format_path(violation.path) for violation in SchemaStore().validate(crd, "1.36").violations]


@pytest.mark.parametrize(("changes", "wrong"), OF_VERSIONS)
def test_a_version_is_judged_as_the_server_does(changes, wrong):
    crd = copy.deepcopy(CRD)
    version = {**crd["spec"]["versions"][0], **changes}
    crd["spec"]["versions"] = [{key: value for key, value in version.items() if value is not None}]
    assert places(crd) == wrong


@pytest.mark.parametrize(("conversion", "wrong"), CONVERSIONS)
def test_a_conversion_is_judged_as_the_server_does(conversion, wrong):
    crd = copy.deepcopy(CRD)
    crd["spec"]["conversion"] = conversion
    assert places(crd) == wrong


def test_a_csi_driver_needs_no_spec():
    driver = {"apiVersion": "storage.k8s.io/v1", "kind": "CSIDriver", "metadata": {"name": "disk.csi.example.com"}}
    assert places(driver) == []
