"""`qatgen capacity`: what every pool has, what is asked of it, what is left, node by node."""

import json
from pathlib import Path
from typing import Any

import click

from generator.checks.capacity import PoolUse, amount, capacity_of
from generator.cli.exits import Exit
from generator.cli.reporting import Reporting, halted
from generator.cli.root import chosen_root
from generator.emit import dump
from generator.files import kind_of
from generator.finding import Halt, Told, once
from generator.overlay import settings
from generator.pipeline.demands import demands_of
from generator.pipeline.origins import Origins
from generator.pipeline.project import open_project
from generator.pipeline.whole import of_capacity

PATH = click.Path(readable=False, path_type=Path)


@click.command()
@click.option("--spec", default="spec.yaml", type=PATH, help="The spec file.")
@click.option("-e", "--env", "environments", multiple=True, metavar="NAME", help="Only this environment; repeatable.")
@click.option("-o", "--output", type=click.Choice(["text", "json", "yaml"]), default="text", help="Form.")
def capacity(*, spec: Path, environments: tuple[str, ...], output: str) -> int:
    """Show VFs and hugepages of every node pool: there, asked for, left, and how nodes are filled.

    All objects count, those of templates and overlays too. Exits with 1 where a pool is asked for more than it has.
    """
    reporting = Reporting()
    told: list[Told] = []
    pools: dict[str, list[dict[str, Any]]] = {}
    try:
        project = open_project(spec, root=chosen_root(spec.parent))
        overlay = settings()
        origins = Origins(project, overlay)
        for environment, model in project.chosen(environments):
            demands = demands_of(project, (environment, model), overlay)
            pools[environment.name] = [_row(use) for use in capacity_of(model, demands).uses]
            told.extend((environment.name, one) for one in of_capacity(environment, model, demands, origins))
    except Halt as halt:
        reporting.report(halt.findings)
        return halted(halt.findings) if kind_of(spec) else Exit.USAGE
    if output == "json":
        click.echo(json.dumps({"environments": pools}, indent=2))
    elif output == "yaml":
        click.echo(dump({"environments": pools}), nl=False)
    else:
        for name, rows in pools.items():
            click.echo(f"{name}\n{_table(rows)}\n")
    return reporting.report(once(told))


def _row(use: PoolUse) -> dict[str, Any]:
    spec = use.pool.spec
    row: dict[str, Any] = {
        "pool": spec.name,
        "serves": spec.serves,
        "resource": use.pool.resource,
        "nodes": spec.nodes,
        "vfs": {
            "perNode": use.vfs_per_node,
            "there": use.vfs_there,
            "asked": use.vfs_asked,
            "left": use.vfs_there - use.vfs_asked,
        },
        "hugepages": [
            {
                "size": size,
                "there": amount(use.pages_there(size)) if use.pages_known else None,
                "asked": amount(use.pages_asked(size)),
                "left": amount(use.pages_there(size) - use.pages_asked(size)) if use.pages_known else None,
            }
            for size in use.page_sizes
        ],
        "packing": [
            {
                "nodes": node.nodes,
                "vfs": node.vfs,
                "hugepages": {size: amount(taken) for size, taken in node.pages},
            }
            for node in use.nodes
        ],
        "unplaced": [{"machine": ask.name, "copies": rest} for ask, rest in use.unplaced],
    }
    return row


def _table(rows: list[dict[str, Any]]) -> str:
    lines = [("POOL", "RESOURCE", "NODES", "VFS THERE", "ASKED", "LEFT", "HUGEPAGES ASKED/THERE", "NODES FILLED")]
    for row in rows:
        vfs = row["vfs"]
        pages = ", ".join(f"{p['size']}: {p['asked']}/{p['there'] or '?'}" for p in row["hugepages"]) or "-"
        filled = ", ".join(f"{n['nodes']}×{n['vfs']}" for n in row["packing"] if n["vfs"]) or "-"
        shown = [str(vfs[key]) for key in ("there", "asked", "left")]
        lines.append((row["pool"], row["resource"], str(row["nodes"]), *shown, pages, filled))
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )
