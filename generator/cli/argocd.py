"""`qatgen argocd`: what a config management plugin of Argo CD calls."""

import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from generator.cli.exits import Exit
from generator.cli.proving import Proving
from generator.cli.render import cores
from generator.finding import Finding, Halt, has_errors
from generator.location import Span
from generator.overlay import settings as overlay_settings
from generator.pipeline import rules
from generator.pipeline.project import Project, open_project
from generator.pipeline.render import RenderSettings, render_project
from generator.pipeline.validate import project_sources
from generator.report import ReportContext, render_report

SPEC = Path("spec.yaml")
_PARAMETER = "environment"


@click.group()
def argocd() -> None:
    """Commands of the config management plugin in integrations/argocd."""


@argocd.command()
def generate() -> int:
    """Print the manifests of the environment that Argo CD asks for, and nothing else."""
    try:
        project = open_project(SPEC)
        name = chosen_environment(project, os.environ)
        documents, findings = _documents(project, name)
    except Halt as halt:
        return _tell(halt.findings, os.environ.get(f"ARGOCD_ENV_{_PARAMETER.upper()}", ""))
    if not documents and not has_errors(findings):
        message = f'environment "{name}" has no objects: Argo CD would prune everything'
        findings = [Finding(rule=rules.NOTHING, message=message, at=Span(SPEC.name), hint="mend the spec")]
    if has_errors(findings):
        return _tell(findings, name)
    click.echo("---\n".join(documents), nl=False)
    return Exit.OK


@argocd.command()
def parameters() -> int:
    """Announce the parameters, in Argo CD's form: the environment, with those there are."""
    try:
        names = [environment.name for environment, _ in open_project(SPEC).environments]
    except Halt as halt:
        return _tell(halt.findings, "")
    about: dict[str, Any] = {
        "name": _PARAMETER,
        "title": "Environment",
        "tooltip": f"Which environment to render: {', '.join(names)}",
        "required": len(names) > 1,
        "itemType": "string",
        "collectionType": "string",
    }
    click.echo(json.dumps([{**about, **({"string": names[0]} if len(names) == 1 else {})}]))
    return Exit.OK


def chosen_environment(project: Project, variables: Mapping[str, str]) -> str:
    """The environment of the application's parameter, or of its plugin.env. Raises Halt for none, or an unknown one."""
    names = [environment.name for environment, _ in project.environments]
    name = _parameter(variables) or variables.get(f"ARGOCD_ENV_{_PARAMETER.upper()}", "")
    if not name and len(names) == 1:
        return names[0]
    if not name:
        message = f"no environment is chosen; there are {', '.join(names)}"
        hint = f"give the application's plugin the parameter `{_PARAMETER}`"
        raise Halt([Finding(rule=rules.NO_ENVIRONMENT, message=message, at=Span(SPEC.name), hint=hint)])
    project.chosen([name])
    return name


def _parameter(variables: Mapping[str, str]) -> str:
    """The value of the parameter; where it is given twice the last counts, as Argo CD appends."""
    try:
        given = json.loads(variables.get("ARGOCD_APP_PARAMETERS") or "[]")
    except ValueError:
        given = []
    found = ""
    for entry in given if isinstance(given, list) else []:
        if isinstance(entry, dict) and entry.get("name") == _PARAMETER:
            found = str(entry.get("string") or "")
    return found


def _documents(project: Project, name: str) -> tuple[list[str], Sequence[Finding]]:
    """The manifests of an environment as texts, in the order of its kustomization, and what is to be told."""
    version = os.environ.get("KUBE_VERSION", "")
    versions = [".".join(version.removeprefix("v").split(".")[:2])] if version else []
    proof = Proving().settings(versions, project_sources(project))
    with tempfile.TemporaryDirectory(prefix="qatgen-argocd-") as temporary:
        output = Path(temporary) / "rendered"
        settings = RenderSettings(output, (name,), cores(), None, proof, overlay_settings(), has_errors)
        _, findings = render_project(project, settings, None)
        return list(_texts(output / name)), findings


def _texts(tree: Path) -> Iterator[str]:
    for path in sorted(tree.rglob("*.yaml")) if tree.is_dir() else ():
        if path.parent != tree or path.name != "kustomization.yaml":
            yield path.read_text(encoding="utf-8")


def _tell(findings: Sequence[Finding], environment: str) -> int:
    """Findings to standard error, after the names Argo CD's users know; nothing to standard output."""
    application = os.environ.get("ARGOCD_APP_NAME", "")
    about = [f"application {application}"] if application else []
    about += [f"environment {environment}"] if environment else []
    if about:
        click.echo(f"qatgen, {', '.join(about)}:", err=True)
    errors = [finding for finding in findings if has_errors([finding])]
    context = ReportContext(source_text=lambda _: None, colour=False, tool_version="", root="")
    click.echo(render_report("text", errors, context), nl=False, err=True)
    return Exit.FINDINGS
