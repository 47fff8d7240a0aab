"""The place of a finding is the line which, edited, changes the value: tried with every value of a project.

Every value of the spec, of its overlays and of patches is changed, one after the other, and everything is rendered. What
then differs in an object is what the line decides. A finding about a field has to point at such a line, and nowhere else.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
import yaml

from generator.finding import Finding, Halt, Rule
from generator.location import FieldPath, Span
from generator.manifest import Identity
from generator.overlay import settings
from generator.pipeline.objects import Objects
from generator.pipeline.origins import Origins
from generator.pipeline.overlaid import kustomization_of, overlaid
from generator.pipeline.project import open_project
from generator.render import Renderer
from tests.support.workspace import REPOSITORY, inside

SOURCE = REPOSITORY / "tests/data/places"
RULE = Rule("TST001", "test", "A test.")

Place = tuple[str, int]
Where = tuple[str, Identity, FieldPath]


@dataclass
class Campaign:
    """What each field was decided by, and how many changes were tried."""

    lines: dict[Where, set[Place]] = field(default_factory=lambda: defaultdict(set))
    changes: int = 0


def rendered() -> dict[str, dict[Identity, Any]]:
    found = {}
    project = open_project(Path("spec.yaml"))
    for environment, model in project.environments:
        objects = Objects(Renderer(project.templates), model)
        manifests = [*objects.all_but_machines(project.entries, "")]
        manifests += objects.machines(project.entries, 0, model.machine_count)
        if kustomization_of(project.folder, environment) is not None:
            manifests = overlaid(project, (environment, model), manifests, settings()).manifests
        found[environment.name] = {manifest.identity: manifest.data for manifest in manifests}
    return found


def leaves(data: Any, path: FieldPath = ()) -> Iterator[tuple[FieldPath, Any]]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield from leaves(value, (*path, key))
    elif isinstance(data, list | tuple):
        for index, value in enumerate(data):
            yield from leaves(value, (*path, index))
    else:
        yield path, data


def scalars(node: yaml.Node | None) -> Iterator[yaml.ScalarNode]:
    if isinstance(node, yaml.ScalarNode):
        yield node
    for value in node.value if isinstance(node, yaml.MappingNode | yaml.SequenceNode) else ():
        yield from scalars(value[1] if isinstance(node, yaml.MappingNode) else value)


def others(node: yaml.ScalarNode) -> Iterator[str]:
    """Other values of a scalar's kind, as YAML."""
    text = node.value
    if text in ("true", "false"):
        yield "false" if text == "true" else "true"
    elif node.tag.endswith(":int"):
        yield str(int(text) + 1)
    else:
        yield f'"{text}x"'
        number = re.search(r"\d+", text)
        if number:
            yield f'"{text[: number.start()]}{int(number[0]) * 2}{text[number.end() :]}"'


def edits(text: str, *, patches: bool) -> Iterator[tuple[int, str]]:
    """Every change of one value of a file, inside its patches as well: the line, and the file's new text."""
    rows = text.splitlines(keepends=True)
    for node in scalars(yaml.compose(text)):
        first, lead, inner = node.start_mark.line, 0, [node]
        if node.style in ("|", ">"):
            if not patches:
                continue
            first += 1
            lead, inner = len(rows[first]) - len(rows[first].lstrip()), list(scalars(yaml.compose(node.value)))
        for one in inner:
            line = one.start_mark.line + (first if lead else 0)
            row, start, end = rows[line], one.start_mark.column + lead, one.end_mark.column + lead
            for value in others(one):
                yield line + 1, "".join([*rows[:line], row[:start], value, row[end:], *rows[line + 1 :]])


def changed(file: str, campaign: Campaign, before: dict[str, dict[Identity, Any]]) -> None:
    """Change every value of a file, and note what that changes."""
    text = Path(file).read_text()
    for line, edited in edits(text, patches=file.endswith("kustomization.yaml")):
        Path(file).write_text(edited)
        try:
            after = rendered()
        except Halt:
            continue  # not a value of this field
        campaign.changes += 1
        for environment, objects in before.items():
            for identity in objects.keys() & after.get(environment, {}).keys():
                now = dict(leaves(after[environment][identity]))
                for path, was in leaves(objects[identity]):
                    if path in now and now[path] != was:
                        campaign.lines[environment, identity, path].add((file, line))
    Path(file).write_text(text)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return copytree(SOURCE, tmp_path_factory.mktemp("places") / "project")


@pytest.fixture(scope="module")
def campaign(project):
    campaign = Campaign()
    with inside(project):
        before = rendered()
        for file in sorted(path.relative_to(project).as_posix() for path in project.rglob("*.yaml")):
            changed(file, campaign, before)
    return campaign


def test_a_finding_points_at_a_line_that_decides_the_value(project, campaign):
    wrong = []
    with inside(project):
        origins = Origins(open_project(Path("spec.yaml")))
        for (environment, identity, path), lines in campaign.lines.items():
            finding = Finding(rule=RULE, message="m", at=Span(""), path=path)
            at = origins.explain(finding, environment, identity).at
            # Gates are added for what machines use; what an overlay appends moves with the number of those before it.
            gate = path[-2:-1] == ("featureGates",)
            moved = "hostDevices" in path and at.file.endswith("kustomization.yaml")
            if (at.file, at.line) not in lines and not gate and not moved:
                wrong.append((environment, str(identity), path, str(at), sorted(lines)))
    assert not wrong
    assert campaign.changes > 60
    assert len(campaign.lines) > 250
