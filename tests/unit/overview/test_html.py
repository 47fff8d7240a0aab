"""The page: whole, self-contained, open to everybody, and made of values that stay values."""

import base64
import hashlib
import itertools
import re
from collections import Counter

import pytest

from generator.overview import render_html
from tests.support.pages import read_page, structure
from tests.unit.overview.conftest import overview_of

HOSTILE = [
    "</script><script>alert(1)</script>",
    "</style></title></textarea><!--",
    "<img src=x onerror=alert(1)>",
    "\" onmouseover='alert(1)' x=\"",
    "{{ 7 * 7 }}{% raw %}{# #}",
    "&lt;b&gt; &amp;amp; <![CDATA[ ]]>",
    "a\u202egnp.exe\u2066\u200b\u0000\x1b[31m\x7f\ud800\ufffe",
    "line\r\nline\u2028line\t",
    "東京 עברית 😀 e\u0301",
    "x" * 5000,
]
PLAIN = read_page(render_html(overview_of("plain")))


@pytest.mark.parametrize("text", HOSTILE)
def test_values_are_data_never_markup(text):
    page = render_html(overview_of(text))
    assert structure(read_page(page)) == structure(PLAIN)
    assert page.encode()  # no lone surrogate is left in it
    assert "<script>alert" not in page


def test_what_steers_hides_or_reorders_is_shown_as_an_escape():
    text = read_page(render_html(overview_of("a\u202eb\u200bc\x1bd"))).text()
    assert not re.search("[\u202e\u200b\x1b]", text)
    assert r"a\u202eb\u200bc\x1bd" in text


def test_a_value_of_ours_in_place_of_markup_is_escaped_once():
    text = read_page(render_html(overview_of("a < b & c"))).text()
    assert "a < b & c" in text
    assert "&lt;" not in text


def test_nothing_comes_from_elsewhere():
    for element in PLAIN.all():
        for name, value in element.attributes.items():
            assert not name.startswith("on"), name
            assert name not in {"src", "srcset", "style", "action", "formaction", "data"}, name
            assert name != "href" or re.fullmatch(r"#[a-z]+", value), value
    assert "url(" not in PLAIN.all("style")[0].text()
    assert "@import" not in PLAIN.all("style")[0].text()


def test_the_security_policy_knows_the_style_and_the_script_and_nothing_else():
    page = render_html(overview_of("plain"))
    policy = next(m for m in PLAIN.all("meta") if m.attributes.get("http-equiv") == "Content-Security-Policy")
    for name in ("style", "script"):
        [inner] = re.findall(rf"<{name}>(.*?)</{name}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inner.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy.attributes["content"]
    assert "default-src 'none'" in policy.attributes["content"]


def test_tables_have_headers_and_names():
    tables = PLAIN.all("table")
    assert len(tables) >= 8
    for table in tables:
        heads = [cell for row in table.all("thead") for cell in row.all("th")]
        assert heads
        assert all(cell.attributes.get("scope") == "col" for cell in heads)
        assert all("scope" in cell.attributes for cell in table.all("th"))


def test_landmarks_headings_and_ids():
    names = Counter(element.name for element in PLAIN.all())
    assert (names["header"], names["nav"], names["main"], names["footer"], names["h1"]) == (1, 1, 1, 1, 1)
    ids = Counter(element.attributes["id"] for element in PLAIN.all() if "id" in element.attributes)
    assert [name for name, count in ids.items() if count > 1] == []
    levels = [int(element.name[1]) for element in PLAIN.all() if re.fullmatch("h[1-6]", element.name)]
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels)), levels
    for element in PLAIN.all():
        for name in ("aria-labelledby", "href"):
            target = element.attributes.get(name, "").removeprefix("#")
            assert not target or target in ids, target
    assert PLAIN.all("html")[0].attributes["lang"] == "en"


def test_every_picture_says_what_it_shows():
    drawings = PLAIN.all("svg")
    assert drawings
    assert all(one.attributes["role"] == "img" and one.attributes["aria-label"] for one in drawings)


def test_the_same_overview_gives_the_same_bytes():
    assert render_html(overview_of("a")) == render_html(overview_of("a"))


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


PAIRS = [
    ("text", "surface"), ("text", "ground"), ("text", "raised"), ("quiet", "surface"), ("quiet", "ground"),
    ("quiet", "raised"), ("link", "surface"), ("link", "ground"), ("good", "good-ground"), ("bad", "bad-ground"),
    ("warn", "warn-ground"), ("waived", "waived-ground"), ("info", "info-ground"), ("good", "surface"), ("bad", "surface"),
]  # fmt: skip


@pytest.mark.parametrize("scheme", [0, 1, 2], ids=["light", "dark", "print"])
@pytest.mark.parametrize("pair", PAIRS, ids="/".join)
def test_text_stands_out_from_its_ground(scheme, pair):
    """WCAG 2.2, 1.4.3: 4.5 to 1 for text."""
    block = re.findall(r":root \{(.*?)\}", PLAIN.all("style")[0].text())[scheme]
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6})", block))
    values = [_luminance(_long(colours[name])) for name in pair]
    assert (max(values) + 0.05) / (min(values) + 0.05) >= 4.5, (pair, scheme)


def _long(colour: str) -> str:
    return colour if len(colour) == 7 else "#" + "".join(part * 2 for part in colour[1:])
