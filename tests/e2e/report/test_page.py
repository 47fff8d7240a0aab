"""What people see in a browser is what the JSON says; it can be read, clicked and printed, with and without scripts."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.e2e.report.conftest import EVIL, PICTURES, keep, opened

BOTH = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
EACH = pytest.mark.parametrize("name", ["example", "hostile", "many"])
SECTIONS = ["environments", "capacity", "devices", "findings", "policies", "overlays", "files"]


@pytest.fixture
def report(name, request):
    return request.getfixturevalue(name)


def rows(page, table):
    """The cells of a table's body as they are shown, spaces taken together."""
    cells = page.locator(f"{table} tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.textContent.replace(/\\s+/g, ' ').trim()))"
    )
    return [list(row) for row in cells]


def shown(number):
    return "–" if number is None else f"{number:,}".replace("-", "−")


@BOTH
@EACH
def test_environments_are_those_of_the_json(browser, report, scripts):
    with opened(browser, report, java_script_enabled=scripts) as found:
        table = {row[0]: row[1:] for row in rows(found.page, "#environments-table") if len(row) > 1}
    environments = report.data["environments"]
    facts = {
        "Kubernetes": "kubernetes", "KubeVirt": "kubevirt", "Intel device plugin": "devicePlugin", "Assignment": "assignment",
    }  # fmt: skip
    for label, key in facts.items():
        assert table[label] == [one[key] for one in environments]
    for label, key in (
        ("Machine objects", "machines"),
        ("Machines they make", "instances"),
        ("Nodes in pools", "nodes"),
    ):
        assert table[label] == [shown(one[key]) for one in environments]
    for word, key in (("there", "there"), ("asked for", "asked"), ("left", "left")):
        assert table[f"VFs for machines: {word}"] == [shown(one["vfs"][key]) for one in environments]
    assert table["All"] == [shown(sum(kind["count"] for kind in one["objects"])) for one in environments]
    kinds = {f"{k['kind']} {k['group']}".strip() for one in environments for k in one["objects"]}
    assert kinds <= set(table)
    for kind in kinds:
        expected = [
            next((shown(k["count"]) for k in one["objects"] if f"{k['kind']} {k['group']}".strip() == kind), "–")
            for one in environments
        ]
        assert table[kind] == expected


@BOTH
@EACH
def test_pools_and_their_bars_are_those_of_the_json(browser, report, scripts):
    with opened(browser, report, java_script_enabled=scripts) as found:
        for one in report.data["environments"]:
            table = f'[data-table=pools][data-environment="{one["name"]}"]'
            for row, pool in zip(rows(found.page, table), one["pools"], strict=True):
                vfs = pool["vfs"]
                asked = shown(vfs["asked"]) + (f" {pool['overlayVfs']:+d} by overlay" if pool["overlayVfs"] else "")
                assert (row[0], row[2]) == (pool["name"], pool["resource"])
                assert row[5:8] == [shown(vfs["there"]), asked, shown(vfs["left"])]
                assert all(f"{fill['vfs']}" in row[9] for fill in pool["fills"][:4] if fill["vfs"])
            widths = found.page.locator(f"{table} svg").evaluate_all(
                "all => all.map(svg => [...svg.querySelectorAll('rect')].map(rect => [rect.getAttribute('class'),"
                " rect.getBoundingClientRect().width]))"
            )
            for drawn, pool in zip(widths, one["pools"], strict=True):
                parts, vfs = dict(drawn), pool["vfs"]
                if vfs["asked"] is None:
                    assert set(parts) == {"unknown"}
                    continue
                whole = max(vfs["there"], vfs["asked"])
                blue = min(vfs["there"], vfs["asked"])
                assert set(parts) == {"asked", "too-many" if vfs["asked"] > vfs["there"] else "there"}
                assert parts["asked"] == pytest.approx(max(200 * blue / whole, 1.5 if blue else 0), abs=0.1)


