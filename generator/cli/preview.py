"""`qatgen preview`: what a machine's launcher pod will ask for, and the host devices libvirt will see."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from generator.cli.exits import Exit
from generator.cli.reporting import Reporting, halted
from generator.cli.root import chosen_root
from generator.emit import dump
from generator.files import Kind, kind_of, named
from generator.finding import Finding, Halt, Remark, Rule, did_you_mean
from generator.kube.quantity import QuantityError
from generator.location import Span
from generator.manifest import identify
from generator.pipeline.index import MACHINES
from generator.pipeline.kubevirt import KubeVirtTarget, remarks, target_of
from generator.pipeline.objects import Objects
from generator.pipeline.project import Project, open_project
from generator.preview import (
    AddressError,
    Cluster,
    RenderError,
    hostdev_elements,
    instance_spec,
    launcher_pod,
    rules,
    to_text,
)
from generator.preview.machine import instance_type_of, items
from generator.render import Renderer
from generator.resolve import Item, Model
from generator.source import Dialect, members, read_file

PATH = click.Path(readable=False, path_type=Path)
KINDS = frozenset(
    {"VirtualMachine", "VirtualMachineInstance", "VirtualMachineInstanceReplicaSet", "VirtualMachinePool"}
)


@click.command()
@click.argument("name")
@click.option("--spec", default="spec.yaml", type=PATH, help="The spec file.")
@click.option("-e", "--env", "environment", default=None, metavar="NAME", help="The environment; default: the first.")
@click.option("-n", "--namespace", default=None, help="Namespace of the machine, where names are not enough.")
@click.option(
    "--pci-address", "addresses", multiple=True, metavar="BDF", help="Address handed out; repeatable, in order."
)
@click.option("-o", "--output", type=click.Choice(["text", "json", "yaml"]), default="text", help="Form.")
def preview(
    *, name: str, spec: Path, environment: str | None, namespace: str | None, addresses: tuple[str, ...], output: str
) -> int:
    """Show the pod of machine NAME of the spec, or of every machine in the manifest file NAME.

    The pod is that of the KubeVirt version the spec targets, under the KubeVirt object it renders; there is none of a
    machine that KubeVirt refuses. With PCI addresses
    the libvirt <hostdev> elements are shown too: today's form, or the founding note's for `devices.qats`.
    """
    reporting = Reporting()
    try:
        project = open_project(spec, root=chosen_root(spec.parent))
        chosen = project.chosen([environment] if environment else [])[0][1]
        cluster, target = _cluster(project, chosen)
        judge = target.judge()
        machines = list(_machines(project, chosen, name, namespace))
        shown = [
            _refused(machine, cluster, remarks(machine, judge, target)) or _shown(machine, cluster, addresses)
            for machine in machines
        ]
    except Halt as halt:
        reporting.report(halt.findings)
        return halted(halt.findings) if kind_of(spec) else Exit.USAGE
    if output == "json":
        click.echo(json.dumps(shown if len(shown) > 1 else shown[0], indent=2))
    elif output == "yaml":
        click.echo("---\n".join(dump(row) for row in shown), nl=False)
    else:
        click.echo("\n".join(_text(row) for row in shown), nl=False)
    return Exit.FINDINGS if any("error" in row for row in shown) else Exit.OK


def _cluster(project: Project, model: Model) -> tuple[Cluster, KubeVirtTarget]:
    """The cluster as the spec renders it: its KubeVirt object (none under `qats`) and version; and its virt-api."""
    objects = Objects(Renderer(project.templates), model)
    manifests = objects.all_but_machines(project.entries, "")
    kubevirt = next((m.data for m in manifests if m.identity.kind == "KubeVirt"), {})
    target = target_of(model.spec, [m.data for m in manifests], ())
    return Cluster(kubevirt, model.spec.target.kubevirt), target


def _machines(project: Project, model: Model, name: str, namespace: str | None) -> Iterator[dict[str, Any]]:
    if kind_of(Path(name)) is Kind.FILE:
        documents = read_file(Path(name), name, Dialect.KUBERNETES, door=named(Path(name)))
        found = [data for document in documents for _, data in members(document.data) if isinstance(data, dict)]
        machines = [data for data in found if str(data.get("kind")) in KINDS]
        if not machines:
            raise _halt(rules.NO_MACHINE, f"{name} holds no machine", Span(name), f"kinds: {', '.join(sorted(KINDS))}")
        yield from machines
        return
    item = _item(model, name, namespace)
    objects = Objects(Renderer(project.templates), model)
    for entry in project.entries:
        if entry.each == MACHINES:
            yield from (m.data for m in objects.render(entry, item) if m.identity.kind in KINDS)


def _item(model: Model, name: str, namespace: str | None) -> Item:
    known: list[str] = []
    for item in model.machine_items(0, model.machine_count):
        if item.data["name"] == name and namespace in {None, item.data["namespace"]}:
            return item
        known.append(item.data["name"])
    where = f' in namespace "{namespace}"' if namespace else ""
    message = f'environment "{model.environment}" has no machine "{name}"{where}'
    raise _halt(rules.NO_MACHINE, message, Span("spec.yaml"), did_you_mean(name, known))


def _refused(machine: dict[str, Any], cluster: Cluster, said: Iterable[Remark]) -> dict[str, Any] | None:
    """A machine that virt-api refuses becomes no pod; None where it is taken."""
    messages = "; ".join(remark.message for remark in said if remark.severity is None)
    if not messages:
        return None
    return {"machine": str(identify(machine)), "kubevirt": cluster.version, "error": messages}


def _shown(machine: dict[str, Any], cluster: Cluster, addresses: tuple[str, ...]) -> dict[str, Any]:
    row: dict[str, Any] = {"machine": str(identify(machine)), "kubevirt": cluster.version}
    notes = list(_left_out(machine))
    if notes:
        row["note"] = "; ".join(notes)
    try:
        pod = launcher_pod(machine, cluster)
    except (RenderError, QuantityError) as error:
        row["error"] = str(error)
    else:
        resources: dict[str, Any] = {"requests": dict(pod.requests), "limits": dict(pod.limits)}
        if pod.claims:
            resources["claims"] = [dict(claim) for claim in pod.claims]
        security = {"privileged": pod.privileged, "runAsUser": pod.run_as_user}
        row["resources"] = resources
        row["securityContext"] = {**security, "capabilities": {k: list(v) for k, v in pod.capabilities.items()}}
        if pod.resource_claims:
            row["resourceClaims"] = [dict(claim) for claim in pod.resource_claims]
        if pod.overhead is not None:
            row["memoryOverheadBytes"] = pod.overhead
    if addresses:
        try:
            handed_out = _handed_out(machine, addresses)
            row["hostdev"] = to_text(hostdev_elements(machine, handed_out, version=cluster.version))
        except AddressError as error:
            raise _halt(
                rules.BAD_ADDRESS, str(error), Span("--pci-address"), "name one address for every device"
            ) from None
    return row


def _left_out(machine: dict[str, Any]) -> Iterator[str]:
    """What the cluster adds to the pod and only it knows."""
    instance_type = instance_type_of(machine)
    if instance_type:
        yield f'CPU, memory and devices of instance type "{instance_type}" are the cluster\'s, and not in this'
    spec = instance_spec(machine)
    networks = {network.get("name"): network.get("multus") for network in items(spec, "networks")}
    for interface in items(spec, "domain", "devices", "interfaces"):
        multus = networks.get(interface.get("name"))
        if isinstance(multus, dict) and "sriov" in interface:
            yield (
                f'the VF of network "{multus.get("networkName")}" is requested by the resource name that its '
                "NetworkAttachmentDefinition carries, and not in this"
            )


def _handed_out(machine: dict[str, Any], addresses: tuple[str, ...]) -> dict[str, list[str]]:
    """Addresses by resource: given in the order of the devices, each device takes the next."""
    out: dict[str, list[str]] = {}
    devices = instance_spec(machine).get("domain", {}).get("devices", {})
    entries = [
        entry for key in ("hostDevices", "gpus", "qats") for entry in items(devices, key) if "deviceName" in entry
    ]
    if len(addresses) > len(entries):
        raise AddressError(f"{len(addresses)} addresses are given, and the machine has {len(entries)} devices")
    for entry, address in zip(entries, addresses, strict=False):
        out.setdefault(entry["deviceName"], []).append(address)
    return out


def _text(row: dict[str, Any]) -> str:
    lines = [f"{row['machine']} on KubeVirt {row['kubevirt']}"]
    if "error" in row:
        lines.append(f"  error: {row['error']}")
    if "note" in row:
        lines.append(f"  note: {row['note']}")
    for key, values in row.get("resources", {}).items():
        lines.append(f"  {key}:")
        rows = values.items() if isinstance(values, dict) else ((c["name"], c.get("request", "")) for c in values)
        lines += [f"    {name}: {amount}" for name, amount in rows]
    if "memoryOverheadBytes" in row:
        lines.append(f"  memory overhead: {row['memoryOverheadBytes']:,} bytes")
    if "securityContext" in row:
        security = row["securityContext"]
        capabilities = (
            f"add {' '.join(security['capabilities']['add'])}, drop {' '.join(security['capabilities']['drop'])}"
        )
        lines.append(f"  user {security['runAsUser']}, unprivileged; capabilities: {capabilities}")
    if "hostdev" in row:
        lines += ["  libvirt:", *(f"    {line}" for line in row["hostdev"].splitlines())]
    return "\n".join(lines) + "\n"


def _halt(rule: Rule, message: str, at: Span, hint: str) -> Halt:
    return Halt([Finding(rule=rule, message=message, at=at, hint=hint)])
