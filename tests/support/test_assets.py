"""Programs of the end-to-end tests are found where they were built, and missed loudly."""

import pytest

from tests.support.assets import asset_folder, asset_program, assets_root


@pytest.fixture(autouse=True)
def _cache(tmp_path, monkeypatch):
    monkeypatch.setenv("QATGEN_ASSETS", str(tmp_path / "cache"))
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)


def put(folder, name):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("#!/bin/sh\n")
    (folder / name).chmod(0o755)


def test_the_newest_version_or_the_one_asked_for():
    for version in ("v1.9.0", "v1.10.0", "v1.8.0"):
        put(assets_root() / f"thing-{version}", "thing")
    assert asset_folder("thing").name == "thing-v1.10.0"
    assert asset_folder("thing", "v1.8.0").name == "thing-v1.8.0"


@pytest.mark.parametrize("version", [None, "v1.9.0"])
def test_a_missing_or_empty_folder_skips_and_says_what_to_run(version):
    (assets_root() / "thing-v1.9.0").mkdir(parents=True)
    with pytest.raises(pytest.skip.Exception, match=r"no thing.* run `make e2e-assets`"):
        asset_folder("thing", version)


def test_kubebuilder_assets_come_first(tmp_path, monkeypatch):
    put(assets_root() / "kube-apiserver-1.36.3", "kube-apiserver")
    put(tmp_path / "kubebuilder", "kube-apiserver")
    put(tmp_path / "kubebuilder", "etcd")
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(tmp_path / "kubebuilder"))
    assert asset_folder("kube-apiserver") == tmp_path / "kubebuilder"
    assert asset_folder("kube-apiserver", "1.36.3").name == "kube-apiserver-1.36.3"
    assert asset_program("etcd") == tmp_path / "kubebuilder" / "etcd"


def test_programs_of_the_cache_before_those_of_the_path(tmp_path, monkeypatch):
    put(tmp_path / "path", "thing")
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    assert asset_program("thing") == tmp_path / "path" / "thing"
    put(assets_root() / "bin", "thing")
    assert asset_program("thing") == assets_root() / "bin" / "thing"
    with pytest.raises(pytest.skip.Exception, match="no other on PATH"):
        asset_program("other")