@BOTH
@EACH
def test_devices_and_their_users_are_those_of_the_json(browser, report, scripts):
    with opened(browser, report, java_script_enabled=scripts) as found:
        for one in report.data["environments"]:
            table = rows(found.page, f'[data-table=devices][data-environment="{one["name"]}"]')
            for row, device in zip(table, one["devices"], strict=True):
                assert (row[0], row[3]) == (device["name"], device["resource"])
                assert all(pci in row[2] for pci in (*device["vfIds"], *device["pfIds"]))
                for user in device["users"]:
                    assert (
                        f"{user['namespace']}/{user['machine']}: {shown(user['copies'])} × {user['vfs']} VF" in row[5]
                    )


@BOTH
@EACH
def test_the_matrix_is_that_of_the_json(browser, report, scripts):
    with opened(browser, report, java_script_enabled=scripts) as found:
        for one in report.data["environments"]:
            matrix = one["matrix"]
            table = f'[data-table=matrix][data-environment="{one["name"]}"]'
            said = found.page.locator(f"{table} > tbody > tr").evaluate_all(
                "rows => rows.map(row => [...row.cells].map(cell => cell.querySelector('.unseen')"
                " ? [...cell.querySelectorAll('.unseen')].map(one => one.textContent) : [cell.textContent]))"
            )
            judged = [rule for rule in matrix["rules"] if rule["lookedAt"]]
            assert len(said) == len(judged)
            for row, rule in zip(said, judged, strict=True):
                assert rule["code"] in row[0][0]
                cells = {cell["group"]: cell["tallies"] for cell in rule["cells"]}
                for number in range(len(matrix["groups"])):
                    told = [f"{tally['count']} {tally['outcome']}" for tally in cells.get(number, ())]
                    assert row[1 + number] == (told or ["does not apply"])
                assert all(reason["message"].split("\u202e")[0] in row[-1][0] for reason in rule["reasons"])
            groups = rows(found.page, f'[data-table=groups][data-environment="{one["name"]}"]')
            assert [row[:2] for row in groups] == [[g["label"], shown(g["count"])] for g in matrix["groups"]]
            idle = rows(found.page, f'[data-table=idle][data-environment="{one["name"]}"]')
            assert [row[2] for row in idle] == [
                " ".join(r["whyNot"].split()) for r in matrix["rules"] if not r["lookedAt"]
            ]


@BOTH
@EACH
def test_files_and_findings_are_those_of_the_json(browser, report, scripts):
    with opened(browser, report, java_script_enabled=scripts) as found:
        for one in report.data["trees"]:
            table = [row for row in rows(found.page, f'[data-tree="{one["folder"]}"]') if len(row) == 7]
            files = [(file, group) for group in one["groups"] for file in group["files"]]
            words = {"current": "current", "differs": "differs", "missing": "not there"}
            for row, (file, group) in zip(table, files, strict=True):
                assert (row[0], row[1], row[3]) == (file["name"], words[file["state"]], file["item"] or "–")
                assert (row[2], row[6]) == (group["template"] or "an overlay", file["sha256"][:12])
        articles = found.page.locator("article.finding").all_text_contents()
    assert len(articles) == len(report.data["problems"])
    for text, problem in zip(articles, report.data["problems"], strict=True):
        assert problem["message"].split("\u202e")[0] in text
        assert f"{problem['at']['file']}:{problem['at']['line']}" in text
        assert problem["quote"] is None or problem["quote"]["marked"] in text


@BOTH
@EACH
def test_nothing_is_asked_of_the_network_and_no_value_becomes_a_script(browser, report, scripts):
    with opened(browser, report, java_script_enabled=scripts) as found:
        found.page.locator("#files").scroll_into_view_if_needed()
        assert found.requests == [report.page.as_uri()]
        assert found.complaints == []
        assert found.page.locator("img, iframe, object, embed, link, form, base").count() == 0
        assert found.page.locator("script").count() == 1


def test_hostile_text_is_there_as_text(browser, hostile):
    with opened(browser, hostile) as found:
        text = found.page.locator("body").text_content() or ""
    start, _, end = EVIL.partition("\u202e")
    assert start in text
    assert "\u202e" not in text
    assert rf"{start}\u202e{end.partition(chr(0x202C))[0]}" in text


