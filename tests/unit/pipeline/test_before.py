"""What is told of a project, and in which environments it was met."""

from generator.finding import once
from generator.pipeline.before import told_before
from generator.pipeline.project import read_project
from generator.pipeline.proof import ProofSettings
from tests.support.workspace import SMALL, inside, qatgen, write

TWO = {
    "spec.yaml": SMALL,
    "overlays/dev/spec.yaml": "spec:\n  virtualMachines:\n    - {name: gw, count: 40}\n",
    "overlays/prod/spec.yaml": "spec:\n  virtualMachines:\n    - {name: gw, count: 2}\n",
}


def test_waivers_are_reported_of_their_environment(tmp_path):
    waiver = "  waivers: [{rule: QATP-044, match: {name: gw}, reason: soon, expires: 2026-13-01}]\n"
    write(tmp_path, {**TWO, "overlays/dev/spec.yaml": TWO["overlays/dev/spec.yaml"] + waiver})
    with inside(tmp_path):
        project = read_project(tmp_path / "spec.yaml")
        told = list(told_before(project, project.chosen(()), None, ProofSettings(())))
    assert [(name, finding.rule.code) for name, finding in told] == [("dev", "WVR002")]


def test_an_environment_with_errors_is_told_of_and_left_out(tmp_path):
    write(tmp_path, {**TWO, "overlays/dev/spec.yaml": "spec:\n  virtualMachines:\n    - {name: gw, nodePool: none}\n"})
    project = read_project(tmp_path / "spec.yaml")
    assert [environment.name for environment, _ in project.environments] == ["prod"]
    assert {name for name, _ in project.told} == {"dev"}


def test_what_environments_share_is_met_in_each_and_told_once(tmp_path):
    write(tmp_path, {**TWO, "spec.yaml": SMALL.replace("nodePool: vm\n", "nodePool: none\n")})
    project = read_project(tmp_path / "spec.yaml")
    assert {name for name, _ in project.told} == {"dev", "prod"}
    assert len(once(project.told)) * 2 == len(project.told)
    result = qatgen(tmp_path, "render")
    assert (result.code, result.err.count('no node pool is named "none"')) == (1, 1)
