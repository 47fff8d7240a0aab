"""Schemas of custom resources: our verdict on every recorded CRD is a real API server's, and most words."""

import json
import re

import pytest

from generator.schema import SchemaStore, Status, check_crd
from tests.e2e.apiserver.record_crds import FILE, changed

RECORDED = json.loads(FILE.read_text("utf-8"))
STRICTER = {"tpye", "const"}
"""Keywords nobody knows, which the server drops without a word below `items` and `additionalProperties`."""


def stays(case):
    """What docs/parity.md says stays different."""
    key, value = case["path"][-1], case.get("value")
    return (
        key in STRICTER
        or (key, value) == ("items", "x")
        or value == [{"rule": "true"}, {"rule": "true"}]
        or (key == "default" and case["path"][-3:-1] == ["properties", "metadata"] and "whole" in case["path"])
    )


def detail(message):
    """A message without the value it quotes, which the server shows as Go does, and without compilers' listings."""
    text = re.sub(
        r'^Invalid value: (?:"(?:[^"\\]|\\.)*"|\{.*?\}|\[.*?\]|[^:]*): +(?:in body )?', "", message, flags=re.DOTALL
    )
    text = text.partition("compilation failed")[0].partition(", but isn't")[0]
    return re.sub(r"(unknown fields).*", r"\1", text).strip()


@pytest.fixture(scope="module")
def judged():
    store = SchemaStore()
    out = []
    for case in RECORDED["cases"]:
        outcome = store.validate(changed(case["path"], *([case["value"]] if "value" in case else [])), "1.36")
        out.append((case, [] if outcome.status is Status.VALID else list(outcome.violations)))
    return out


def test_every_verdict_is_the_servers(judged):
    apart = [
        f"{case['path']} {case.get('value', 'gone')}: the server {case['ok']} {case.get('said')}, ours {[str(v) for v in found]}"
        for case, found in judged
        if case["ok"] is bool(found) and not stays(case)
    ]
    assert apart == []
    assert sum(case["ok"] for case, _ in judged) > 1000
    assert sum(not case["ok"] for case, _ in judged) > 1000


def test_what_stays_different_is_seen(judged):
    assert sum(case["ok"] is bool(found) for case, found in judged if stays(case)) > 20


def test_nearly_all_words_are_the_servers(judged):
    compared = [(case, found) for case, found in judged if isinstance(case.get("said"), list) and found]
    same = [
        case
        for case, found in compared
        if {detail(text) for _, text in case["said"]} == {detail(violation.message) for violation in found}
    ]
    assert len(compared) > 1000
    assert len(same) / len(compared) > 0.8, f"{len(same)} of {len(compared)}"


@pytest.mark.parametrize("path", [("group",), ("names", "plural"), ("names", "kind")])
def test_an_empty_name_is_a_missing_one(path):
    names = {"plural": "things", "singular": "", "kind": "Thing", "listKind": ""}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {"type": "object"}}}
    spec = {"group": "example.com", "scope": "Cluster", "names": names, "versions": [version]}
    crd = {"metadata": {"name": "things.example.com"}, "spec": spec}
    assert list(check_crd(crd)) == []
    (names if len(path) > 1 else spec)[path[-1]] = ""
    found = [(violation.path, violation.message) for violation in check_crd(crd)]
    assert (("spec", *path), "Required value") in found
