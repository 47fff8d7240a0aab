"""Changes of a project's files, and ways to hide them from git and from file times: `check` finds them all the same.

Every change is made to a project that was rendered, committed and found current. A whole check that believes nothing
(CI is set) says whether the trees are stale after it. Where they are, `check` and `check --changed-only` have to say so
too, however the change was hidden; where they are not, both say that nothing is wrong.

    python -m tests.property.changes [--full] [--only TEXT]

Without --full every change is tried in one way, and every way with one change.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.changing import FILES, MAPPED
from tests.support.workspace import qatgen, write

IDENTITY = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
Edit = Callable[[Path], object]


def git(folder: Path, *arguments: str) -> None:
    """Run git; it has to succeed."""
    subprocess.run(["git", *IDENTITY, *arguments], cwd=folder, check=True, capture_output=True)


def commit(folder: Path) -> None:
    """Commit everything there is."""
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "x", "--allow-empty")


@dataclass(frozen=True)
class Change:
    """A change of one file, and its name."""

    name: str
    file: str
    make: Edit


def _renamed(old: str, new: str) -> Change:
    def make(folder: Path) -> None:
        (folder / new).parent.mkdir(parents=True, exist_ok=True)
        (folder / old).rename(folder / new)

    return Change(f"rename {old} to {new}", old, make)


def _as_link(name: str, text: str) -> Change:
    def make(folder: Path) -> None:
        write(folder, {f"elsewhere/{Path(name).name}": text})
        (folder / name).unlink()
        (folder / name).symlink_to(folder / "elsewhere" / Path(name).name)

    return Change(f"link in place of {name}", name, make)


def _as_folder(name: str) -> Change:
    def make(folder: Path) -> None:
        (folder / name).unlink()
        (folder / name).mkdir()

    return Change(f"folder in place of {name}", name, make)


def _pipe(name: str) -> Change:
    return Change(f"pipe {name}", name, lambda folder: os.mkfifo(folder / name))


def _retargeted(folder: Path) -> None:
    (folder / "teams/linked.yaml").unlink()
    (folder / "teams/linked.yaml").symlink_to("../people/two.yaml")


CHANGES = (
    *(Change(name, name.partition(" ")[2], make) for (name, make), _ in MAPPED),
    Change(
        "same size",
        "overlays/b/spec.yaml",
        lambda f: write(f, {"overlays/b/spec.yaml": FILES["overlays/b/spec.yaml"].replace("qats", "vfio")}),
    ),
    _renamed("teams/radio.yaml", "teams/renamed.yaml"),
    _renamed("cloud-init/gw.yaml", "cloud-init/moved.yaml"),
    _renamed("overlays/c", "overlays/cc"),
    _as_link("cloud-init/gw.yaml", "#cloud-config\nhostname: linked\n"),
    _as_folder("parts/big/patch.yaml"),
    _as_folder("schemas/widgets.yaml"),
    _pipe("rendered/b/vpn/pipe.yaml"),
    Change("link retargeted", "teams/linked.yaml", _retargeted),
    Change(
        "target of a link",
        "people/one.yaml",
        lambda f: (f / "people/one.yaml").write_text((f / "people/one.yaml").read_text().replace("2Gi", "3Gi")),
    ),
)


@dataclass(frozen=True)
class Way:
    """A way to hide a change: `before` is done to the project, `commit`ted and checked, `after` follows the change.

    `around` makes the change itself where the way is how a file is written.
    """

    name: str
    before: Callable[[Path, str], object] = lambda *_: None
    after: Callable[[Path, str, dict[Path, os.stat_result]], object] = lambda *_: None
    committed: bool = False
    around: Callable[[Path, Change], object] = lambda folder, change: change.make(folder)


def _restored(folder: Path, _file: str, times: dict[Path, os.stat_result]) -> None:
    """Every time as it was, of files and of folders."""
    for path, about in times.items():
        if path.exists() and path.is_relative_to(folder):
            os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))


def _flagged(flag: str) -> Callable[[Path, str], None]:
    def mark(folder: Path, file: str) -> None:
        if (folder / file).is_file():
            git(folder, "update-index", flag, file)

    return mark


def _ignored(place: str) -> Callable[[Path, str], None]:
    def ignore(folder: Path, file: str) -> None:
        with (folder / place).open("a") as out:
            out.write(f"/{file}\n")
        if (folder / file).is_file():
            git(folder, "rm", "-q", "--cached", file)

    return ignore


def _filtered(folder: Path, _file: str) -> None:
    """A clean filter that always gives what the index has."""
    marker = folder.parent / "filter-ran"
    (folder / ".git/info/attributes").write_text("* filter=old\n")
    git(folder, "config", "filter.old.clean", f"touch {marker}; git cat-file blob :%f")


def _monitored(folder: Path, _file: str) -> None:
    """A monitor of the repository's own that says that nothing changed; it must not be run."""
    hook = folder.parent / "monitor"
    hook.write_text(f"#!/bin/sh\ntouch {folder.parent}/monitor-ran\nprintf 'token\\0'\n")
    hook.chmod(0o755)
    git(folder, "config", "core.fsmonitor", str(hook))


