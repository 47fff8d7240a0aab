"""Send hostile values through every shipped template: only the values may differ, never structure or type.

`python -m tests.property.hostile_templates --values 1000000` prints `N passed, M failed`.

Every item of the golden builds is rendered with inert words in place of its texts; then with hostile texts. The
second must be the first with each word replaced. Texts that a template decides by (a machine's kind, a disk's type)
are found by trying, and kept.
"""

import argparse
import random
import sys
from collections.abc import Iterator
from typing import Any

from generator.catalog import load_catalog
from generator.finding import Halt
from generator.pipeline.index import Entry, load_index, template_folders
from generator.pipeline.project import open_project
from generator.render import Renderer
from generator.resolve import Item
from generator.resolve.delivery import argocd_lists, flux_lists
from tests.golden.render import specs
from tests.property.hostile import text

Place = tuple[str | int, ...]


def leaves(data: Any, path: Place = ()) -> Iterator[tuple[Place, str]]:
    """Every text of plain data that is a value, with its place."""
    if isinstance(data, str):
        yield path, data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from leaves(value, (*path, key))
    elif isinstance(data, list | tuple):
        for index, value in enumerate(data):
            yield from leaves(value, (*path, index))


def with_texts(data: Any, texts: dict[Place, str], path: Place = ()) -> Any:
    """A copy of plain data with some texts exchanged."""
    if isinstance(data, str):
        return texts.get(path, data)
    if isinstance(data, dict):
        return {key: with_texts(value, texts, (*path, key)) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [with_texts(value, texts, (*path, index)) for index, value in enumerate(data)]
    return data


def shape(data: Any) -> Any:
    """Plain data with every value replaced by its type."""
    if isinstance(data, dict):
        return {key: shape(value) for key, value in data.items()}
    return [shape(value) for value in data] if isinstance(data, list) else type(data).__name__


def exchanged(data: Any, words: dict[str, str]) -> Any:
    """Plain data with every word inside a text replaced."""
    if isinstance(data, str):
        for word, value in words.items():
            data = data.replace(word, value) if word in data else data
        return data
    if isinstance(data, dict):
        return {exchanged(key, words): exchanged(value, words) for key, value in data.items()}
    return [exchanged(value, words) for value in data] if isinstance(data, list) else data


class Case:
    """One item and its template: which of its texts are free, and what comes of inert ones."""

    def __init__(self, renderer: Renderer, entry: Entry, item: Item) -> None:
        self.renderer, self.entry, self.item = renderer, entry, item
        usual = shape(self.render(item.data))
        self.free: list[Place] = []
        for path, _ in leaves(item.data):
            try:
                if shape(self.render(with_texts(item.data, {path: "word"}))) == usual:
                    self.free.append(path)
            except Halt:
                continue
        self.words = {path: f"word{number:03}x" for number, path in enumerate(self.free)}
        self.inert = self.render(with_texts(item.data, self.words))

    def render(self, data: Any) -> list[dict[str, Any]]:
        """What the template makes of data."""
        context = {self.entry.name: data, "environment": "e", "target": {}}
        return self.renderer.render(self.entry.template, context)

    def failure(self, source: random.Random) -> str | None:
        """Render once with hostile texts; what is wrong, if anything."""
        # An empty text is one a template may decide by: what is absent is left out.
        texts = {path: text(source) or "-" for path in self.free}
        try:
            got = self.render(with_texts(self.item.data, texts))
        except Halt as halt:
            return f"{self.entry.template}: {halt}"
        wanted = exchanged(self.inert, {self.words[path]: texts[path] for path in self.free})
        return None if repr(got) == repr(wanted) else f"{self.entry.template}: wanted {wanted!r}\n got {got!r}"


def cases() -> Iterator[Case]:
    """A case for every item of the golden builds."""
    load_catalog()
    for _, folder in specs():
        project = open_project(folder / "spec.yaml")
        entries = load_index(template_folders(folder, ""))
        renderer = Renderer(project.templates)
        shared = {**argocd_lists(project.environments, {}, ()), **flux_lists(project.environments)}
        for _, model in project.environments:
            for entry in entries:
                items = model.machine_items(0, 40) if entry.each == "machines" else model.lists.get(entry.each, ())
                for item in (*items, *shared.get(entry.each, ())):
                    yield Case(renderer, entry, item)


def failures(values: int, seed: int = 20261124) -> Iterator[str]:
    """Put at least so many hostile values through the templates; yields what is wrong with each render that is."""
    source = random.Random(seed)
    chosen = list(cases())
    done = 0
    while done < values:
        for case in chosen:
            found = case.failure(source)
            done += max(1, len(case.free))
            if found is not None:
                yield found


def main() -> int:
    """Run, print the count; exit code 1 when any value changed more than itself."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--values", type=int, default=20_000)
    options = parser.parse_args()
    failed = 0
    for found in failures(options.values):
        failed += 1
        if failed <= 5:
            print(found, file=sys.stderr)
    print(f"{options.values - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
