"""Every report names the environments of a finding, and how many objects each has."""

from dataclasses import replace

import pytest

from generator.report import FORMATS, render_report
from generator.report.environments import environments_of
from tests.unit.report.conftest import context

WORDS = {
    "text": "   = environments: dev, prod\n",
    "json": '"environments": [\n        "dev",\n        "prod"\n      ]',
    "sarif": "environments: dev, prod; request",
    "junit": "= environments: dev, prod",
    "github": "%0Aenvironments: dev, prod%0A",
    "markdown": "<br>environments: `dev, prod`<br>",
    "gitlab": "; environments: dev, prod)",
}


@pytest.mark.parametrize("form", FORMATS)
def test_environments_and_counts(form, finding):
    shared = replace(finding, environments=("dev", "prod"), objects=(12, 4))
    out = render_report(form, [shared], context())
    assert WORDS[form] in out
    assert "(dev: 12 objects, prod: 4)" in out


@pytest.mark.parametrize("form", FORMATS)
def test_nothing_is_said_where_there_is_none(form, finding):
    out = render_report(form, [finding], context())
    assert "environment" not in out.replace('"environments": []', "")


def test_of_many_environments_the_rest_are_counted(finding):
    names = tuple(f"e{number:02}" for number in range(14))
    assert environments_of(replace(finding, environments=names))[1].endswith("e10, e11 and 2 more")
    assert environments_of(replace(finding, environments=("dev",))) == ("environment", "dev")