def _sparse(folder: Path, _file: str) -> None:
    """A sparse checkout that leaves out what no render reads."""
    git(folder, "sparse-checkout", "set", "--no-cone", "/*", "!/README.md")
    (folder / "README.md").touch()


def _altered(edit: Callable[[list[str]], list[str]]) -> Callable[[Path, str], None]:
    """The records of all trees, edited."""

    def alter(folder: Path, _file: str) -> None:
        for record in folder.glob("rendered/*/.qatgen.json"):
            lines = record.read_text().splitlines()
            start = lines.index(' "sources": [')
            end = lines.index(" ],", start)
            record.write_text("\n".join([*lines[: start + 1], *edit(lines[start + 1 : end]), *lines[end:]]) + "\n")

    return alter


def _over(folder: Path, change: Change) -> None:
    """The changed file is made elsewhere, gets the old one's times (cp -p), and is renamed over it."""
    before = (folder / change.file).stat() if (folder / change.file).is_file() else None
    change.make(folder)
    path = folder / change.file
    if before is None or not path.is_file() or path.is_symlink():
        return
    copy = path.with_name("copy")
    shutil.copy2(path, copy)
    os.utime(copy, ns=(before.st_atime_ns, before.st_mtime_ns))
    copy.rename(path)


def _by_another_name(folder: Path, change: Change) -> None:
    """The content is written through a hard link elsewhere."""
    path = folder / change.file
    if not path.is_file() or path.is_symlink():
        change.make(folder)
        return
    other = folder.parent / "other-name"
    other.unlink(missing_ok=True)
    os.link(path, other)
    old = path.read_bytes()
    change.make(folder)
    if path.is_file() and not path.is_symlink() and path.read_bytes() != old and path.samefile(other):
        os.utime(other, ns=(0, 0))


def _without(_lines: list[str]) -> list[str]:
    return ['  "spec.yaml"']


def _slow(lines: list[str]) -> list[str]:
    stars, deep = "*a" * 500, "**/" * 300
    return [f'  "{stars}b"', *(line if line.endswith(",") else f"{line}," for line in lines), f'  "{deep}zz"'][::-1]


def _others_write(folder: Path, _file: str, _times: dict[Path, os.stat_result]) -> None:
    """The memory of the check is one that others can write, and says what it likes."""
    for memory in folder.glob(".git/qatgen/*"):
        memory.chmod(0o666)


WAYS = (
    Way("openly"),
    Way("mtime restored", after=_restored),
    Way("assume-unchanged", before=_flagged("--assume-unchanged")),
    Way("skip-worktree", before=_flagged("--skip-worktree")),
    Way(".gitignore", before=_ignored(".gitignore"), committed=True),
    Way(".git/info/exclude", before=_ignored(".git/info/exclude"), committed=True),
    Way("autocrlf", before=lambda folder, _: git(folder, "config", "core.autocrlf", "true")),
    Way("filter", before=_filtered),
    Way("fsmonitor", before=_monitored),
    Way("trustctime", before=lambda folder, _: git(folder, "config", "core.trustctime", "false"), after=_restored),
    Way("record without sources", before=_altered(_without), committed=True),
    Way("record without sources, not committed", after=lambda f, name, _: _altered(_without)(f, name)),
    Way("record with slow patterns", before=_altered(_slow), committed=True),
    Way("cp -p and rename", around=_over),
    Way("staged", after=lambda folder, *_: git(folder, "add", "-A")),
    Way("intent to add", after=lambda folder, *_: git(folder, "add", "-N", ".")),
    Way("sparse checkout", before=_sparse),
    Way("hard link", around=_by_another_name, after=_restored),
    Way("memory that others write", after=_others_write),
)


