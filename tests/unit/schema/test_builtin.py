"""Definitions found in the text of kubernetes-validate's files are those that parsing the whole file gives."""

import json

import pytest

from generator.schema.builtin import _Definitions, available_minors, data_folder


@pytest.mark.parametrize("minor", [available_minors()[0], available_minors()[-1]])
def test_every_definition_is_the_parsed_one(minor):
    data = data_folder()
    assert data is not None
    [folder] = data.glob(f"v1.{minor}.*-local")
    whole = json.loads((folder / "_definitions.json").read_bytes())["$defs"]
    found = _Definitions(folder)
    assert [name for name, expected in whole.items() if found._definition(name) != expected] == []
    assert len(whole) > 500


@pytest.mark.parametrize("indent", [None, 1])
def test_a_file_laid_out_otherwise_is_read_whole(tmp_path, indent):
    definitions = {"a.B": {"type": "object"}, "a.C": {"type": "string"}}
    (tmp_path / "_definitions.json").write_text(json.dumps({"$defs": definitions}, indent=indent))
    found = _Definitions(tmp_path)
    assert {name: found._definition(name) for name in definitions} == definitions
    assert found._definition("a.D") == {}
