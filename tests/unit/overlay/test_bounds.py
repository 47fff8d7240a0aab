"""A kustomization that would be built without end is refused."""

import sys

import pytest

from generator.bounds.unit import Watch, install, shared_memory, unit_in
from generator.finding import Halt
from generator.overlay import build
from generator.overlay.settings import settings
from generator.overlay.steps import transform_all
from tests.property.overlay_bombs import overlay_bombs


def test_folders_that_double_are_counted(tmp_path):
    [bomb] = [bomb for bomb in overlay_bombs() if "double" in bomb.name]
    for name, text in bomb.files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(Halt) as caught:
        build(tmp_path, ".", settings())
    [finding] = caught.value.findings
    assert finding.rule.code == "OVL008"
    assert finding.message == "more than 10,000 folders are built, counting each as often as it is named"


def test_a_build_is_one_unit_at_its_kustomization(tmp_path, monkeypatch):
    (tmp_path / "kustomization.yaml").write_text("resources: [r.yaml]\nnamePrefix: x-\n", encoding="utf-8")
    (tmp_path / "r.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n", encoding="utf-8")
    memory = shared_memory()
    seen = []

    def spied(*arguments):
        unit = unit_in(memory)
        assert unit is not None
        seen.append((unit.what, str(unit.at)))
        transform_all(*arguments)

    monkeypatch.setattr(sys.modules["generator.overlay.build"], "transform_all", spied)
    install(Watch(memory, []))
    try:
        build(tmp_path, "base", settings())
    finally:
        install(None)
    assert seen == [("building base/kustomization.yaml", "base/kustomization.yaml:1:1")]
