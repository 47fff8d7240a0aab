"""Argo CD's own ApplicationSet generator, validation of projects, and rendering of what its Applications point at."""

import shutil

import pytest
import yaml

from tests.e2e.argocd.programs import argo, argotool, commit, copy_platform, manifests
from tests.support.workspace import REPOSITORY, qatgen

URL = "https://git.example.com/platform/edge-crypto.git"
ENVIRONMENTS = ("dev", "prod", "staging")


def cluster(name, number):
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": f"cluster-{name}",
            "namespace": "argocd",
            "labels": {"argocd.argoproj.io/secret-type": "cluster"},
        },
        "stringData": {"name": f"edge-{name}", "server": f"https://10.0.0.{number}:6443", "config": "{}"},
    }


@pytest.fixture(scope="module")
def delivered(tmp_path_factory):
    """The platform in a repository, and cluster secrets for its destinations."""
    folder = tmp_path_factory.mktemp("applications")
    platform = copy_platform(folder / "platform")
    commit(platform)
    secrets = folder / "clusters.yaml"
    secrets.write_text(yaml.safe_dump_all([cluster(name, n) for n, name in enumerate(ENVIRONMENTS, 1)]))
    return platform, secrets


def files(platform):
    return sorted((platform / "rendered" / "argocd").glob("*.yaml"))


def test_one_application_for_each_environment(delivered):
    platform, secrets = delivered
    found = argotool("appset", "-map", f"{URL}=file://{platform}", "-crds", argo() / "crds", *files(platform), secrets)
    assert found.returncode == 0, found.stderr
    apps = {app["metadata"]["name"]: app for app in yaml.safe_load_all(found.stdout)}
    assert sorted(apps) == [f"edge-crypto-{name}" for name in ENVIRONMENTS]
    for name in ENVIRONMENTS:
        # Its end is not the end of what it delivered.
        assert "finalizers" not in apps[f"edge-crypto-{name}"]["metadata"]
        spec = apps[f"edge-crypto-{name}"]["spec"]
        assert spec["destination"] == {"name": f"edge-{name}"}
        assert spec["source"] == {"repoURL": URL, "targetRevision": "main", "path": f"rendered/{name}"}
        assert "ServerSideApply=true" in spec["syncPolicy"]["syncOptions"]
        kinds = {entry["kind"] for entry in spec["ignoreDifferences"]}
        assert {"KubeVirt", "VirtualMachine", "DaemonSet"} <= kinds


def validate(platform, secrets):
    arguments = ("-render", "-crds", argo() / "crds", "-map", f"{URL}=file://{platform}")
    return argotool("validate", *arguments, *files(platform), secrets)


def test_project_and_applications_are_valid_and_allow_what_is_rendered(delivered):
    platform, secrets = delivered
    found = validate(platform, secrets)
    assert found.returncode == 0, found.stdout + found.stderr
    for name in ENVIRONMENTS:
        count = len(manifests(REPOSITORY / "rendered" / name))
        assert f"ok    Application edge-crypto-{name}: {count} manifests (Kustomize)" in found.stdout
    assert "1 applicationsets, 0 errors" in found.stdout


def test_a_kind_the_project_does_not_know_is_refused(delivered, tmp_path):
    """That the check above can fail."""
    platform, secrets = delivered
    other = tmp_path / "platform"
    shutil.copytree(platform, other)
    project = next(path for path in files(other) if "appproject" in path.name)
    data = yaml.safe_load(project.read_text())
    rows = data["spec"]["namespaceResourceWhitelist"]
    data["spec"]["namespaceResourceWhitelist"] = [row for row in rows if row["kind"] != "KubeVirt"]
    project.write_text(yaml.safe_dump(data))
    found = validate(other, secrets)
    assert found.returncode == 1
    assert "resource kubevirt.io:KubeVirt is not permitted" in found.stdout


def test_what_the_hydrator_s_form_holds_is_what_argocd_reads(delivered, tmp_path):
    """A folder with one manifest.yaml, as an Application's sync source would be."""
    platform, secrets = delivered
    result = qatgen(platform, "argocd", "hydrate", "--output-dir", str(tmp_path / "hydrated"))
    assert result.code == 0, result.err
    commit(tmp_path / "hydrated")
    project, applications = files(platform)[1], files(platform)[0]
    data = yaml.safe_load(applications.read_text())
    for element in data["spec"]["generators"][0]["list"]["elements"]:
        element["path"] = element["environment"]
    (tmp_path / "set.yaml").write_text(yaml.safe_dump(data))
    arguments = ("-render", "-crds", argo() / "crds", "-map", f"{URL}=file://{tmp_path / 'hydrated'}")
    found = argotool("validate", *arguments, project, tmp_path / "set.yaml", secrets)
    assert found.returncode == 0, found.stdout + found.stderr
    for name in ENVIRONMENTS:
        count = len(manifests(REPOSITORY / "rendered" / name))
        assert f"ok    Application edge-crypto-{name}: {count} manifests (Directory)" in found.stdout


def test_what_init_writes_is_delivered_from_one_application(tmp_path):
    """The app-of-apps of a new repository: the root brings project and set, the set one application an environment."""
    platform = tmp_path / "edge"
    assert qatgen(tmp_path, "init", "edge").code == 0
    assert qatgen(platform, "render", "-q").code == 0
    commit(platform)
    url = "https://git.example.com/edge.git"
    secrets = tmp_path / "clusters.yaml"
    rows = [cluster(name, n) for n, name in enumerate(("dev", "prod"), 1)]
    secrets.write_text(yaml.safe_dump_all(rows))
    arguments = ("-render", "-crds", argo() / "crds", "-map", f"{url}=file://{platform}")
    found = argotool("validate", *arguments, platform / "argocd" / "root.yaml", *files(platform), secrets)
    assert found.returncode == 0, found.stdout + found.stderr
    assert "ok    Application edge-root: 2 manifests (Directory)" in found.stdout
    for name in ("dev", "prod"):
        assert (
            f"ok    Application edge-{name}: {len(manifests(platform / 'rendered' / name))} manifests" in found.stdout
        )
