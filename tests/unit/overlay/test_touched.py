"""Which step of an overlay is told of something that is gone."""

import pytest

from generator.location import Span
from generator.overlay.touched import Touch
from generator.source import Dialect, read_documents

VOLUMES = ("spec", "template", "spec", "volumes")


def touch(text):
    [document] = read_documents(text.encode(), "patch.yaml", Dialect.KUBERNETES)
    return Touch(document.span(), document)


@pytest.mark.parametrize(
    ("patch", "path", "reaches"),
    [
        ("- {op: remove, path: /spec/template/spec/volumes/0}", VOLUMES, True),
        ("- {op: remove, path: /spec/template/spec/volumes}", VOLUMES[:3], True),
        ("- {op: remove, path: /spec/template}", VOLUMES, True),
        ("- {op: move, from: /spec/template/spec/volumes/0, path: /spec/other}", VOLUMES, True),
        ("- {op: remove, path: /spec/running}", VOLUMES, False),
        ("spec: {template: {spec: {volumes: [{$patch: delete, name: root}]}}}", VOLUMES, True),
        ("spec: {template: {spec: {volumes: null}}}", VOLUMES[:3], True),
        ("spec: {running: true}", VOLUMES, False),
        ("spec: {template: {spec: {containers: [{name: a, env: [{name: b, $patch: delete}]}]}}}",
         ("spec", "template", "spec", "containers", 0, "env"), True),
    ],
)  # fmt: skip
def test_patches_that_say_something_of_a_place(patch, path, reaches):
    assert touch(patch).reaches(path) is reaches


def test_an_entry_that_is_no_patch_takes_nothing_away():
    assert not Touch(Span("kustomization.yaml", 4, 1), below="labels", value="a").reaches(("metadata", "labels"))
