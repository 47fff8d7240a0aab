"""The part of a field that a message names."""

import pytest

from generator.pipeline.pointed import pointed

DEVICES = [{"name": "qat0", "deviceName": "a.b/qat"}, {"name": "qat1", "deviceName": "a.b/none"}]
MORE = {"labels": {"pool": "vm"}, "disks": [{"pool": {"bus": "x"}}], "rack": {"a": "b"}}
DATA = {"spec": {"devices": DEVICES, "selector": {"example.com/pool": "vm"}, "text": "whole", **MORE}}


@pytest.mark.parametrize(
    ("path", "message", "found"),
    [
        (("spec", "devices"), "HostDevice a.b/none is not permitted", ("spec", "devices", 1, "deviceName")),
        (("spec",), 'no node has "example.com/pool"', ("spec", "selector", "example.com/pool")),
        (("spec",), "pool: nobody puts this label on nodes", ("spec", "labels", "pool")),
        (("spec",), "the rack is wrong", ("spec", "rack")),
        (("spec", "devices"), "there are too many devices", ("spec", "devices")),
        (("spec", "devices"), "a.b/nonesuch and xa.b/none are not permitted", ("spec", "devices")),
        (("spec", "devices"), "qat0 and qat1 are alike", ("spec", "devices")),
        (("spec", "devices"), "qat1 asks for a.b/none", ("spec", "devices", 1, "deviceName")),
        (("spec", "selector"), "no node is a vm", ("spec", "selector")),
        (("spec", "text"), "whole is not allowed", ("spec", "text")),
        ((), "HostDevice a.b/none is not permitted", ()),
        (("spec", "nope"), "a.b/none", ("spec", "nope")),
        (("spec", "devices", 7), "a.b/none", ("spec", "devices", 7)),
    ],
)
def test_pointed(path, message, found):
    assert pointed(DATA, path, message) == found


def test_a_very_long_list_is_not_searched():
    assert pointed({"a": [f"v{n}" for n in range(5_000)]}, ("a",), "v4999 is wrong") == ("a",)
