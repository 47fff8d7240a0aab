"""A whole Argo CD without containers: its API objects on one kube-apiserver, its destinations each on another."""

import base64
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.source import Dialect, read_file
from tests.e2e.apiserver.cluster import serve, upstream_crds
from tests.e2e.argocd.programs import argo, plugin_server, running
from tests.support.apiserver import ApiServer, api_server, free_ports

NAMESPACE = "argocd"
_PART_OF = {"app.kubernetes.io/part-of": "argocd"}
_APPLICATION = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications"
_SECONDS = 90
_DAEMON_SETS = "/apis/apps/v1/daemonsets"

Object = dict[str, Any]


@dataclass(frozen=True)
class ArgoCD:
    """A running Argo CD: the server its objects stand on, and the folder of its logs."""

    server: ApiServer
    folder: Path

    def put(self, manifest: Mapping[str, Any]) -> None:
        """Store an object, or change the one of its name."""
        answer = self.server.apply(manifest, "bench", force=True)
        assert answer.ok, answer.message

    def application(self, name: str) -> Object:
        """An Application as Argo CD left it last; empty where there is none."""
        answer = self.server.request("GET", f"{_APPLICATION}/{name}")
        return dict(answer.body) if answer.ok else {}

    def refresh(self, name: str) -> None:
        """Have an Application compared anew, nothing remembered."""
        body = {"metadata": {"annotations": {"argocd.argoproj.io/refresh": "hard"}}}
        self._patch(name, body)

    def remove(self, name: str) -> None:
        """Take an Application away, and leave what it delivered."""
        self._patch(name, {"metadata": {"finalizers": None}})
        self.server.request("DELETE", f"{_APPLICATION}/{name}", {"propagationPolicy": "Background"})

    def _patch(self, name: str, body: Object) -> None:
        self.server.request("PATCH", f"{_APPLICATION}/{name}", body, content_type="application/merge-patch+json")

    def until(self, name: str, holds: Callable[[Object], bool], tick: Callable[[], None]) -> Object:
        """An Application once something holds of it; `tick` is done in the meantime. Fails with what it says instead."""
        end = time.monotonic() + _SECONDS
        while True:
            found = self.application(name)
            if found and holds(found):
                return found
            assert time.monotonic() < end, f"{name}: {json.dumps(found.get('status', found), indent=1)[:6000]}"
            tick()
            time.sleep(0.5)


def is_synced(application: Object) -> bool:
    """Whether everything was applied, and nothing differs."""
    status = application.get("status") or {}
    done = (status.get("operationState") or {}).get("phase")
    return (status.get("sync") or {}).get("status") == "Synced" and done == "Succeeded"


def conditions(application: Object) -> dict[str, str]:
    """What an Application complains of, by the type of the complaint."""
    found = (application.get("status") or {}).get("conditions") or []
    return {condition["type"]: condition["message"] for condition in found}


def _crds() -> list[Object]:
    paths = (argo() / "crds" / f"{name}-crd.yaml" for name in ("application", "appproject", "applicationset"))
    return [document.data for path in paths for document in read_file(path, path.name, Dialect.KUBERNETES)]


def _objects() -> Iterator[Object]:
    """What Argo CD wants to find of its own."""
    yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    meta = {"namespace": NAMESPACE, "labels": _PART_OF}
    yield {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "argocd-cm", **meta}, "data": {}}
    yield _secret("argocd-secret", {"server.secretkey": "bench"}, _PART_OF)
    yield _secret("argocd-redis", {"auth": ""}, {})
    everything = {"sourceRepos": ["*"], "destinations": [{"namespace": "*", "server": "*"}]}
    everything["clusterResourceWhitelist"] = [{"group": "*", "kind": "*"}]
    metadata = {"name": "default", "namespace": NAMESPACE}
    yield {"apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject", "metadata": metadata, "spec": everything}


