"""The limits of the system on the command itself: what needs too much is a finding, and the rest is judged and reported."""

import json
import os
import subprocess
import sys

import pytest

from tests.support.workspace import REPOSITORY, SMALL, things, write

PROGRAM = [sys.executable, "-m", "generator"]
HANGS = "{% set s='a'*16000000 %}{% set t=(s ~ 'b')[1:] %}{{ t in ([s]*1000000) }}"
TEMPLATE = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: vpn}\ndata: {v: '%s'}\n"
CRD = things("{spec: {type: object, x-kubernetes-preserve-unknown-fields: true}}")
THING = "apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: t, namespace: default}\nspec: {a: 1}\n"
OTHER = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other, namespace: default}\nnone: 1\n"


def run(folder, *arguments, stdin=None, **variables):
    environment = {key: value for key, value in os.environ.items() if key != "CI"} | {"PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        [*PROGRAM, *arguments],
        cwd=folder,
        env=environment | variables,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done


def hanging(folder, **more):
    index = "templates:\n  - {template: x.yaml.j2}\n"
    write(folder, {"spec.yaml": SMALL, "templates/index.yaml": index, "templates/x.yaml.j2": TEMPLATE % HANGS, **more})


@pytest.mark.slow
def test_a_template_that_hangs_is_reported_at_its_line_and_nothing_is_written(tmp_path):
    hanging(tmp_path)
    done = run(tmp_path, "render", "-o", "json")
    assert done.returncode == 1
    [finding] = json.loads(done.stdout)["findings"]
    assert (finding["rule"]["code"], finding["location"]["file"], finding["location"]["line"]) == (
        "RUN001",
        "templates/x.yaml.j2",
        4,
    )
    assert list((tmp_path / "rendered").rglob("*")) == []


ENDS_UNIT = """\
import os, signal
import generator.bounds.unit as units
plain = units.Watch.enter
def enter(self, unit):
    before = plain(self, unit)
    if unit is not None and unit.what == "checking objects of kind Thing":
        os.kill(os.getpid(), signal.SIGXCPU)
    return before
units.Watch.enter = enter
"""
"""Ends a process as the system does, the moment that a unit begins."""


def test_an_object_that_is_too_much_is_reported_and_the_others_are_judged(tmp_path):
    """From standard input, which the second process reads anew."""
    write(tmp_path, {"sitecustomize.py": ENDS_UNIT, "crd.yaml": CRD})
    more = {"stdin": f"{THING}---\n{OTHER}", "PYTHONPATH": f"{tmp_path}:{REPOSITORY}"}
    done = run(tmp_path, "validate", "crd.yaml", "-", "--color", "never", **more)
    assert done.returncode == 1
    assert "RUN001" in done.stderr
    assert "the object was not judged: checking objects of kind Thing needs more than 10 s" in done.stderr
    assert "<stdin>" in done.stderr
    assert "none" in done.stderr, "the other object has an unknown field"


def test_what_ends_a_run_as_a_whole_is_reported_in_the_form_that_was_asked_for(tmp_path):
    write(tmp_path, {"sitecustomize.py": ENDS, "spec.yaml": SMALL})
    done = run(tmp_path, "render", "-o", "json", PYTHONPATH=f"{tmp_path}:{REPOSITORY}")
    assert done.returncode == 1
    [finding] = json.loads(done.stdout)["findings"]
    assert finding["rule"]["code"] == "RUN003"
    assert finding["message"] == "one step of the work ended its process by SIGSEGV"


ENDS = """\
import os, signal, sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "generator.pipeline.render":
            from generator.bounds.unit import installed
            watch = installed()
            if watch is not None and not watch._refused:
                os.kill(os.getpid(), signal.SIGSEGV)
        return None
sys.meta_path.insert(0, Finder())
"""
"""Ends the child while it loads a module: outside of every unit."""


@pytest.mark.parametrize(
    ("value", "code"), [("4096", 0), ("64", 0), ("", 0), ("x", 2), ("-1", 2), ("1e3", 2), ("9" * 30, 2)]
)
def test_the_variable_for_memory(tmp_path, value, code):
    write(tmp_path, {"spec.yaml": SMALL})
    done = run(tmp_path, "capacity", QATGEN_MEMORY=value)
    assert (done.returncode, "QATGEN_MEMORY" in done.stderr) == (code, code == 2)
