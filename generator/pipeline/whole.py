"""What is wrong with a build as a whole: pools that are asked for too much, and what nothing makes."""

from collections.abc import Iterator
from dataclasses import replace

from generator.checks.capacity import capacity_of
from generator.checks.demand import Demands
from generator.checks.shortages import shortages
from generator.finding import Finding
from generator.pipeline.blocks import Written
from generator.pipeline.neighbours import absent
from generator.pipeline.origins import Origins
from generator.resolve import Model
from generator.spec.load import Environment


def of_whole(environment: Environment, model: Model, written: Written, origins: Origins) -> Iterator[Finding]:
    """The findings about all objects of an environment together, at the lines to edit."""
    yield from of_capacity(environment, model, written.demands, origins)
    if not written.whole:
        return  # what is not there may be among what could not be made
    for item, identity, finding in absent(written.neighbours, model.spec):
        found = origins.explain(finding, environment.name, identity)
        yield found if found.at.file else replace(found, at=environment.layer.origin.span(item or ("spec",)))


def of_capacity(environment: Environment, model: Model, demands: Demands, origins: Origins) -> Iterator[Finding]:
    """What an environment's objects ask for and its pools do not have."""
    for shortage in shortages(capacity_of(model, demands), environment.layer.origin.span):
        finding = shortage.finding
        if shortage.blamed is None:
            yield finding
            continue
        found = origins.explain(replace(finding, at=replace(finding.at, file="")), environment.name, shortage.blamed)
        yield found if found.at.file else finding
