"""What a kernel can do with a family: mainline by its number, a vendor's by its table, any other not known."""

import re

import pytest

from generator.catalog import Lack, load_catalog
from generator.catalog.kernels import KernelVendor, kernel_support

CATALOG = load_catalog()
NOTHING, DRIVER, SERVICES, UNKNOWN = Lack.NOTHING, Lack.DRIVER, Lack.SERVICES, Lack.UNKNOWN


@pytest.mark.parametrize(
    ("kernel", "family", "services", "lack", "since"),
    [
        ("5.10", "4xxx", "", DRIVER, "5.11"),
        ("5.11", "4xxx", "", NOTHING, ""),
        ("5.15", "4xxx", "sym", SERVICES, "6.5"),
        ("6.0", "4xxx", "asym;sym", NOTHING, ""),
        ("6.1", "4xxx", "dc", NOTHING, ""),
        ("6.1", "4xxx", "sym", SERVICES, "6.5"),
        ("6.1.55", "4xxx", "dc;sym", SERVICES, "6.5"),
        ("6.1.y", "4xxx", "asym", SERVICES, "6.5"),
        ("6.4", "402xx", "sym;asym", NOTHING, ""),
        ("6.3", "402xx", "", DRIVER, "6.4"),
        ("6.5", "402xx", "asym;dc", NOTHING, ""),
        ("6.6.87", "4xxx", "dcc", SERVICES, "6.7"),
        ("6.7-rc1", "4xxx", "dcc", NOTHING, ""),
        ("6.7", "420xx", "sym", DRIVER, "6.8"),
        ("6.8", "420xx", "dcc", NOTHING, ""),
        ("6.16", "6xxx", "sym;dc;decomp", NOTHING, ""),
        ("6.10", "4xxx", "sym", NOTHING, ""),  # 10 comes after 9
        ("6.1.0-28-amd64", "4xxx", "sym", SERVICES, "6.5"),
        ("6.1.0-28-cloud-amd64", "4xxx", "dc", NOTHING, ""),
        ("6.5.0-0.deb12.4-amd64", "4xxx", "sym", NOTHING, ""),
        ("6.12.41+deb13-amd64", "4xxx", "dcc", NOTHING, ""),
        ("5.14.0-427.50.2.el9_4.x86_64", "402xx", "sym", NOTHING, ""),
        ("5.14.0-427.13.1.el9_4.x86_64", "4xxx", "dc;asym", NOTHING, ""),
        ("5.14.0-427.50.2.el9_4.x86_64", "4xxx", "dcc", UNKNOWN, ""),
        ("5.14.0-427.50.2.el9_4.x86_64", "420xx", "", UNKNOWN, ""),
        ("5.14.0-503.11.1.el9_5.x86_64", "4xxx", "sym", UNKNOWN, ""),
        ("4.18.0-553.el8_10.x86_64", "4xxx", "sym", UNKNOWN, ""),
        ("5.15.0-generic", "4xxx", "sym", UNKNOWN, ""),
        ("6.8.0-45-generic", "4xxx", "sym", UNKNOWN, ""),
        ("6.11.4-300.fc41.x86_64", "4xxx", "sym", UNKNOWN, ""),
        ("6.1.0-28-amd64.local", "4xxx", "sym", UNKNOWN, ""),
        ("4.19", "c62x", "", NOTHING, ""),
        ("2.6", "200xx", "", NOTHING, ""),  # its driver is out of tree
    ],
)
def test_what_a_kernel_lacks(kernel, family, services, lack, since):
    found = CATALOG.kernel_support(kernel, family, services.split(";") if services else ())
    assert (found.lack, found.since) == (lack, since)


@pytest.mark.parametrize(
    ("kernel", "accepts"),
    [("5.19", ()), ("6.1", ("sym;asym", "dc")), ("6.6", ("sym;asym", "dc", "sym", "asym", "sym;dc", "asym;dc"))],
)
def test_what_it_accepts_instead(kernel, accepts):
    assert CATALOG.kernel_support(kernel, "4xxx", ["dcc"]).accepts == accepts


@pytest.mark.parametrize(
    ("kernel", "mainline"), [("6.8.0-45-generic", "6.8"), ("5.15.0-125-generic", ""), ("6.1.128-talos", "")]
)
def test_of_an_unknown_kernel_the_mainline_of_its_number_is_named_if_it_lacks_nothing(kernel, mainline):
    found = CATALOG.kernel_support(kernel, "4xxx", ["sym"])
    assert (found.lack, found.mainline) == (UNKNOWN, mainline)


def test_the_first_vendor_that_matches_decides():
    vendors = [
        KernelVendor("one", re.compile(r"(?P<mainline>[0-9]+\.[0-9]+)-x"), (), ""),
        KernelVendor("two", re.compile(r".*-x"), (("4xxx", ("sym",)),), ""),
    ]
    family = CATALOG.family("4xxx")
    assert kernel_support("6.1-x", family, ["sym"], vendors).lack is SERVICES
    assert kernel_support("6.1-y-x", family, ["sym"], vendors).lack is NOTHING


def test_every_legal_combination_of_services_has_a_kernel():
    for family in CATALOG.families:
        words = [text.split(";") for _, combinations in family.services_kernels for text in combinations or ()]
        assert [w for w in words if CATALOG.legal_services(family.name, w)] == []
        assert {one for w in words for one in w} in (set(family.services), set())


def test_vendors_name_families_and_legal_services():
    for vendor in CATALOG.kernel_vendors:
        assert bool(vendor.families) is ("mainline" not in vendor.pattern.groupindex)
        for name, combinations in vendor.families:
            assert [text for text in combinations if CATALOG.legal_services(name, text.split(";"))] == []


def test_what_guests_and_migration_need():
    rows = {f.name: (f.generation, f.qatlib, f.live_migration_since) for f in CATALOG.families if f.generation >= 4}
    assert rows == {
        "4xxx": (4, "20.08", "6.10"),
        "401xx": (4, None, "6.10"),
        "402xx": (4, "24.02", "6.10"),
        "420xx": (5, "24.02", None),
        "6xxx": (6, "26.08", None),
    }
