"""Objects as policies see them, against what a real API server stored."""

import json

import pytest

from generator.manifest import identify
from generator.policy import resources
from generator.policy.view import seen_object
from tests.support.workspace import REPOSITORY

RECORDED = json.loads((REPOSITORY / "tests/data/stored_objects.json").read_text())["objects"]
DRAWN = ("uid", "creationTimestamp", "generation")


@pytest.mark.parametrize("case", RECORDED, ids=lambda case: str(identify(case["given"])))
def test_seen_as_stored(case):
    identity = identify(case["given"])
    before = json.dumps(case["given"])
    seen = seen_object(case["given"], resources().of(identity), 36, identity.name)
    assert seen is not None
    for name in DRAWN:
        seen["metadata"].pop(name)
    assert seen == case["stored"]
    assert json.dumps(case["given"]) == before


def stored_pod(**container):
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "default"}}
    pod["spec"] = {"containers": [{"name": "c", "image": "a", **container}]}
    seen = seen_object(pod, resources().of(identify(pod)), 36, "p")
    assert seen is not None
    return seen["spec"]["containers"][0]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        *(("1000m", "1"), ("1024Mi", "1Gi"), ("0.5", "500m"), ("1.5", "1500m"), ("1.5Gi", "1536Mi"), ("2000", "2k")),
        *(
            ("1E3", "1E3"),
            ("1e3", "1e3"),
            ("+1", "+1"),
            ("1.", "1."),
            ("100m", "100m"),
            ("010", "010"),
            ("1.500", "1.500"),
            ("0.1m", "1m"),
        ),
    ],
)
def test_amounts_keep_their_text_where_the_server_keeps_it(written, kept):
    assert stored_pod(resources={"requests": {"memory": written}})["resources"]["requests"]["memory"] == kept


@pytest.mark.parametrize(
    ("image", "policy"),
    [
        *(("nginx", "Always"), ("nginx:latest", "Always"), ("nginx:1", "IfNotPresent")),
        *(("localhost:5000/a/b", "Always"), ("Registry.example/a", "Always"), ("a@sha256:" + "0" * 64, "IfNotPresent")),
        *(("Nginx", "IfNotPresent"), ("a..b", "IfNotPresent"), ("a b", "IfNotPresent")),
    ],
)
def test_an_image_without_a_tag_is_pulled_again(image, policy):
    assert stored_pod(image=image)["imagePullPolicy"] == policy
