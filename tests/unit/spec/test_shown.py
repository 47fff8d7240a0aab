"""How findings name the files of a spec's folder."""

from pathlib import Path

import pytest

from generator.files import door_of
from generator.spec.load import SpecFolder


@pytest.mark.parametrize(
    ("shown", "named"), [("", "spec.yaml"), ("a/b", "a/b/spec.yaml"), ("/", "/spec.yaml"), ("/a", "/a/spec.yaml")]
)
def test_a_file_of_the_folder(tmp_path, shown, named):
    folder = SpecFolder(tmp_path, "spec.yaml", shown, door_of(tmp_path))
    assert folder.show(tmp_path / "spec.yaml") == named
    assert folder.below(named) == "spec.yaml"


def test_the_folder_itself():
    assert SpecFolder(Path(), "spec.yaml", "", door_of(Path())).show(Path()) == "."
