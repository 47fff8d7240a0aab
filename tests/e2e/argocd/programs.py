"""Argo CD's programs, started in a given folder and stopped by the ids they started with; and a repository to give them."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from generator.source import Dialect, read_file
from tests.support.assets import asset_folder, asset_program
from tests.support.workspace import REPOSITORY

PLUGIN = REPOSITORY / "integrations" / "argocd" / "plugin.yaml"
_PARTS = ("spec.yaml", "overlays", "teams", "cloud-init", "rendered")
_SECONDS = 30


def argo() -> Path:
    """The folder of Argo CD's programs; skips where they were not built."""
    return asset_folder("argocd")


def path_variable() -> str:
    """PATH with qatgen itself, Argo CD's own scripts, and kustomize."""
    kustomize = asset_program("kustomize").parent  # the repo-server runs it for folders with a kustomization.yaml
    places = (str(Path(sys.executable).parent), str(argo()), str(kustomize), os.environ.get("PATH", ""))
    return os.pathsep.join(places)


def argotool(*arguments: str | Path, environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run one of argotool's front ends to its end."""
    variables = {**os.environ, "PATH": path_variable(), **(environment or {})}
    command = [str(argo() / "argotool"), *map(str, arguments)]
    return subprocess.run(command, env=variables, capture_output=True, text=True, check=False, timeout=120)


@contextmanager
def running(
    log: Path, command: list[str], environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A program that runs for a while; killed at the end, with the processes it started in its own group."""
    bound = [setpriv, "--pdeathsig", "KILL"] if (setpriv := shutil.which("setpriv")) else []
    variables = {**os.environ, "PATH": path_variable(), **(environment or {})}
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [*bound, *command], env=variables, stdout=stream, stderr=stream, stdin=subprocess.DEVNULL
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


@contextmanager
def plugin_server(folder: Path, environment: Mapping[str, str] | None = None) -> Iterator[Path]:
    """Argo CD's plugin sidecar on our plugin.yaml, in an empty folder; gives the socket it listens on."""
    config, sockets, work = folder / "config", folder / "plugins", folder / "work"
    for made in (config, sockets, work):
        made.mkdir(parents=True)
    shutil.copy(PLUGIN, config / "plugin.yaml")
    variables = {
        "ARGOCD_BINARY_NAME": "argocd-cmp-server",
        "ARGOCD_PLUGINSOCKFILEPATH": str(sockets),
        "ARGOCD_CMP_WORKDIR": str(work),
        **(environment or {}),
    }
    command = [str(argo() / "argocd"), "--config-dir-path", str(config), "--logformat", "text"]
    with running(folder / "server.log", command, variables) as process:
        end = time.monotonic() + _SECONDS
        while not (found := sorted(sockets.iterdir())):
            if process.poll() is not None or time.monotonic() > end:
                raise AssertionError((folder / "server.log").read_text("utf-8", "replace"))
            time.sleep(0.05)
        yield found[0]


def copy_platform(folder: Path) -> Path:
    """The example platform in a folder of its own, with its rendered trees."""
    for name in _PARTS:
        source = REPOSITORY / name
        if source.is_dir():
            shutil.copytree(source, folder / name)
        else:
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, folder / name)
    return folder


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder, as nobody in particular."""
    identity = ("-c", "user.name=bench", "-c", "user.email=bench@example.com", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(folder: Path) -> str:
    """Make a folder a repository with everything in one commit on `main`, or add one; gives the commit."""
    if not (folder / ".git").exists():
        git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "bench")
    return git(folder, "rev-parse", "HEAD")


def manifests(tree: Path) -> dict[str, dict[str, object]]:
    """The objects of a rendered tree by file, without its kustomization."""
    files = [path for path in sorted(tree.rglob("*.yaml")) if path != tree / "kustomization.yaml"]
    return {path.relative_to(tree).as_posix(): read_file(path, path.name, Dialect.KUBERNETES)[0].data for path in files}
