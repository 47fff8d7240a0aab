"""A browser, and reports for it to open: of the example, of a platform full of hostile values, of 10,000 machines."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Page, sync_playwright

from tests.acceptance.test_report import DANGLING, FILES, KUSTOMIZATION
from tests.support.assets import asset_program
from tests.support.workspace import REPOSITORY, SMALL, qatgen, write

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
EVIL = "</script></td><script>alert(1)</script><img src=x onerror=alert(2)>\" onclick='alert(3)' \u202egnp\u202c"
PICTURES = REPOSITORY / "build" / "report"


@dataclass(frozen=True)
class Report:
    """A page, and the JSON of the same run."""

    page: Path
    data: Any


@dataclass
class Opened:
    """A page in the browser, with all it asked for and complained about."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    program = asset_program("chromium")
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield made
        made.close()


def made(folder: Path, project: Path) -> Report:
    page, data = folder / "report.html", folder / "report.json"
    result = qatgen(project, "report", "-o", f"html={page}", "-o", f"json={data}")
    assert result.code in (0, 1), result.err
    return Report(page, json.loads(data.read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def example(tmp_path_factory) -> Report:
    """The example platform of this repository: three environments, overlays, a waiver."""
    return made(tmp_path_factory.mktemp("example"), REPOSITORY)


@pytest.fixture(scope="session")
def hostile(tmp_path_factory) -> Report:
    """A platform with too few VFs, lost volumes, warnings, and markup in every place that takes free text."""
    folder = tmp_path_factory.mktemp("hostile")
    waiver = {
        "rule": "OWN-001",
        "match": {"kind": "VirtualMachine", "name": "gw-0"},
        "reason": EVIL,
        "expires": "2030-01-01",
    }
    annotations = json.dumps({"example.com/note": EVIL})
    spec = SMALL.replace("    - name: gw\n", f"    - name: gw\n      count: 60\n      annotations: {annotations}\n")
    policy = FILES["policies/named-well/policy.yaml"].replace("<b>short</b>", EVIL.replace('"', '\\"'))
    write(
        folder,
        {
            **FILES,
            "overlays/dev/kustomization.yaml": KUSTOMIZATION.replace("GONE", DANGLING),
            "spec.yaml": f"{spec}  waivers: {json.dumps([waiver])}\n",
            "overlays/prod/spec.yaml": "spec: {virtualMachines: [{name: gw, count: 2}]}\n",
            "policies/named-well/policy.yaml": policy,
        },
    )
    return made(tmp_path_factory.mktemp("page"), folder)


@pytest.fixture(scope="session")
def many(tmp_path_factory) -> Report:
    """10,000 machines."""
    folder = tmp_path_factory.mktemp("many")
    spec = SMALL.replace("    - name: gw\n", "    - name: gw\n      count: 10000\n").replace("nodes: 2", "nodes: 700")
    write(folder, {"spec.yaml": spec})
    return made(tmp_path_factory.mktemp("page"), folder)


@contextmanager
def opened(browser: Browser, report: Report, **options: Any) -> Iterator[Opened]:
    """A page in a window of its own; `options` are those of a browser context."""
    context = browser.new_context(**{"viewport": {"width": 1360, "height": 900}, **options})
    found = Opened(context.new_page())
    found.page.on("request", lambda request: found.requests.append(request.url))
    found.page.on("console", lambda message: found.complaints.append(message.text))
    found.page.on("pageerror", lambda error: found.complaints.append(str(error)))

    def refuse(dialog: Dialog) -> None:
        found.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    found.page.on("dialog", refuse)
    found.page.goto(report.page.as_uri())
    try:
        yield found
    finally:
        context.close()


def keep(page: Page, name: str) -> None:
    """A picture of the whole page, kept as an artefact of the run."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
