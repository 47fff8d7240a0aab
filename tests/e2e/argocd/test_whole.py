"""A whole Argo CD delivers every environment, heals what is changed by hand, and tells why a spec is refused."""

import pytest

from generator.source import Dialect, read_file
from tests.e2e.apiserver.cluster import serve, upstream_crds
from tests.e2e.argocd.bench import argo_cd, cluster_secret, conditions, destination, is_synced, settle
from tests.e2e.argocd.programs import commit, copy_platform, git, manifests
from tests.support.apiserver import free_ports
from tests.support.parity import Row, record
from tests.support.workspace import qatgen

ENVIRONMENTS = ("dev", "staging", "prod")
PROJECT = "edge-crypto"
KUBEVIRT = {
    "apiVersion": "kubevirt.io/v1",
    "kind": "KubeVirt",
    "metadata": {"name": "kubevirt", "namespace": "kubevirt"},
}


@pytest.fixture(scope="module")
def platform(tmp_path_factory):
    """The example platform, its repository a folder here, rendered and committed."""
    folder = copy_platform(tmp_path_factory.mktemp("platform") / "repo")
    spec = folder / "spec.yaml"
    text = spec.read_text(encoding="utf-8")
    url = "https://git.example.com/platform/edge-crypto.git"
    assert url in text
    spec.write_text(text.replace(url, f"file://{folder}"), encoding="utf-8")
    result = qatgen(folder, "render", "-q")
    assert result.code == 0, result.err
    commit(folder)
    return folder


@pytest.fixture(scope="module")
def argo(tmp_path_factory, platform):
    """Argo CD with our AppProject and ApplicationSet; the destinations are known, and nobody listens there yet.

    Where one is not known, the ApplicationSet makes no Application for it.
    """
    with argo_cd(tmp_path_factory.mktemp("argocd")) as found:
        for name, port in zip(ENVIRONMENTS, free_ports(len(ENVIRONMENTS)), strict=True):
            found.put(cluster_secret(f"edge-{name}", port))
        for path in sorted((platform / "rendered" / "argocd").glob("*.yaml"), reverse=True):
            found.put(read_file(path, path.name, Dialect.KUBERNETES)[0].data)
        yield found


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_an_environment_is_synced_and_healed(argo, platform, tmp_path, name):
    app = f"{PROJECT}-{name}"
    with destination(tmp_path / "cluster") as cluster:
        argo.put(cluster_secret(f"edge-{name}", cluster.port))
        argo.until(app, bool, lambda: None)
        argo.refresh(app)
        found = argo.until(app, is_synced, lambda: settle(cluster))
        wanted = manifests(platform / "rendered" / name)
        resources = found["status"]["resources"]
        misses = [f"{r['kind']} {r['name']}: {r['status']}" for r in resources if r["status"] != "Synced"]
        record(f"argocd-synced-{name}", [
            Row(area="Argo CD", what=f"objects of {name} that a whole Argo CD reports Synced", program="Argo CD 3.5.7",
                cases=len(wanted), misses=misses),
        ])  # fmt: skip
        assert (len(resources), misses) == (len(wanted), [])
        assert [data for data in wanted.values() if not cluster.get(data).ok] == []
        assert conditions(found) == {}
        heal(argo, cluster, app)
    argo.remove(app)


def heal(argo, cluster, app):
    """A gate that is taken away by hand comes back, and Argo CD is content again."""
    gates = "spec", "configuration", "developerConfiguration", "featureGates"

    def gates_now():
        value = cluster.get(KUBEVIRT).body
        for part in gates:
            value = value[part]
        return value

    before = gates_now()
    assert "HostDevices" in before
    none: list[str] = []
    body = {"spec": {"configuration": {"developerConfiguration": {"featureGates": none}}}}
    path = cluster.path(KUBEVIRT)
    answer = cluster.request(
        "PATCH", path, body, content_type="application/merge-patch+json", query={"fieldManager": "hand"}
    )
    assert (answer.ok, gates_now()) == (True, [])
    argo.until(app, lambda found: is_synced(found) and gates_now() == before, lambda: settle(cluster))


def by_plugin(app, repository, revision, environment):
    source = {
        "repoURL": f"file://{repository}",
        "targetRevision": revision,
        "path": ".",
        "plugin": {"name": "qatgen", "parameters": [{"name": "environment", "string": environment}]},
    }
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": app, "namespace": "argocd"},
        "spec": {
            "project": "default",
            "source": source,
            "destination": {"name": "bench"},
            "syncPolicy": {"automated": {}, "syncOptions": ["ServerSideApply=true"]},
        },
    }


def test_the_plugin_delivers_and_a_refused_spec_is_told_in_our_words(argo, platform, tmp_path):
    git(platform, "checkout", "--quiet", "-b", "broken")
    spec = platform / "spec.yaml"
    good = spec.read_text(encoding="utf-8")
    spec.write_text(good.replace("deviceClass: sym}", "deviceClass: symm}", 1), encoding="utf-8")
    commit(platform)
    git(platform, "checkout", "--quiet", "main")
    line = next(n for n, text in enumerate(good.splitlines(), 1) if "deviceClass: sym}" in text)
    with destination(tmp_path / "cluster") as cluster:
        argo.put(cluster_secret("bench", cluster.port))
        argo.put(by_plugin("plugin-dev", platform, "main", "dev"))
        argo.put(by_plugin("plugin-broken", platform, "broken", "dev"))
        refused = argo.until("plugin-broken", lambda app: "ComparisonError" in conditions(app), lambda: settle(cluster))
        message = conditions(refused)["ComparisonError"]
        for words in ("qatgen, application plugin-broken, environment dev:", f"spec.yaml:{line}:", '"symm"'):
            assert words in message
        delivered = argo.until("plugin-dev", is_synced, lambda: settle(cluster))
        assert len(delivered["status"]["resources"]) == len(manifests(platform / "rendered" / "dev"))
        assert delivered["status"]["sourceType"] == "Plugin"
    for name in ("plugin-dev", "plugin-broken"):
        argo.remove(name)


def test_an_operator_that_comes_later_is_waited_for(argo, tmp_path):
    """KubeVirt's kinds are not there yet: what needs them fails, is tried again, and is there once they are."""
    app = f"{PROJECT}-dev"
    kubevirt = [crd for crd in upstream_crds(extended=False) if "kubevirt" in crd["spec"]["group"]]
    with destination(tmp_path / "cluster", without=kubevirt) as cluster:
        argo.put(cluster_secret("edge-dev", cluster.port))
        argo.until(app, bool, lambda: None)
        argo.refresh(app)

        def failed(found):
            state = (found.get("status") or {}).get("operationState") or {}
            results = (state.get("syncResult") or {}).get("resources") or []
            return any(r["kind"] == "KubeVirt" and r.get("status") == "SyncFailed" for r in results)

        before = argo.until(app, failed, lambda: settle(cluster))
        kinds = {r["kind"] for r in before["status"]["operationState"]["syncResult"]["resources"]}
        assert {"Namespace", "DaemonSet", "ValidatingAdmissionPolicy"} <= kinds
        assert not kinds & {"VirtualMachine", "VirtualMachinePool"}
        serve(cluster, kubevirt)
        argo.until(app, is_synced, lambda: settle(cluster))
    argo.remove(app)
