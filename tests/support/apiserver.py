"""A kube-apiserver of one's own: etcd and the server on loopback, in a given folder, stopped by the ids they started with."""

import json
import shutil
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from tests.support.assets import asset_folder, asset_program

_READY_SECONDS = 60
_PATIENCE = 120
_TYPES = {
    "POST": "application/json",
    "PUT": "application/json",
    "DELETE": "application/json",
    "PATCH": "application/apply-patch+yaml",
}


class ServerError(Exception):
    """The server did not come up, or was asked for a kind it does not serve."""


@dataclass(frozen=True)
class Answer:
    """What the server said to one request."""

    status: int
    body: Any
    warnings: tuple[str, ...] = ()
    audit_id: str = ""

    @property
    def ok(self) -> bool:
        """Whether the request was taken."""
        return 200 <= self.status < 300

    @property
    def message(self) -> str:
        """The message of a Status; empty for an object."""
        return str(self.body.get("message", "")) if isinstance(self.body, dict) and not self.ok else ""

    @property
    def reason(self) -> str:
        """The machine-readable reason of a Status."""
        return str(self.body.get("reason", "")) if isinstance(self.body, dict) and not self.ok else ""


@dataclass(frozen=True)
class Served:
    """One kind the server knows: where its objects stand in the URL space."""

    prefix: str
    plural: str
    namespaced: bool


