"""Write every golden tree and generated page: `python -m tests.golden`. Read the diff before you commit it."""

from tests.golden.documents import documents
from tests.golden.render import render, specs

for name, folder in specs():
    said = render(folder, folder / "rendered")
    print(f"{name}: {folder / 'rendered'}")
    if said:
        print(said)
for path, text in documents():
    path.write_text(text, encoding="utf-8")
    print(path)
