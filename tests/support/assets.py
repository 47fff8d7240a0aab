"""Where the programs of the end-to-end tests stand: built by `make e2e-assets`, outside the tree, once a version."""

import os
import shutil
from pathlib import Path

import pytest
from packaging.version import InvalidVersion, Version


def assets_root() -> Path:
    """The cache: `$QATGEN_ASSETS`, else `$XDG_CACHE_HOME/qatgen/e2e`, else `~/.cache/qatgen/e2e`; may not exist."""
    named = os.environ.get("QATGEN_ASSETS")
    if named:
        return Path(named)
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "qatgen" / "e2e"


def asset_folder(program: str, version: str | None = None) -> Path:
    """The folder `<program>-<version>` of a built program, the newest where no version is asked for.

    `KUBEBUILDER_ASSETS` answers for kube-apiserver where that program stands in it. Skips the calling test, saying what
    to run, where the program was not built.
    """
    given = _kubebuilder(program)
    if given is not None and version is None:
        return given.parent
    root = assets_root()
    found = [path for path in root.glob(f"{program}-*") if path.is_dir() and any(path.iterdir())]
    if version is not None:
        found = [path for path in found if path.name == f"{program}-{version}"]
    if not found:
        wanted = program if version is None else f"{program} {version}"
        pytest.skip(f"no {wanted} in {root}: run `make e2e-assets` (QATGEN_ASSETS names another folder)")
    return max(found, key=lambda path: _order(path.name.removeprefix(f"{program}-")))


def asset_program(name: str) -> Path:
    """A program by its name: of `KUBEBUILDER_ASSETS`, of the cache's `bin/`, else of PATH; skips where it is nowhere."""
    for path in (_kubebuilder(name), assets_root() / "bin" / name):
        if path is not None and os.access(path, os.X_OK):
            return path
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"no {name} on PATH nor in {assets_root() / 'bin'}: run `make e2e-assets`")
    return Path(found)


def _kubebuilder(program: str) -> Path | None:
    folder = os.environ.get("KUBEBUILDER_ASSETS")
    path = Path(folder) / program if folder else None
    return path if path is not None and os.access(path, os.X_OK) else None


def _order(version: str) -> tuple[bool, Version]:
    """Newest last; what is no version stands before all that is."""
    try:
        return True, Version(version)
    except InvalidVersion:
        return False, Version("0")
