"""`qatgen argocd`: the contract of a config management plugin."""

import json

import pytest

from generator.source import Dialect, read_documents
from tests.support.workspace import REPOSITORY, SMALL, qatgen, tree, write


@pytest.fixture
def app(tmp_path, monkeypatch):
    for name in ("ARGOCD_APP_PARAMETERS", "ARGOCD_ENV_ENVIRONMENT", "KUBE_VERSION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ARGOCD_APP_NAME", "edge")
    write(tmp_path, {"spec.yaml": SMALL, "overlays/a/spec.yaml": "spec: {}\n", "overlays/b/spec.yaml": "spec: {}\n"})
    return tmp_path


def parameter(name):
    return json.dumps([{"name": "environment", "string": "old"}, {"name": "environment", "string": name}])


def test_only_manifests_are_printed(app, monkeypatch):
    monkeypatch.setenv("ARGOCD_APP_PARAMETERS", parameter("a"))
    result = qatgen(app, "argocd", "generate")
    assert (result.code, result.err) == (0, "")
    documents = read_documents(result.out, "out", Dialect.KUBERNETES)
    assert {"VirtualMachine", "KubeVirt", "Namespace"} <= {document.data["kind"] for document in documents}
    assert set(tree(app)) == {"spec.yaml", "overlays/a/spec.yaml", "overlays/b/spec.yaml"}
    assert qatgen(app, "render", "-q").code == 0
    rendered = [n for n in tree(app / "rendered/a") if n.endswith(".yaml") and n != "kustomization.yaml"]
    assert len(documents) == len(rendered)


def test_the_environment_by_plugin_env(app, monkeypatch):
    monkeypatch.setenv("ARGOCD_ENV_ENVIRONMENT", "b")
    assert qatgen(app, "argocd", "generate").code == 0


@pytest.mark.parametrize(
    ("value", "words"), [(None, "no environment is chosen; there are a, b"), ("c", 'no environment "c"')]
)
def test_no_environment(app, monkeypatch, value, words):
    if value:
        monkeypatch.setenv("ARGOCD_APP_PARAMETERS", parameter(value))
    result = qatgen(app, "argocd", "generate")
    assert (result.code, result.out, words in result.err) == (1, "", True)
    assert "application edge" in result.err


def test_a_spec_that_is_refused_names_application_environment_and_file(app, monkeypatch):
    monkeypatch.setenv("ARGOCD_APP_PARAMETERS", parameter("a"))
    write(app, {"spec.yaml": SMALL + "      vmiSpec: {domain: {devices: {watchdgo: {name: w}}}}\n"})
    result = qatgen(app, "argocd", "generate")
    assert (result.code, result.out) == (1, "")
    assert "qatgen, application edge, environment a:" in result.err
    assert "spec.yaml:24:" in result.err


def test_kube_version_checks_and_changes_nothing(app, monkeypatch):
    monkeypatch.setenv("ARGOCD_APP_PARAMETERS", parameter("a"))
    plain = qatgen(app, "argocd", "generate").out
    monkeypatch.setenv("KUBE_VERSION", "v1.35.2")
    assert qatgen(app, "argocd", "generate").out == plain
    monkeypatch.setenv("KUBE_VERSION", "1.25.0")
    result = qatgen(app, "argocd", "generate")
    assert (result.code, "(Kubernetes 1.25)" in result.err) == (1, True)


def test_parameters_are_announced(app):
    [about] = json.loads(qatgen(app, "argocd", "parameters").out)
    assert (about["name"], about["required"], about["itemType"]) == ("environment", True, "string")
    assert "a, b" in about["tooltip"]


def test_the_plugin_file_names_these_commands():
    text = (REPOSITORY / "integrations/argocd/plugin.yaml").read_bytes()
    spec = read_documents(text, "plugin", Dialect.KUBERNETES)[0].data["spec"]
    assert spec["generate"]["command"] == ["qatgen", "argocd", "generate"]
    assert spec["parameters"]["dynamic"]["command"] == ["qatgen", "argocd", "parameters"]
    assert spec["discover"] == {"fileName": "./spec.yaml"}
