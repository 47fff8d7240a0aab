"""Rendering: the same bytes every time, trees that appear whole, environments that stay apart."""

import errno
import os
import subprocess
import sys

import pytest

from generator.emit import write_file
from tests.support.workspace import REPOSITORY, SMALL, qatgen, tree, write

MANY = SMALL.replace("    - name: gw\n", "    - name: gw\n      count: 3000\n").replace("nodes: 2", "nodes: 200")


def test_a_second_run_changes_no_byte(tmp_path):
    write(tmp_path, {"spec.yaml": SMALL})
    first = qatgen(tmp_path, "render")
    assert (first.code, "written" in first.out) == (0, True)
    before = {path: (tmp_path / "rendered" / path).stat().st_mtime_ns for path in tree(tmp_path / "rendered")}
    second = qatgen(tmp_path, "render")
    assert (second.code, "unchanged" in second.out) == (0, True)
    assert {path: (tmp_path / "rendered" / path).stat().st_mtime_ns for path in before} == before


@pytest.mark.parametrize("seed", ["0", "1", "12345"])
def test_hash_seed_locale_and_processes_do_not_matter(tmp_path, seed):
    write(tmp_path, {"spec.yaml": MANY})
    assert qatgen(tmp_path, "render", "--jobs", "1", "--output-dir", "one").code == 0
    environment = {
        **os.environ,
        "PYTHONHASHSEED": seed,
        "LC_ALL": "C",
        "TZ": "Asia/Tokyo",
        "PYTHONPATH": str(REPOSITORY),
    }
    command = [sys.executable, "-m", "generator", "render", "--jobs", "2", "--output-dir", "two"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert tree(tmp_path / "one") == tree(tmp_path / "two")
    assert len(tree(tmp_path / "one" / "default" / "vpn")) == 3000


def test_stale_files_disappear_and_other_environments_stay(tmp_path):
    overlays = {f"overlays/{name}/spec.yaml": "spec: {}\n" for name in ("a", "b")}
    write(tmp_path, {"spec.yaml": SMALL, **overlays})
    assert qatgen(tmp_path, "render").code == 0
    before = tree(tmp_path / "rendered" / "b")
    write(tmp_path, {"spec.yaml": SMALL.replace("- name: gw", "- name: gateway"), "rendered/a/stray.yaml": "x: 1\n"})
    result = qatgen(tmp_path, "render", "--env", "a")
    assert (result.code, "rendered/a/stray.yaml is not in the record" in result.err) == (1, True)
    (tmp_path / "rendered/a/stray.yaml").unlink()
    assert qatgen(tmp_path, "render", "--env", "a").code == 0
    names = tree(tmp_path / "rendered" / "a")
    assert "vpn/virtualmachine-gateway.yaml" in names
    assert "vpn/virtualmachine-gw.yaml" not in names
    assert tree(tmp_path / "rendered" / "b") == before


def test_a_folder_of_no_environment_is_told(tmp_path):
    write(tmp_path, {"spec.yaml": SMALL, "rendered/old/x.yaml": "a: 1\n"})
    result = qatgen(tmp_path, "render")
    assert (result.code, "rendered/old" in result.err) == (0, True)
    assert qatgen(tmp_path, "render", "--fail-on", "warning").code == 1


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("intel.feature.node.kubernetes.io/qat", 0),
        ("feature.node.kubernetes.io/qat", 0),
        ("example.com/qat", 0),
        ("topology.kubernetes.io/zone", 1),
        ("feature.node.example.kubernetes.io/qat", 1),
    ],
)
def test_a_rule_sets_the_labels_that_node_feature_discovery_lets_it_set(tmp_path, label, code):
    selector = f'{{{label}: "true"}}\n      labelledBy: nodeFeatureRule'
    write(tmp_path, {"spec.yaml": SMALL.replace("{example.com/pool: vm}", selector)})
    result = qatgen(tmp_path, "render")
    assert (result.code, "RES026" in result.err) == (code, bool(code)), result


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_full_disk_leaves_the_old_tree(tmp_path, monkeypatch, jobs):
    write(tmp_path, {"spec.yaml": MANY.replace("count: 3000", "count: 2100")})
    assert qatgen(tmp_path, "render", "--env", "default").code == 0
    before = tree(tmp_path / "rendered")
    written = []

    def full(handle, data):
        written.append(handle)
        if len(written) > 1500 // int(jobs):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(handle, data)

    real = os.write
    write(tmp_path, {"spec.yaml": MANY.replace("count: 3000", "count: 2100").replace("2Gi", "3Gi")})
    monkeypatch.setattr("generator.emit.tree.os.write", full)
    result = qatgen(tmp_path, "render", "--jobs", jobs)
    monkeypatch.undo()
    assert (result.code, "no space left" in result.err) == (1, True), result
    assert "Traceback" not in result.err
    assert tree(tmp_path / "rendered") == before
    assert not [p for p in (tmp_path / "rendered").iterdir() if p.name.endswith(".new")]


def test_a_link_in_place_of_a_tree_is_not_followed(tmp_path):
    write(tmp_path, {"spec.yaml": SMALL, "elsewhere/kept.txt": "x"})
    (tmp_path / "rendered").mkdir()
    (tmp_path / "rendered" / "default").symlink_to(tmp_path / "elsewhere")
    result = qatgen(tmp_path, "render")
    assert (result.code, "link" in result.err) == (1, True)
    assert tree(tmp_path / "elsewhere") == {"kept.txt": b"x"}


def test_names_that_would_leave_the_tree_are_refused(tmp_path):
    from generator.finding import Halt

    for name in ("../x", "/x", "a//b", "a/../b", "", ".", "..", "a\x00b"):
        with pytest.raises(Halt):
            write_file(tmp_path, name, b"x")
    assert not tree(tmp_path)


def test_reports_go_where_they_are_sent(tmp_path):
    write(tmp_path, {"spec.yaml": SMALL.replace("nodePool: vm", "nodePool: mv")})
    result = qatgen(tmp_path, "render", "-o", "json=a.json", "-o", "sarif=b.sarif", "-o", "junit=c.xml", "-o", "github")
    assert result.code == 1
    assert "::error" in result.out
    assert all((tmp_path / name).stat().st_size for name in ("a.json", "b.sarif", "c.xml"))


def test_the_users_own_templates_come_first(tmp_path):
    own = "apiVersion: v1\nkind: Namespace\nmetadata: {name: '{{ namespace.name }}', labels: {own: x}}\n"
    more = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: pool-{{ pool.name }}, namespace: vpn}\n"
    index = "templates: [{template: more.yaml.j2, each: preparations, as: pool}]\n"
    write(tmp_path, {"spec.yaml": SMALL, "templates/namespace/namespace.yaml.j2": own})
    write(tmp_path, {"templates/more.yaml.j2": more, "templates/index.yaml": index})
    assert qatgen(tmp_path, "render").code == 0
    files = tree(tmp_path / "rendered" / "default")
    assert b"own: x" in files["_cluster/namespace-vpn.yaml"]
    assert "vpn/configmap-pool-qat-preparation-vm.yaml" in files