def _secret(name: str, data: Mapping[str, str], labels: Mapping[str, str]) -> Object:
    encoded = {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
    metadata = {"name": name, "namespace": NAMESPACE, "labels": dict(labels)}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": encoded}


def cluster_secret(name: str, port: int) -> Object:
    """What tells Argo CD of a destination; nobody need listen there yet."""
    access = {"bearerToken": "admin", "tlsClientConfig": {"insecure": True}}
    data = {"name": name, "server": f"https://127.0.0.1:{port}", "config": json.dumps(access)}
    return _secret(f"cluster-{name}", data, {"argocd.argoproj.io/secret-type": "cluster"})


@contextmanager
def argo_cd(folder: Path) -> Iterator[ArgoCD]:
    """Start an API server, Redis, the plugin sidecar, the repo-server and both controllers; all stopped at the end."""
    program = str(argo() / "argocd")
    redis, repo, *metrics = free_ports(9)
    with ExitStack() as stack:
        server = stack.enter_context(api_server(folder / "server"))
        serve(server, _crds())
        for manifest in _objects():
            answer = server.create(manifest)
            assert answer.ok, answer.message
        socket = stack.enter_context(plugin_server(folder / "cmp"))
        temporary = folder / "tmp"
        temporary.mkdir()
        environment = {
            "KUBECONFIG": str(_kubeconfig(server, folder)),
            "TMPDIR": str(temporary),
            "ARGOCD_FAKE_IN_CLUSTER": "true",
            "ARGOCD_GPG_ENABLED": "false",
            "ARGOCD_PLUGINSOCKFILEPATH": str(socket.parent),
        }

        def start(name: str, *flags: str) -> None:
            more = {**environment, "ARGOCD_BINARY_NAME": f"argocd-{name}"}
            stack.enter_context(running(folder / f"{name}.log", [program, *flags, "--logformat", "text"], more))

        at = "127.0.0.1:{}".format
        connection = ("--kubeconfig", environment["KUBECONFIG"], "--namespace", NAMESPACE)
        stack.enter_context(running(folder / "redis.log", [str(argo() / "miniredis"), at(redis)]))
        start(
            "repo-server",
            *(
                "--redis",
                at(redis),
                "--disable-tls",
                "--client-ca-path=",
                "--address",
                "127.0.0.1",
                "--port",
                str(repo),
            ),
            *("--metrics-address", "127.0.0.1", "--metrics-port", str(metrics[0])),
        )
        start(
            "application-controller",
            *connection,
            *("--repo-server", at(repo), "--repo-server-plaintext", "--redis", at(redis)),
            *("--metrics-port", str(metrics[1]), "--app-resync", "20", "--self-heal-timeout-seconds", "1"),
        )
        start(
            "applicationset-controller",
            *connection,
            *("--argocd-repo-server", at(repo), "--repo-server-plaintext", "--enable-leader-election=false"),
            *("--metrics-addr", at(metrics[2]), "--probe-addr", at(metrics[3]), "--webhook-addr", at(metrics[4])),
        )
        yield ArgoCD(server, folder)


def _kubeconfig(server: ApiServer, folder: Path) -> Path:
    """The server's, with Argo CD's namespace as the one that is meant."""
    data = json.loads(server.kubeconfig.read_text(encoding="utf-8"))
    data["contexts"][0]["context"]["namespace"] = NAMESPACE
    path = folder / "kubeconfig"
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


@contextmanager
def destination(folder: Path, without: Sequence[Object] = ()) -> Iterator[ApiServer]:
    """A cluster to deliver to: the kinds of KubeVirt, NFD and Intel are served, and KubeVirt's namespace is there.

    `without` are CRDs that are left out.
    """
    with api_server(folder) as server:
        serve(server, [crd for crd in upstream_crds(extended=False) if crd not in without])
        answer = server.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kubevirt"}})
        assert answer.ok, answer.message
        yield server


def settle(server: ApiServer) -> None:
    """What a cluster's controllers would say of DaemonSets: all pods are there. Without, no wave would go on."""
    listed = server.request("GET", _DAEMON_SETS)
    for item in listed.body.get("items", []) if listed.ok else []:
        generation = item["metadata"]["generation"]
        if (item.get("status") or {}).get("observedGeneration") == generation:
            continue
        counts = ("currentNumberScheduled", "desiredNumberScheduled", "numberReady", "updatedNumberScheduled")
        status = {**dict.fromkeys((*counts, "numberAvailable"), 1), "numberMisscheduled": 0}
        namespace, name = item["metadata"]["namespace"], item["metadata"]["name"]
        path = f"/apis/apps/v1/namespaces/{namespace}/daemonsets/{name}/status"
        body = {"status": {**status, "observedGeneration": generation}}
        server.request("PATCH", path, body, content_type="application/merge-patch+json")
