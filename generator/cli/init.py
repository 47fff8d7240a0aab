"""`qatgen init`: a repository that renders, checks and delivers at once."""

import os
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import click

from generator import __version__
from generator.cli.exits import Exit
from generator.emit.create import create_files, in_the_way
from generator.spec.schema import schema_text

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,40}[a-z0-9])?\Z")
_DOT = "_dot_"
_SHOWN = 12


@click.command()
@click.argument("folder", default=".", type=click.Path(readable=False, path_type=Path), metavar="DIR")
@click.option("--name", default=None, help="The platform's name; default: the folder's.")
def init(*, folder: Path, name: str | None) -> int:
    """Write a working GitOps repository into DIR: spec, environments, a policy with its cases, CI, Argo CD.

    Files that are there already are never touched: one that is in the way, or a link, is an error, and nothing is
    written.
    """
    chosen = name or re.sub(r"[^a-z0-9-]+", "-", folder.absolute().name.lower()).strip("-") or "platform"
    if not _NAME.match(chosen):
        raise click.BadParameter(f'"{chosen}" is no name: use small letters, digits and "-"', param_hint="--name")
    texts = {path: text.encode() for path, text in _texts(chosen)}
    if os.path.lexists(folder) and not folder.is_dir():
        raise click.UsageError(f"{folder.as_posix()} is not a folder; nothing was written")
    there = in_the_way(folder, texts)
    if there:
        shown = ", ".join(map(str, there[:_SHOWN])) + (
            f" and {len(there) - _SHOWN} more" if len(there) > _SHOWN else ""
        )
        exist = "exists" if len(there) == 1 else "exist"
        way_out = "name an empty folder, or move the files away"
        raise click.UsageError(f"{shown} {exist} already; nothing was written: {way_out}")
    try:
        create_files(folder, texts)
    except OSError as error:
        raise click.UsageError(f"cannot write {error.filename}: {error.strerror}; nothing was written") from None
    click.echo(f"{len(texts)} files in {folder.as_posix()}; next: `qatgen render`, then commit everything")
    return Exit.OK


def _texts(name: str) -> Iterator[tuple[str, str]]:
    """The files of a new repository, by path."""
    top = Path(str(files("generator") / "starter"))
    for path in sorted(top.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            relative = "/".join(part.replace(_DOT, ".") for part in path.relative_to(top).parts)
            text = path.read_text(encoding="utf-8").replace("PLATFORM", name).replace("VERSION", __version__)
            yield relative, text
    yield "qatplatform.schema.json", schema_text()  # the first line of spec.yaml names it, for editors
