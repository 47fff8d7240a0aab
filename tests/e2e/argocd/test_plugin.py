"""Argo CD's plugin server on our plugin.yaml, spoken to as the repo-server does."""

import json
from pathlib import Path

import pytest
import yaml

from tests.e2e.argocd.programs import argotool, commit, copy_platform, manifests, plugin_server
from tests.support.workspace import REPOSITORY, write

SERVED = "v1,apps/v1,admissionregistration.k8s.io/v1,kubevirt.io/v1,pool.kubevirt.io/v1beta1"


@pytest.fixture(scope="module")
def socket(tmp_path_factory):
    with plugin_server(tmp_path_factory.mktemp("cmp")) as found:
        yield found


@pytest.fixture
def platform(tmp_path):
    return copy_platform(tmp_path / "platform")


def application(folder: Path, *, repo="https://git.example.com/platform/edge-crypto.git", path=".", **plugin):
    data = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "edge", "namespace": "argocd"},
        "spec": {
            "project": "default",
            "destination": {"server": "https://kubernetes.default.svc", "namespace": "default"},
            "source": {"repoURL": repo, "targetRevision": "main", "path": path, "plugin": {"name": "qatgen", **plugin}},
        },
    }
    file = folder / "application.yaml"
    file.write_text(json.dumps(data), encoding="utf-8")
    return file


def ask(socket, repository, step, *more, tmp_path, **plugin):
    app = application(tmp_path, **plugin)
    arguments = ("-app", app, "-repo", repository, "-sock", socket, "-do", step, "-api-versions", SERVED)
    return argotool("cmp", *arguments, *more)


def environment(name):
    return [{"name": "environment", "string": name}]


def test_a_repository_with_a_spec_is_ours_and_another_is_not(socket, platform, tmp_path):
    found = ask(socket, platform, "check,match", tmp_path=tmp_path)
    assert found.stdout.splitlines() == [
        "check: discoveryConfigured=true provideGitCreds=false",
        "match: isSupported=true isDiscoveryEnabled=true",
    ], found.stderr
    write(tmp_path / "other", {"kustomization.yaml": "resources: []\n"})
    assert "isSupported=false" in ask(socket, tmp_path / "other", "match", tmp_path=tmp_path).stdout


def test_parameters_reach_the_user_interface(socket, platform, tmp_path):
    found = ask(socket, platform, "params", tmp_path=tmp_path)
    lines = [json.loads(line.removeprefix("param: ")) for line in found.stdout.splitlines()]
    assert lines[0]["name"] == "environment", found.stderr
    assert lines[0]["required"] is True
    by_name = {line["name"]: line for line in lines}
    assert by_name["kubevirt.featureGates"]["array"] == ["Snapshot"]
    assert by_name["devicePlugin.allocationPolicy"]["string"] == "packed"


@pytest.mark.parametrize("name", ["dev", "prod", "staging"])
def test_what_is_generated_is_what_is_rendered(socket, platform, tmp_path, name):
    found = ask(socket, platform, "generate", tmp_path=tmp_path, parameters=environment(name))
    assert found.returncode == 0, found.stderr
    head, _, text = found.stdout.partition("\n---\n")
    wanted = manifests(REPOSITORY / "rendered" / name)
    assert head == f"generate: {len(wanted)} manifests"
    assert sorted(map(canonical, printed(text))) == sorted(map(canonical, wanted.values()))


def printed(text):
    """The objects argotool prints, one after another with `---` between them."""
    while text:
        data, end = json.JSONDecoder().raw_decode(text)
        yield data
        text = text[end:].removeprefix("---\n").strip("\n")


def canonical(data):
    return json.dumps(data, sort_keys=True)


def test_the_environment_by_plugin_env(socket, platform, tmp_path):
    found = ask(socket, platform, "generate", tmp_path=tmp_path, env=[{"name": "ENVIRONMENT", "value": "dev"}])
    assert found.stdout.startswith(f"generate: {len(manifests(REPOSITORY / 'rendered' / 'dev'))} manifests")


