"""However YAML is written, a glance at its text misses no word, and no kind that a file of CRDs defines."""

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.files import door_of
from generator.schema.definitions import CRD, definitions
from generator.schema.lookup import Location, Wanted, find_crds, names_of
from generator.secrecy import mentions_secret, values_in
from generator.source import Dialect, glance, members, read_documents
from tests.support.written import FORMS, Writer

GROUPS = ("example.com", "kubevirt.io", "a.b-c.d")
KINDS = ("Thing", "VirtualMachine", "Kind", "group")
SOME_FORMS = st.lists(st.sampled_from(FORMS), max_size=3, unique=True)


def crd(choose: random.Random) -> dict[str, Any]:
    group, kind = choose.choice(GROUPS), choose.choice(KINDS)
    schema = {"type": "object", "properties": {"kind": {"type": "string"}, "group": {"description": "kind: of group"}}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": CRD,
        "metadata": {"name": f"{kind.lower()}s.{group}"},
        "spec": {
            "group": group,
            "names": {"kind": kind, "plural": f"{kind.lower()}s"},
            "scope": "Namespaced",
            "versions": [{"name": "v1", "schema": {"openAPIV3Schema": schema}}],
        },
    }


def listed(items: list[Any], choose: random.Random) -> dict[str, Any]:
    if choose.random() < 0.5:
        return {"apiVersion": "v1", "kind": "List", "items": items}
    bare = [{key: value for key, value in item.items() if key not in ("apiVersion", "kind")} for item in items]
    return {"apiVersion": "apiextensions.k8s.io/v1", "kind": f"{CRD}List", "items": bare}


def file_of(choose: random.Random, forms: list[str]) -> tuple[list[Any], str]:
    documents: list[Any] = [crd(choose) for _ in range(choose.randint(1, 3))]
    if choose.random() < 0.4:
        documents = [listed(documents, choose)]
    if choose.random() < 0.3:
        documents.append({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "other"}})
    writer = Writer(choose, forms)
    return documents, "---\n".join(map(writer.document, documents))


def scalars(data: Any) -> Iterator[str]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield key
            yield from scalars(value)
    elif isinstance(data, list):
        for value in data:
            yield from scalars(value)
    else:
        yield str(data)


@settings(max_examples=200, deadline=None)
@given(st.randoms(use_true_random=False), SOME_FORMS)
def test_what_a_file_defines_is_never_ruled_out(choose, forms):
    documents, text = file_of(choose, forms)
    read = [document.data for document in read_documents(text, "a.yaml", Dialect.KUBERNETES)]
    assert read == documents
    seen = definitions(text)
    assert seen is not None
    assert [names for found in find_crds(read) if not seen.may_define(*(names := names_of(found)))] == []


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False), SOME_FORMS)
def test_a_folder_gives_what_parsing_all_of_it_gives(tmp_path_factory, choose, forms):
    folder = tmp_path_factory.mktemp("schemas")
    expected: dict[tuple[str, str], str] = {}
    for name in ("a.yaml", "b.yaml", "c.yaml"):
        documents, text = file_of(choose, forms)
        (folder / name).write_text(text)
        for found in find_crds(documents):
            expected.setdefault(names_of(found), name)
    location = Location(folder.name, folder.parent, door_of(folder))
    for group in GROUPS:
        for kind in (*KINDS, "Other"):
            crd_of = location.find(Wanted(group, "v1", kind, "1.36"))
            named = None if crd_of is None else crd_of.file.rpartition("/")[2]
            assert named == expected.get((group, kind))
    assert location.findings == []


@settings(max_examples=200, deadline=None)
@given(st.randoms(use_true_random=False), SOME_FORMS)
def test_a_word_that_a_document_has_may_be_in_its_text(choose, forms):
    documents, text = file_of(choose, forms)
    seen = glance(text)
    words = {word for document in documents for _, item in members(document) for word in scalars(item)}
    assert [word for word in words if " " not in word and not seen.may_hold(word)] == []


@pytest.mark.parametrize("indent", [None, 1, 4])
def test_plain_files_are_told_apart_without_a_parse(indent):
    text = json.dumps(crd(random.Random(1)), indent=indent).replace("<", "\\u003c")
    seen = definitions(text)
    assert seen is not None
    assert not seen.unsure
    assert not seen.may_define("example.com", "Other")
    assert definitions("kind: ConfigMap\nmetadata: {name: 'a\\x41'}\n") is not None  # an escape may spell any kind
    assert definitions('kind: ConfigMap\ndata: {a: "\\n\\u003c"}\n') is None


def test_a_key_that_is_an_alias_is_seen():
    text = f"kind: {CRD}\nmetadata: {{name: &k kind}}\nspec: {{group: a.b, names: {{*k : Thing}}}}\n"
    [document] = read_documents(text, "a.yaml", Dialect.KUBERNETES)
    assert names_of(document.data) == ("a.b", "Thing")
    seen = definitions(text)
    assert seen is not None
    assert seen.may_define("a.b", "Thing")


@settings(max_examples=300, deadline=None)
@given(st.randoms(use_true_random=False), SOME_FORMS, st.sampled_from(["object", "list", "typed list"]))
def test_a_secret_is_seen_however_it_is_written(choose, forms, form):
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": {"a": "cGFzc3dvcmQ"}}
    documents = {
        "object": secret,
        "list": {"apiVersion": "v1", "kind": "List", "items": [secret]},
        "typed list": {"apiVersion": "v1", "kind": "SecretList", "items": [{"data": secret["data"]}]},
    }
    text = Writer(choose, forms).document(documents[form])
    assert mentions_secret(text), text
    assert "cGFzc3dvcmQ" in values_in(text)
