"""Findings of several environments that are one to a reader."""

import pytest

from generator.finding import Finding, Note, Rule, Severity, once
from generator.location import Span
from generator.report.fingerprint import fingerprint

RULE = Rule("TST001", "test", "A test.")
HERE = Span("spec.yaml", 3, 1)


def made(message="m", at=HERE, objects=1, **more):
    return Finding(rule=RULE, message=message, at=at, objects=(objects,), **more)


def test_what_environments_share_is_one_finding_that_names_them():
    [found] = once([("dev", made()), ("prod", made())])
    assert (found.environments, found.objects, found.said) == (("dev", "prod"), (1, 1), "m")


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ([1, 1], "m"),
        ([2], "m (and 1 more object)"),
        ([3], "m (and 2 more objects)"),
        ([1200], "m (and 1,199 more objects)"),
        ([3, 3], "m (and 2 more objects in each)"),
        ([12, 4], "m (dev: 12 objects, prod: 4)"),
        ([1, 4, 1000], "m (dev: 1 object, prod: 4, staging: 1,000)"),
    ],
)
def test_the_number_of_objects_is_said_of_each_environment_where_it_differs(counts, said):
    names = ("dev", "prod", "staging")[: len(counts)]
    [found] = once((name, made(objects=count)) for name, count in zip(names, counts, strict=True))
    assert found.said == said


def test_a_finding_of_several_environments_has_the_fingerprint_of_the_first():
    alone = once([("dev", made(objects=12))])[0]
    together = once([("dev", made(objects=12)), ("prod", made(objects=4))])[0]
    assert fingerprint(alone) == fingerprint(together) == fingerprint(made("m (and 11 more objects)"))


@pytest.mark.parametrize(
    "other",
    [
        made("another"),
        made(at=Span("spec.yaml", 4, 1)),
        made(at=Span("overlays/prod/spec.yaml", 3, 1)),
        made(hint="another"),
        made(severity=Severity.WARNING),
    ],
)
def test_what_says_something_else_stays_apart(other):
    assert len(once([("dev", made()), ("prod", other)])) == 2


def test_places_that_only_one_environment_knows_are_kept():
    notes = [Note("policy", HERE), Note("rendered here", Span("rendered/prod/a.yaml", 1, 1))]
    [found] = once([("dev", made(notes=(notes[0],))), ("prod", made(notes=tuple(notes)))])
    assert found.notes == tuple(notes)


def test_two_numbers_of_one_environment_are_two_findings():
    found = once([("dev", made(objects=2)), ("dev", made(objects=3)), ("dev", made(objects=2))])
    assert [finding.objects for finding in found] == [(2,), (3,)]


def test_no_environment_in_particular_is_not_named():
    assert once([("", made()), ("", made())])[0].environments == ()
    assert once([("", made()), ("dev", made())])[0].environments == ("dev",)


def test_findings_may_come_merged():
    [found] = once([("", once([("dev", made()), ("prod", made())])[0]), ("staging", made())])
    assert found.environments == ("dev", "prod", "staging")
