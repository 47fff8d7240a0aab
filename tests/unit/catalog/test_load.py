"""Loading: one catalog per process, read only, safe to send; a malformed file is a finding."""

import dataclasses
import pickle
import shutil
from pathlib import Path

import pytest

import generator.catalog
from generator.catalog import UnknownFamily, load_catalog
from generator.finding import Halt

FOLDER = Path(generator.catalog.__file__).parent


@pytest.fixture
def folder(tmp_path):
    return Path(shutil.copytree(FOLDER, tmp_path / "catalog", ignore=shutil.ignore_patterns("*.py", "__pycache__")))


def test_loaded_once():
    assert load_catalog() is load_catalog()


def test_pickles():
    catalog = load_catalog()
    copy = pickle.loads(pickle.dumps(catalog))
    assert copy == catalog
    assert copy.gate_state("HostDevices", "v1.9.0") == "Alpha"


def test_errors_pickle():
    error = pickle.loads(pickle.dumps(UnknownFamily("x", ["4xxx"])))
    assert (error.name, error.known, str(error)) == ("x", ("4xxx",), 'unknown QAT family "x"; known: 4xxx')


def test_read_only():
    with pytest.raises(dataclasses.FrozenInstanceError):
        load_catalog().newest_kubevirt = "9.9"  # type: ignore[misc]


def test_a_new_family_is_one_new_file(folder):
    text = (folder / "qat" / "4xxx.yaml").read_text("utf-8")
    text = text.replace('"4xxx"', '"7xxx"', 1).replace("8086:4940", "8086:5000").replace("8086:4941", "8086:5001")
    (folder / "qat" / "7xxx.yaml").write_text(text, "utf-8")
    assert load_catalog(folder).family("7xxx").selector == "8086:5001"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('name: "4xxx"', 'name: "5xxx"', 'a family\'s file carries its name, found "5xxx"'),
        ('["8086:4941"]', '["8086:494"]', '"8086:494" is no vendor:device pair in lower case'),
        ('["8086:4941"]', '["8086:4943"]', "PCI id 8086:4943 belongs to 401xx already"),
        ("device:", "devise:", "KeyError: 'device'"),
        ("device:", "device: [", "ParserError"),
        ("generation: 4", "- 4", "ParserError"),
    ],
)
def test_a_malformed_file_is_a_finding(folder, old, new, message):
    path = folder / "qat" / "4xxx.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(Halt) as caught:
        load_catalog(folder)
    (finding,) = caught.value.findings
    assert finding.rule.code == "CAT001"
    assert finding.at.file == "catalog/qat/4xxx.yaml"
    assert message in finding.message
