"""Write every golden tree: `python -m tests.golden`. Read the diff before you commit it."""

from tests.golden.render import render, specs

for name, folder in specs():
    said = render(folder, folder / "rendered")
    print(f"{name}: {folder / 'rendered'}")
    if said:
        print(said)
