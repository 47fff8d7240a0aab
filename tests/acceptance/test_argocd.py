"""`qatgen argocd`: the contract of a config management plugin."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from generator.manifest import identify
from generator.source import Dialect, read_documents
from tests.support.workspace import REPOSITORY, SMALL, qatgen, tree, write


@pytest.fixture
def app(tmp_path, monkeypatch):
    for name in ("ARGOCD_APP_PARAMETERS", "ARGOCD_ENV_ENVIRONMENT", "KUBE_VERSION", "KUBE_API_VERSIONS"):
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


@pytest.mark.parametrize("parameters", ["", "[]", "null"])  # Argo CD writes null for none
def test_the_environment_by_plugin_env(app, monkeypatch, parameters):
    monkeypatch.setenv("ARGOCD_APP_PARAMETERS", parameters)
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


def announced(folder):
    return {about["name"]: about for about in json.loads(qatgen(folder, "argocd", "parameters").out)}


def test_parameters_are_announced(app):
    found = announced(app)
    assert next(iter(found)) == "environment"
    about = found["environment"]
    assert (about["required"], about["itemType"], "string" in about) == (True, "string", False)
    assert "a, b" in about["tooltip"]
    assert found["target.kubernetes"]["string"] == "1.36"
    assert found["kubevirt.featureGates"]["collectionType"] == "array"
    assert found["metadata.labels"]["collectionType"] == "map"
    assert found["devicePlugin.logLevel"]["itemType"] == "number"
    assert "One of hostDevices, qats, dra." in found["kubevirt.assignment"]["tooltip"]
    assert not [name for name in found if name.startswith(("delivery", "waivers", "include", "virtualMachines"))]


def test_a_value_is_announced_where_it_holds(app, monkeypatch):
    write(app, {"overlays/b/spec.yaml": 'spec: {target: {kubernetes: "1.35"}}\n'})
    assert "string" not in announced(app)["target.kubernetes"]
    monkeypatch.setenv("ARGOCD_ENV_ENVIRONMENT", "b")
    found = announced(app)
    assert (found["target.kubernetes"]["string"], found["environment"]["string"]) == ("1.35", "b")


def test_parameters_of_a_spec_without_overlays(tmp_path, monkeypatch):
    monkeypatch.delenv("ARGOCD_ENV_ENVIRONMENT", raising=False)
    write(tmp_path, {"spec.yaml": SMALL})
    about = announced(tmp_path)["environment"]
    assert (about["required"], about["string"]) == (False, "default")


def given(**values):
    shapes: dict[type, str] = {list: "array", dict: "map", str: "string"}
    entries = [{"name": name.replace("__", "."), shapes[type(value)]: value} for name, value in values.items()]
    return json.dumps([{"name": "environment", "string": "a"}, *entries])


def objects(text, kind):
    documents = read_documents(text, "out", Dialect.KUBERNETES)
    return [document.data for document in documents if document.data["kind"] == kind]


def test_parameters_lie_over_the_overlay(app, monkeypatch):
    values = {"kubevirt__featureGates": ["Snapshot"], "kubevirt__namespace": "kv", "metadata__labels": {"team": "net"}}
    monkeypatch.setenv("ARGOCD_APP_PARAMETERS", given(**values))
    [kubevirt] = objects(qatgen(app, "argocd", "generate").out, "KubeVirt")
    assert kubevirt["metadata"] == {
        "name": "kubevirt",
        "namespace": "kv",
        "labels": {"team": "net"},
        "annotations": kubevirt["metadata"]["annotations"],
    }
    assert "Snapshot" in kubevirt["spec"]["configuration"]["developerConfiguration"]["featureGates"]


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        (given(kubevirt__namespce="kv"), "ARG006", 'did you mean "kubevirt.namespace"'),
        (given(kubevirt__namespace=["kv"]), "ARG006", "gives no string"),
        (given(kubevirt__namespace="K V"), "SPC005", "ARGOCD_APP_PARAMETERS:"),
        (given(devicePlugin__logLevel="much"), "SPC003", "a whole number"),
        (given(devicePlugin__install="yes"), "SPC004", "daemonSet or operator or none"),
        ("[{", "ARG006", "is no JSON"),
        ('["environment"]', "ARG006", "no parameter"),
    ],
)
def test_parameters_that_are_none_or_malformed(app, monkeypatch, text, code, words):
    monkeypatch.setenv("ARGOCD_APP_PARAMETERS", text)
    monkeypatch.setenv("ARGOCD_ENV_ENVIRONMENT", "a")
    result = qatgen(app, "argocd", "generate")
    assert (result.code, result.out) == (1, "")
    assert code in result.err
    assert words in result.err


def test_what_the_cluster_does_not_serve_is_told_and_changes_nothing(app, monkeypatch):
    monkeypatch.setenv("ARGOCD_APP_PARAMETERS", parameter("a"))
    plain = qatgen(app, "argocd", "generate").out
    builtin = "v1,apps/v1,admissionregistration.k8s.io/v1"
    monkeypatch.setenv("KUBE_API_VERSIONS", builtin)
    result = qatgen(app, "argocd", "generate")
    assert (result.code, result.out) == (0, plain)
    assert "does not serve kubevirt.io/v1, the version of 1 object of kind VirtualMachine" in result.err
    monkeypatch.setenv("KUBE_API_VERSIONS", f"{builtin},kubevirt.io/v1/KubeVirt,kubevirt.io/v1")
    assert qatgen(app, "argocd", "generate").err == ""


def test_waves_are_derived_though_the_spec_names_no_delivery(app, monkeypatch):
    monkeypatch.setenv("ARGOCD_APP_PARAMETERS", parameter("a"))
    out = qatgen(app, "argocd", "generate").out

    def wave(kind):
        annotations = objects(out, kind)[0]["metadata"].get("annotations", {})
        return int(annotations.get("argocd.argoproj.io/sync-wave", "0"))

    assert wave("Namespace") < wave("DaemonSet") < wave("KubeVirt") < wave("VirtualMachine")


def test_there_is_no_network(app, monkeypatch):
    def refused(*_):
        raise AssertionError("asked for a socket")

    monkeypatch.setenv("ARGOCD_APP_PARAMETERS", parameter("a"))
    monkeypatch.setattr("socket.socket", refused)
    assert [qatgen(app, "argocd", command).code for command in ("generate", "parameters")] == [0, 0]


def test_a_template_without_an_end_is_ended(app, monkeypatch):
    monkeypatch.setenv("ARGOCD_APP_PARAMETERS", parameter("a"))
    loops = "{% for a in range(999999) %}{% for b in range(999999) %}{% endfor %}{% endfor %}"
    write(app, {"templates/namespace/namespace.yaml.j2": loops})
    result = qatgen(app, "argocd", "generate", "--timeout", "2")
    assert (result.code, result.out) == (1, "")
    assert "ARG008" in result.err or "RND" in result.err


def test_time_is_bounded_whatever_takes_it(app, monkeypatch):
    monkeypatch.setenv("ARGOCD_APP_PARAMETERS", parameter("a"))
    result = qatgen(app, "argocd", "generate", "--timeout", "0.001")
    assert (result.code, result.out) == (1, "")
    assert "rendering took more than 0.001 s" in result.err


def test_memory_is_bounded(app):
    environment = {**os.environ, "ARGOCD_APP_PARAMETERS": parameter("a"), "QATGEN_MEMORY": "64"}
    command = [sys.executable, "-m", "generator", "argocd", "generate"]
    result = subprocess.run(command, cwd=app, env=environment, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (1, "")
    assert "rendering needed more than 64 MiB of memory" in result.stderr


def test_the_hydrator_s_form(app):
    result = qatgen(app, "argocd", "hydrate", "--dry-sha", "abc", "--repo-url", "https://git.example.com/p.git")
    assert (result.code, result.out) == (0, "hydrated/a: written\nhydrated/b: written\n")
    files = tree(app / "hydrated")
    names = (".qatgen.index", "README.md", "hydrator.metadata", "manifest.yaml")
    assert set(files) == {"hydrator.metadata", *(f"{env}/{name}" for env in "ab" for name in names)}
    about = json.loads(files["a/hydrator.metadata"])
    assert about == {
        "repoURL": "https://git.example.com/p.git",
        "drySha": "abc",
        "commands": ["qatgen argocd hydrate --env a"],
    }
    assert qatgen(app, "render", "-q").code == 0
    rendered = [n for n in tree(app / "rendered/a") if n.endswith(".yaml") and n != "kustomization.yaml"]
    assert len(read_documents(files["a/manifest.yaml"], "m", Dialect.KUBERNETES)) == len(rendered)
    again = qatgen(app, "argocd", "hydrate", "--dry-sha", "abc", "--repo-url", "https://git.example.com/p.git")
    assert again.out == "hydrated/a: unchanged\nhydrated/b: unchanged\n"
    write(app, {"hydrated/a/stale.yaml": "x"})
    result = qatgen(app, "argocd", "hydrate", "--env", "a")
    assert (result.code, "hydrated/a/stale.yaml" in result.err, result.out) == (1, True, "")
    assert qatgen(app, "argocd", "hydrate", "--env", "a", "--remove-unknown").out == "hydrated/a: written\n"
    assert "a/stale.yaml" not in tree(app / "hydrated")


def test_no_objects_at_all_is_an_error(app, monkeypatch):
    monkeypatch.setenv("ARGOCD_APP_PARAMETERS", parameter("a"))
    monkeypatch.setattr("generator.cli.argocd.texts_of", lambda _: [])
    result = qatgen(app, "argocd", "generate")
    assert (result.code, result.out) == (1, "")
    assert 'environment "a" has no objects: Argo CD would prune everything' in result.err


def test_nothing_is_hydrated_of_a_spec_that_is_refused(app):
    write(app, {"spec.yaml": SMALL + "      vmiSpec: {domain: {devices: {watchdgo: {name: w}}}}\n"})
    result = qatgen(app, "argocd", "hydrate")
    assert (result.code, result.out, (app / "hydrated").exists()) == (1, "", False)


def test_the_plugin_file_names_these_commands():
    text = (REPOSITORY / "integrations/argocd/plugin.yaml").read_bytes()
    spec = read_documents(text, "plugin", Dialect.KUBERNETES)[0].data["spec"]
    assert spec["generate"]["command"] == ["qatgen", "argocd", "generate"]
    assert spec["parameters"]["dynamic"]["command"] == ["qatgen", "argocd", "parameters"]
    assert spec["discover"] == {"fileName": "./spec.yaml"}


def test_the_plan_says_what_each_waits_for(app):
    result = qatgen(app, "argocd", "plan", "--env", "a", "-o", "json")
    [steps] = json.loads(result.out).values()
    assert [step["wave"] for step in steps] == sorted(step["wave"] for step in steps)
    by_kind = {step["kind"]: step for step in steps}
    assert by_kind["VirtualMachine"]["objects"] == ["VirtualMachine vpn/gw"]
    assert by_kind["KubeVirt"]["after"] == ["DaemonSet intel-device-plugins/qat-preparation-vm"]
    assert by_kind["Namespace"]["after"] == []
    text = qatgen(app, "argocd", "plan", "--env", "a").out
    assert "  wave 0\n    Namespace intel-device-plugins and 1 more\n" in text
    assert "    KubeVirt kubevirt/kubevirt, after DaemonSet intel-device-plugins/qat-preparation-vm\n" in text


def test_the_plan_is_what_is_rendered(app):
    spec = SMALL + '  delivery: {argocd: {repository: "https://git.example.com/p.git"}}\n'
    overlay = "spec: {delivery: {argocd: {destination: {name: NAME}}}}\n"
    more = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "vpn"}}
    files = {f"overlays/{name}/spec.yaml": overlay.replace("NAME", name) for name in "ab"}
    kustomization = "kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\nresources: [secret.yaml]\n"
    files |= {"overlays/b/kustomization.yaml": kustomization, "overlays/b/secret.yaml": json.dumps(more)}
    write(app, {"spec.yaml": spec, **files})
    assert qatgen(app, "render", "-q").code == 0
    for name, steps in json.loads(qatgen(app, "argocd", "plan", "-o", "json").out).items():
        planned = {identity: step["wave"] for step in steps for identity in step["objects"]}
        rendered = {}
        for path in (app / "rendered" / name).rglob("*.yaml"):
            data = read_documents(path.read_bytes(), "f", Dialect.KUBERNETES)[0].data
            if data["kind"] != "Kustomization":
                wave = data["metadata"].get("annotations", {}).get("argocd.argoproj.io/sync-wave", "0")
                rendered[str(identify(data))] = int(wave)
        assert planned == rendered


def test_the_component_puts_the_sidecar_beside_the_repo_server(tmp_path):
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "argocd-repo-server", "namespace": "argocd"},
        "spec": {
            "template": {
                "spec": {
                    "containers": [{"name": "argocd-repo-server", "image": "quay.io/argoproj/argocd:v3.5.7"}],
                    "volumes": [{"name": "var-files", "emptyDir": {}}, {"name": "plugins", "emptyDir": {}}],
                }
            }
        },
    }
    shutil.copytree(REPOSITORY / "integrations" / "argocd", tmp_path / "plugin")
    kustomization = "resources: [deployment.yaml]\ncomponents: [plugin]\n"
    write(tmp_path, {"deployment.yaml": json.dumps(deployment), "kustomization.yaml": kustomization})
    result = qatgen(tmp_path, "build", ".")
    assert result.code == 0, result.err
    [config] = objects(result.out, "ConfigMap")
    assert config["data"]["plugin.yaml"] == (REPOSITORY / "integrations/argocd/plugin.yaml").read_text()
    [made] = objects(result.out, "Deployment")
    pod = made["spec"]["template"]["spec"]
    assert {container["name"] for container in pod["containers"]} == {"argocd-repo-server", "qatgen"}
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    assert volumes["qatgen-plugin"]["configMap"]["name"] == config["metadata"]["name"]
    sidecar = next(container for container in pod["containers"] if container["name"] == "qatgen")
    assert {mount["name"] for mount in sidecar["volumeMounts"]} == volumes.keys()