@contextmanager
def _with(**variables: str) -> Iterator[None]:
    """Variables of the environment; CI and those of hooks are not set unless given."""
    before = dict(os.environ)
    try:
        for name in ("CI", "PRE_COMMIT", "PRE_COMMIT_FROM_REF", "XDG_CACHE_HOME"):
            os.environ.pop(name, None)
        os.environ.update(variables)
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def made(folder: Path) -> Path:
    """A project, rendered and committed."""
    link = (
        "apiVersion: qatgen.dev/v1alpha1\nkind: QATVirtualMachines\nmetadata: {name: %s}\nspec: {virtualMachines: []}\n"
    )
    team = FILES["teams/radio.yaml"].replace("radio", "linked")
    write(folder, {**FILES, "people/one.yaml": team, "people/two.yaml": link % "two"})
    (folder / "teams/linked.yaml").symlink_to("../people/one.yaml")
    with _with():
        result = qatgen(folder, "render", "-q")
    assert result.code == 0, result.err
    git(folder, "init", "-q")
    commit(folder)
    return folder


class Campaign:
    """Changes × ways, on copies of one project."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.project = made(place / "made")
        self._stale: dict[str, bool] = {}

    def is_stale(self, change: Change) -> bool:
        """Whether the trees are not what the sources give after a change, by a check that believes nothing."""
        if change.name not in self._stale:
            with self._copy() as folder, _with(CI="1"):
                change.make(folder)
                self._stale[change.name] = qatgen(folder, "check", "-q").code != 0
        return self._stale[change.name]

    def wrong(self, change: Change, way: Way) -> str:
        """What a check says wrongly of a hidden change; nothing where all is right."""
        stale = self.is_stale(change)
        with self._copy() as folder, _with():
            altered = "record" in way.name
            if not altered and qatgen(folder, "check", "-q").code != 0:
                return "the project is not current to begin with"
            way.before(folder, change.file)
            if way.committed:
                commit(folder)
            if not altered and qatgen(folder, "check", "-q").code != 0:
                return "hiding alone makes the trees stale"
            times = {path: path.stat() for path in folder.rglob("*") if ".git" not in path.parts and path.exists()}
            way.around(folder, change)
            way.after(folder, change.file, times)
            short, only = qatgen(folder, "check", "-q").code, qatgen(folder, "check", "-q", "--changed-only").code
            listed = qatgen(folder, "check", "-q", "--changed-only", change.file).code
            ran = [name for name in ("monitor-ran", "filter-ran") if (folder.parent / name).exists()]
        if ran:
            return f"it ran what the repository names: {ran}"
        said = {"check": short, "check --changed-only": only, "check --changed-only FILE": listed}
        if stale or not altered:
            return ", ".join(f"`{name}` says {code}" for name, code in said.items() if (code != 0) != stale)
        return ""

    @contextmanager
    def _copy(self) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(dir=self.place) as name:
            folder = Path(name) / "project"
            shutil.copytree(self.project, folder, symlinks=True)
            yield folder


def pairs(*, full: bool) -> Iterator[tuple[Change, Way]]:
    """All pairs; without `full` each change in one way and each way with one change, in turn."""
    if full:
        yield from ((change, way) for change in CHANGES for way in WAYS)
        return
    yield from ((change, WAYS[number % len(WAYS)]) for number, change in enumerate(CHANGES))


def run(chosen: list[tuple[Change, Way]]) -> tuple[int, list[str]]:
    """Try pairs; gives how many passed, and what failed."""
    failures = []
    with tempfile.TemporaryDirectory(prefix="changes-") as name:
        campaign = Campaign(Path(name))
        for change, way in chosen:
            wrong = campaign.wrong(change, way)
            if wrong:
                failures.append(f"{change.name}, {way.name}: {wrong}")
                print(f"FAILED {failures[-1]}", flush=True)
    return len(chosen) - len(failures), failures


def main() -> int:
    """Run the campaign and print how many passed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="every change in every way")
    parser.add_argument("--only", default="", metavar="TEXT", help="only pairs with this in their names")
    arguments = parser.parse_args()
    chosen = [
        (change, way)
        for change, way in pairs(full=arguments.full)
        if arguments.only in change.name or arguments.only in way.name
    ]
    passed, failures = run(chosen)
    print(f"{passed} passed, {len(failures)} failed")
    return 1 if failures or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