@BOTH
def test_every_part_can_be_reached_by_a_click(browser, example, scripts):
    with opened(browser, example, java_script_enabled=scripts) as found:
        page = found.page
        for section in SECTIONS:
            page.locator(f'nav a[href="#{section}"]').click()
            assert page.url.endswith(f"#{section}")
            top = page.locator(f"#{section} h2").bounding_box()
            assert top is not None
            assert 0 <= top["y"] < 900
        parts = page.locator("main details:not(details details)")
        for number in range(parts.count()):
            part = parts.nth(number)
            before = part.get_attribute("open")
            part.locator("> summary").click()
            assert (part.get_attribute("open") is None) != (before is None)
        keep(page, f"clicked-{'scripts' if scripts else 'no-scripts'}")


@BOTH
def test_the_keyboard_is_enough(browser, example, scripts):
    with opened(browser, example, java_script_enabled=scripts) as found:
        page = found.page
        page.keyboard.press("Tab")
        assert page.locator(":focus").text_content() == "Skip to the report"
        page.keyboard.press("Enter")
        assert page.url.endswith("#main")
        part = page.locator("#files details").first
        part.locator("> summary").focus()
        page.keyboard.press("Enter")
        assert part.get_attribute("open") is not None
        wide = page.locator("#policies .scroll").first
        wide.focus()
        assert page.evaluate("document.activeElement.className") == "scroll" if scripts else True


def test_scripts_add_filters_and_open_everything(browser, example):
    with opened(browser, example) as found:
        page = found.page
        area = page.locator("#policies details[data-filter]").first
        field = area.locator("> label.filter input")
        whole = area.locator("tr[data-row]:visible").count()
        field.fill("qatp-021")
        assert area.locator("tr[data-row]:visible").count() == 1
        assert "1 of" in (area.locator("output").first.text_content() or "")
        field.fill("")
        assert area.locator("tr[data-row]:visible").count() == whole
        page.get_by_role("button", name="Open all").click()
        assert page.locator("main details:not([open])").count() == 0
        page.get_by_role("button", name="Close all").click()
        assert page.locator("main details[open]").count() == 0


def test_without_scripts_nothing_is_promised_that_needs_them(browser, example):
    with opened(browser, example, java_script_enabled=False) as found:
        assert found.page.locator("button, input").count() == 0
        assert found.page.locator("main [hidden]").count() == 0
        keep(found.page, "no-scripts")


@EACH
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark_and_open_to_everybody(browser, report, name, scheme):
    with opened(browser, report, color_scheme=scheme) as found:
        page = found.page
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        light = sum(map(int, re.findall(r"\d+", ground)[:3])) > 384
        assert light is (scheme == "light")
        keep(page, f"{name}-{scheme}")
        page.get_by_role("button", name="Open all").click()
        wrong = Axe().run(page).response["violations"]
        assert [(one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in wrong] == []


@EACH
def test_a_narrow_window_scrolls_one_way_only(browser, report, name):
    with opened(browser, report, viewport={"width": 360, "height": 780}) as found:
        assert found.page.evaluate("document.documentElement.scrollWidth") <= 360
        keep(found.page, f"{name}-narrow")


@BOTH
def test_print_shows_what_is_closed_and_leaves_out_what_is_for_screens(browser, example, scripts):
    with opened(browser, example, java_script_enabled=scripts) as found:
        page = found.page
        PICTURES.mkdir(parents=True, exist_ok=True)
        document = page.pdf(path=PICTURES / f"example-{'scripts' if scripts else 'no-scripts'}.pdf", format="A4")
        assert document.startswith(b"%PDF")
        page.emulate_media(media="print")
        assert not page.locator("nav").is_visible()
        last = page.locator("[data-table=files] tbody tr").last
        box = last.bounding_box()
        assert box is not None
        assert box["height"] > 0


def test_ten_thousand_machines_open_at_once(browser, many):
    assert many.page.stat().st_size < 400_000
    with opened(browser, many) as found:
        assert found.page.locator("*").count() < 10_000
        text = found.page.locator("#files").text_content() or ""
    assert "9,980 more like vpn/virtualmachine-gw-0.yaml left out here" in " ".join(text.split())
