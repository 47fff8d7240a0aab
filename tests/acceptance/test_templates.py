"""The page about templates names every list of the model."""

import re

from generator.pipeline.index import MACHINES
from generator.pipeline.project import open_project
from generator.resolve.delivery import LISTS
from tests.support.workspace import REPOSITORY, SMALL, qatgen, write

ONCE = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: about, namespace: vpn}
data:
  platform: {{ platform.name }}
  namespaces: {{ platform.namespaces | join(" ") }}
  environment: {{ environment }}
"""


def test_the_page_names_every_list_and_no_other():
    page = (REPOSITORY / "docs" / "templates.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    models = [model for _, model in open_project(REPOSITORY / "spec.yaml").environments]
    assert named == {MACHINES, *LISTS, *(name for model in models for name in model.lists)}


def test_a_template_without_a_list_is_rendered_once(tmp_path):
    index = "templates: [{template: about.yaml.j2}]\n"
    write(tmp_path, {"spec.yaml": SMALL, "templates/index.yaml": index, "templates/about.yaml.j2": ONCE})
    assert qatgen(tmp_path, "render").code == 0
    rendered = (tmp_path / "rendered/default/vpn/configmap-about.yaml").read_text(encoding="utf-8")
    assert "  platform: small\n" in rendered
    assert "  namespaces: intel-device-plugins vpn\n" in rendered


def test_an_index_that_names_an_unknown_list_has_a_line(tmp_path):
    index = "templates:\n  - {template: about.yaml.j2, each: namespace, as: it}\n"
    write(tmp_path, {"spec.yaml": SMALL, "templates/index.yaml": index, "templates/about.yaml.j2": ONCE})
    run = qatgen(tmp_path, "render")
    assert run.code == 1
    assert "templates/index.yaml:2:37" in run.err
    assert 'did you mean "namespaces"?' in run.err


def test_half_an_entry_is_refused(tmp_path):
    write(
        tmp_path,
        {"spec.yaml": SMALL, "templates/index.yaml": "templates: [{template: about.yaml.j2, each: machines}]\n"},
    )
    run = qatgen(tmp_path, "render")
    assert run.code == 1
    assert "templates/index.yaml:1:13" in run.err
