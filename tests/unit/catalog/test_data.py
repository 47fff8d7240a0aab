"""The data files: each fits its schema, carries sources, and fits the others."""

import json
import re
from itertools import chain, combinations, pairwise
from pathlib import Path

import jsonschema
import pytest

import generator.catalog
from generator.catalog import Family, load_catalog
from generator.source import read_one

FOLDER = Path(generator.catalog.__file__).parent
CATALOG = load_catalog()
FILES = sorted(FOLDER.rglob("*.yaml"))
SCHEMAS = {"qat": "family"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_file_fits_its_schema(path):
    name = SCHEMAS.get(path.parent.name, path.stem)
    schema = json.loads((path.parent / f"{name}.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    data = read_one(path, path.name).data  # refuses duplicate keys too
    assert [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(data)] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_misspelt_key_does_not_fit(path):
    name = SCHEMAS.get(path.parent.name, path.stem)
    schema = json.loads((path.parent / f"{name}.schema.json").read_text("utf-8"))
    data = {**read_one(path, path.name).data, "suorce": "x"}
    assert not jsonschema.Draft202012Validator(schema).is_valid(data)


def test_every_family_file_is_a_family():
    assert [family.name for family in CATALOG.families] == sorted(path.stem for path in (FOLDER / "qat").glob("*.yaml"))


def test_the_families_of_the_fact_sheet_are_there():
    names = {family.name for family in CATALOG.families}
    assert names >= {"dh895xcc", "c62x", "c3xxx", "200xx", "d15xx", "c4xxx", "4xxx", "401xx", "402xx", "420xx", "6xxx"}


@pytest.mark.parametrize("family", CATALOG.families, ids=lambda family: family.name)
class TestFamily:
    def test_selectors(self, family: Family):
        for pci_id in (*family.pf_ids, *family.vf_ids, *family.operator_init_pf_ids):
            assert re.fullmatch("8086:[0-9a-f]{4}", pci_id)
        assert not set(family.pf_ids) & set(family.vf_ids)
        assert set(family.operator_init_pf_ids) <= set(family.pf_ids)

    def test_found_by_its_ids(self, family: Family):
        others = [other for other in CATALOG.families if other is not family]
        for vf_id in family.vf_ids:
            assert not [other.name for other in others if vf_id in other.vf_ids]
            assert CATALOG.family_of_pf_id(vf_id) is None
        for pf_id in family.pf_ids:
            assert CATALOG.family_of_pf_id(pf_id.upper()) is family

    def test_sources(self, family: Family):
        assert len(family.sources) == 5
        assert all(family.sources)

    def test_drivers_agree_with_the_plugin(self, family: Family):
        if family.plugin_since is None:
            assert family.vf_driver is None
            return
        assert family.vf_driver == f"{family.pf_driver}vf"  # the plugin derives one from the other
        assert family.vf_driver in CATALOG.plugin(family.plugin_since).kernel_vf_drivers

    def test_guest_drivers_end_with_generation_2(self, family: Family):
        assert family.guest_kernel_driver is None or family.generation <= 2

    def test_services_belong_to_generation_4_and_later(self, family: Family):
        assert bool(family.services) is (family.generation >= 4)
        assert set(family.services_alone) <= set(family.services)
        assert family.max_services <= len(family.services)
        assert ("decomp" in family.services) is (family.name == "6xxx")

    def test_every_service_set_has_a_suffix_or_a_problem(self, family: Family):
        words = ("sym", "asym", "dc", "dcc", "decomp")
        sets = chain.from_iterable(combinations(words, size) for size in range(1, 6))
        legal = 0
        for services in sets:
            problem = CATALOG.legal_services(family.name, services)
            if problem is None:
                legal += 1
                suffix = CATALOG.resource_suffix(family.name, services, "0.36.0")
                assert suffix
                assert re.fullmatch("[a-z]+(-[a-z]+)*", suffix)
                assert CATALOG.resource_suffixes(family.name, services, "0.36.0")[0] == suffix
            else:
                assert family.name in problem or "cannot be combined" in problem
        # four single services and the pairs of three; on 6xxx five, six pairs of four and their four triples
        assert legal == {0: 0, 2: 7, 3: 15}[family.max_services]


def test_ids_belong_to_one_family():
    ids = [pci_id for family in CATALOG.families for pci_id in (*family.pf_ids, *family.vf_ids)]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("release", CATALOG.plugin_releases, ids=lambda release: release.version)
def test_plugin_release_speaks_of_known_things(release):
    drivers = {family.vf_driver for family in CATALOG.families}
    vf_ids = {vf_id for family in CATALOG.families for vf_id in family.vf_ids}
    services = {word for family in CATALOG.families for word in family.services}
    flags = dict(release.flags)
    assert set(release.kernel_vf_drivers) <= drivers
    assert set(str(flags["kernel-vf-drivers"]).split(",")) <= set(release.kernel_vf_drivers)
    assert set(release.provisioning_drivers) <= set(release.kernel_vf_drivers)
    assert set(release.named_vf_ids) <= vf_ids
    assert {word for entry in release.services_list for word in entry.split(";")} <= services
    assert all(CATALOG.kubernetes(version) for version in release.kubernetes)


def test_gate_states_come_in_order():
    for gate in CATALOG.gates:
        versions = [since for since, _ in gate.states]
        assert versions == sorted(set(versions)), gate.name
        states = [state for _, state in gate.states]
        assert all(one != other for one, other in pairwise(states)), gate.name
