"""Folders of rendered/ that belong to no environment."""

import json

from tests.support.workspace import SMALL, qatgen, write

BROKEN = SMALL.replace("deviceClass: sym}]", "deviceClass: nope}]")
OVERLAYS = {f"overlays/{name}/spec.yaml": "spec: {}\n" for name in ("dev", "prod")}


def problems(folder):
    result = qatgen(folder, "report", "-o", "json")
    return [(one["code"], one["at"]["file"]) for one in json.loads(result.out)["problems"]]


def test_an_environment_with_errors_is_not_taken_for_a_folder_of_nobody(tmp_path):
    write(tmp_path, {"spec.yaml": SMALL, **OVERLAYS})
    assert qatgen(tmp_path, "render", "-q").code == 0
    assert BROKEN != SMALL
    write(tmp_path, {"spec.yaml": BROKEN})
    assert problems(tmp_path) == [("RES003", "spec.yaml")]
    (tmp_path / "rendered/old").mkdir()
    assert problems(tmp_path) == [("RES003", "spec.yaml"), ("EMT050", "rendered/old")]


def test_one_environment_with_errors_beside_one_without(tmp_path):
    write(tmp_path, {"spec.yaml": SMALL, **OVERLAYS})
    assert qatgen(tmp_path, "render", "-q").code == 0
    bad = "spec: {nodePools: [{name: vm, deviceClass: nope}]}\n"
    write(tmp_path, {"overlays/dev/spec.yaml": bad})
    assert "EMT050" not in [code for code, _ in problems(tmp_path)]