def test_parameters_change_what_is_generated(socket, platform, tmp_path):
    more = [{"name": "kubevirt.featureGates", "array": ["VSOCK"]}]
    found = ask(socket, platform, "generate", tmp_path=tmp_path, parameters=[*environment("dev"), *more])
    assert '"VSOCK"' in found.stdout
    assert '"Snapshot"' not in found.stdout


def test_a_refused_spec_reaches_the_user_in_our_words(socket, platform, tmp_path):
    spec = platform / "spec.yaml"
    spec.write_text(spec.read_text().replace("deviceClass: sym}", "deviceClass: symm}", 1))
    found = ask(socket, platform, "generate", tmp_path=tmp_path, parameters=environment("prod"))
    assert found.returncode == 1
    line = next(n for n, text in enumerate(spec.read_text().splitlines(), 1) if "deviceClass: symm}" in text)
    for words in (
        "failed exit status 1",
        "qatgen, application edge, environment prod:",
        f"spec.yaml:{line}:",
        '"symm"',
    ):
        assert words in found.stderr


def test_no_environment_is_chosen(socket, platform, tmp_path):
    found = ask(socket, platform, "generate", tmp_path=tmp_path)
    assert (found.returncode, "there are dev, prod, staging" in found.stderr) == (1, True)


def test_a_link_out_of_the_repository_is_refused(socket, platform, tmp_path):
    write(tmp_path, {"secret.yaml": "kind: QATVirtualMachines\n"})
    (platform / "teams" / "more.yaml").symlink_to("../../secret.yaml")
    found = ask(socket, platform, "generate", tmp_path=tmp_path, parameters=environment("dev"))
    assert (found.returncode, "manifests" in found.stdout) == (1, False)
    assert 'symlink "../secret.yaml"' in found.stderr
    assert "path escapes from parent" in found.stderr


def test_a_deadline_ends_the_render(socket, platform, tmp_path):
    found = ask(socket, platform, "generate", "-timeout", "250ms", tmp_path=tmp_path, parameters=environment("prod"))
    assert (found.returncode, "manifests" in found.stdout) == (1, False)
    # Asked to end, then killed, and the caller gives up meanwhile: whichever comes first.
    ends = ("failed signal: terminated", "failed signal: killed", "DeadlineExceeded")
    assert any(words in found.stderr for words in ends), found.stderr


def test_our_own_deadline_comes_first_and_says_why(platform, tmp_path):
    with plugin_server(tmp_path / "cmp", {"QATGEN_TIMEOUT": "0.05"}) as socket:
        found = ask(socket, platform, "generate", tmp_path=tmp_path, parameters=environment("prod"))
    assert found.returncode == 1
    assert "rendering took more than 0.05 s" in found.stderr


class TestRepoServer:
    """Argo CD's repo-server itself: clones, asks the plugin, and hands on."""

    def generate(self, socket, repository, tmp_path):
        app = application(tmp_path, repo=f"file://{repository}", parameters=environment("dev"))
        found = argotool("repo", "-app", app, environment={"ARGOCD_PLUGINSOCKFILEPATH": str(socket.parent)})
        return found, [data for data in yaml.safe_load_all(found.stdout) if data]

    def test_it_takes_our_manifests_and_tracks_them(self, socket, platform, tmp_path):
        commit(platform)
        found, given = self.generate(socket, platform, tmp_path)
        assert found.returncode == 0, found.stderr
        assert "sourceType=Plugin" in found.stderr
        assert len(given) == len(manifests(REPOSITORY / "rendered" / "dev"))
        assert all("argocd.argoproj.io/tracking-id" in data["metadata"]["annotations"] for data in given)

    def test_an_absolute_link_out_is_refused(self, socket, platform, tmp_path):
        write(tmp_path, {"secret.yaml": "kind: QATVirtualMachines\n"})
        (platform / "teams" / "more.yaml").symlink_to(tmp_path / "secret.yaml")
        commit(platform)
        found, _ = self.generate(socket, platform, tmp_path)
        assert (found.returncode, "out-of-bounds symlinks" in found.stderr) == (1, True)