@dataclass(frozen=True)
class ApiServer:
    """A running server, and requests to it over one kept connection; not for several threads."""

    port: int
    folder: Path
    version: str
    _connections: list[HTTPSConnection] = field(default_factory=list, repr=False)
    _served: dict[str, dict[str, Served]] = field(default_factory=dict, repr=False)

    @property
    def kubeconfig(self) -> Path:
        """For kubectl and whatever else reads one; the user is of group system:masters."""
        return self.folder / "kubeconfig"

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: Mapping[str, str] | None = None,
        content_type: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request; a string or bytes go as they are, anything else as JSON."""
        url = path + ("?" + urlencode(query) if query else "")
        sent = body if isinstance(body, str | bytes | None) else json.dumps(body)
        head = {"Authorization": "Bearer admin", "Accept": "application/json", **(headers or {})}
        if sent is not None:
            head["Content-Type"] = content_type or _TYPES[method]
        try:
            response, text = self._send(method, url, sent, head, fresh=False)
        except (HTTPException, OSError):  # a server closes a connection that was idle for long
            response, text = self._send(method, url, sent, head, fresh=True)
        warnings = tuple(_warning(value) for value in response.headers.get_all("Warning") or ())
        return Answer(response.status, _parsed(text), warnings, response.headers.get("Audit-Id", ""))

    def _send(
        self, method: str, url: str, body: str | bytes | None, headers: Mapping[str, str], *, fresh: bool
    ) -> tuple[HTTPResponse, bytes]:
        connection = self._connection(fresh=fresh)
        connection.request(method, url, body.encode() if isinstance(body, str) else body, dict(headers))
        response = connection.getresponse()
        return response, response.read()

    def create(
        self,
        manifest: Mapping[str, Any],
        *,
        dry_run: bool = False,
        strict: bool = True,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """POST an object; unknown and duplicate fields are refused unless `strict` is off."""
        path = self.path(manifest, named=False)
        return self.request("POST", path, manifest, query=_query(dry_run, strict), headers=headers)

    def update(
        self,
        manifest: Mapping[str, Any],
        *,
        dry_run: bool = False,
        strict: bool = True,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """PUT an object over the stored one of its name."""
        query = _query(dry_run, strict)
        return self.request("PUT", self.path(manifest), manifest, query=query, headers=headers)

    def apply(self, manifest: Mapping[str, Any], manager: str, *, force: bool = False, dry_run: bool = False) -> Answer:
        """Server-side apply under a field manager."""
        query = {**_query(dry_run, strict=True), "fieldManager": manager, "force": str(force).lower()}
        return self.request("PATCH", self.path(manifest), manifest, query=query)

    def get(self, manifest: Mapping[str, Any]) -> Answer:
        """The stored object of a manifest's kind, namespace and name."""
        return self.request("GET", self.path(manifest))

    def delete(
        self, manifest: Mapping[str, Any], *, dry_run: bool = False, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Delete the stored object, at once."""
        how: dict[str, Any] = {"gracePeriodSeconds": 0, "propagationPolicy": "Background"}
        body = {**how, "dryRun": ["All"]} if dry_run else how
        return self.request("DELETE", self.path(manifest), body, headers=headers)

    def served(self, api_version: str, kind: str) -> Served:
        """Where a kind stands; asked once a group version, and once more when the kind is not among the known."""
        known = self._served.get(api_version, {})
        if kind not in known:
            known = self._served[api_version] = self._discover(api_version)
        if kind not in known:
            raise ServerError(f"the server has no {kind} of {api_version}")
        return known[kind]

    def serves(self, api_version: str, kind: str) -> bool:
        """Whether a kind is among those the server lists; it lists a new one a moment after it serves it."""
        try:
            self.served(api_version, kind)
        except ServerError:
            return False
        return True

    def path(self, manifest: Mapping[str, Any], *, named: bool = True) -> str:
        """The URL path of an object, or of the collection it is created in."""
        served = self.served(manifest["apiVersion"], manifest["kind"])
        metadata = manifest["metadata"]
        parts = [served.prefix]
        if served.namespaced:
            parts += ["namespaces", metadata.get("namespace") or "default"]
        parts.append(served.plural)
        if named:
            parts.append(quote(str(metadata["name"]), safe=""))
        return "/".join(parts)

    def _discover(self, api_version: str) -> dict[str, Served]:
        prefix = "/apis/" + api_version if "/" in api_version else "/api/" + api_version
        answer = self.request("GET", prefix)
        if not answer.ok:
            return {}
        return {
            entry["kind"]: Served(prefix, entry["name"], entry["namespaced"])
            for entry in answer.body["resources"]
            if "/" not in entry["name"]
        }

    def _connection(self, *, fresh: bool) -> HTTPSConnection:
        if fresh or not self._connections:
            for old in self._connections:
                old.close()
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            self._connections[:] = [HTTPSConnection("127.0.0.1", self.port, context=context, timeout=_PATIENCE)]
        return self._connections[0]

    def close(self) -> None:
        """Let the connection go."""
        for connection in self._connections:
            connection.close()
        self._connections.clear()


@contextmanager
def api_server(folder: Path, *flags: str) -> Iterator[ApiServer]:
    """Start etcd and a kube-apiserver in an empty folder, with more flags where given; skips where one is not there.

    Both are killed at the end, not asked: a server whose etcd is gone would wait for it. Raises ServerError with the
    last lines of the server's log when it is not ready in time.
    """
    server = asset_folder("kube-apiserver") / "kube-apiserver"
    etcd = asset_program("etcd")
    openssl = asset_program("openssl")
    (folder / "certs").mkdir(parents=True)
    subprocess.run([openssl, "genrsa", "-out", folder / "sa.key", "2048"], check=True, capture_output=True)
    (folder / "tokens.csv").write_text('admin,admin,1,"system:masters"\n', encoding="utf-8")
    port, client, peer = free_ports(3)
    (folder / "kubeconfig").write_text(_kubeconfig(port), encoding="utf-8")
    started: list[subprocess.Popen[bytes]] = []
    try:
        started.append(_start(folder / "etcd.log", _etcd_command(etcd, folder, client, peer)))
        started.append(_start(folder / "apiserver.log", [*_server_command(server, folder, port, client), *flags]))
        running = ApiServer(port, folder, _wait(port, folder, started))
        try:
            yield running
        finally:
            running.close()
    finally:
        for process in reversed(started):
            process.send_signal(signal.SIGKILL)
            process.wait()


def _etcd_command(etcd: Path, folder: Path, client: int, peer: int) -> list[str]:
    urls = partial("http://127.0.0.1:{}".format)
    return [
        str(etcd),
        f"--data-dir={folder / 'data'}",
        f"--listen-client-urls={urls(client)}",
        f"--advertise-client-urls={urls(client)}",
        f"--listen-peer-urls={urls(peer)}",
        f"--initial-advertise-peer-urls={urls(peer)}",
        f"--initial-cluster=default={urls(peer)}",
        "--unsafe-no-fsync",
    ]


def _server_command(server: Path, folder: Path, port: int, etcd: int) -> list[str]:
    """As envtest starts it; privileged containers are allowed, as clusters that prepare nodes allow them."""
    return [
        str(server),
        f"--etcd-servers=http://127.0.0.1:{etcd}",
        f"--cert-dir={folder / 'certs'}",
        "--bind-address=127.0.0.1",
        f"--secure-port={port}",
        "--service-account-issuer=https://bench",
        f"--service-account-key-file={folder / 'sa.key'}",
        f"--service-account-signing-key-file={folder / 'sa.key'}",
        "--service-cluster-ip-range=10.0.0.0/24",
        "--authorization-mode=RBAC",
        f"--token-auth-file={folder / 'tokens.csv'}",
        "--anonymous-auth=false",
        "--disable-admission-plugins=ServiceAccount",
        "--allow-privileged=true",
    ]


def _start(log: Path, command: list[str]) -> subprocess.Popen[bytes]:
    """A process that ends with us, whatever becomes of us, where the system can promise that."""
    bound = [setpriv, "--pdeathsig", "KILL"] if (setpriv := shutil.which("setpriv")) else []
    with log.open("wb") as stream:
        return subprocess.Popen([*bound, *command], stdout=stream, stderr=stream, stdin=subprocess.DEVNULL)


def _wait(port: int, folder: Path, started: list[subprocess.Popen[bytes]]) -> str:
    """Until the server says it is ready; gives its version."""
    asking = ApiServer(port, folder, "")
    end = time.monotonic() + _READY_SECONDS
    try:
        while time.monotonic() < end and all(process.poll() is None for process in started):
            try:
                if asking.request("GET", "/readyz").ok:
                    return str(asking.request("GET", "/version").body["gitVersion"])
            except (OSError, HTTPException):
                pass
            time.sleep(0.2)
    finally:
        asking.close()
    said = (folder / "apiserver.log").read_text("utf-8", "replace").splitlines()[-5:]
    raise ServerError("kube-apiserver is not ready: " + "\n".join(said))


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on just now; all are held until all are known, so they differ."""
    held = [socket.socket() for _ in range(count)]
    try:
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in held]
    finally:
        for one in held:
            one.close()


def _kubeconfig(port: int) -> str:
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "bench",
            "clusters": [
                {"name": "bench", "cluster": {"server": f"https://127.0.0.1:{port}", "insecure-skip-tls-verify": True}}
            ],
            "users": [{"name": "admin", "user": {"token": "admin"}}],
            "contexts": [{"name": "bench", "context": {"cluster": "bench", "user": "admin"}}],
        }
    )


def _query(dry_run: bool, strict: bool) -> dict[str, str]:
    query = {"fieldValidation": "Strict" if strict else "Ignore"}
    return {**query, "dryRun": "All"} if dry_run else query


def _parsed(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text.decode("utf-8", "replace")


def _warning(header: str) -> str:
    """The text of a Warning header: `299 - "text"`, quotes and backslashes escaped."""
    quoted = header.split(" ", 2)[-1]
    return quoted[1:-1].replace('\\"', '"').replace("\\\\", "\\") if quoted[:1] == '"' else quoted
