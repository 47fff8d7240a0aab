"""Template folders: first one wins, names are plain, nothing outside is read."""

from pathlib import Path

import pytest

from generator.finding import Finding, Halt
from generator.render import Limits, Renderer, TemplateFolder


def folder(root: Path, name: str, **files: str) -> TemplateFolder:
    for file, text in files.items():
        path = root / name / file.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return TemplateFolder(root / name, name)


def failure(renderer: Renderer, name: str) -> Finding:
    with pytest.raises(Halt) as caught:
        renderer.render(name, {})
    (finding,) = caught.value.findings
    return finding


def test_the_first_folder_wins_and_templates_mix(tmp_path: Path) -> None:
    own = folder(tmp_path, "own", vm__a="{% include 'vm/part' %}", odd="x: 1")
    built_in = folder(tmp_path, "builtin", vm__a="from: builtin", vm__part="from: part")
    renderer = Renderer([own, built_in])
    assert renderer.render("vm/a", {}) == [{"from": "part"}]
    assert renderer.sources() == (tmp_path / "builtin/vm/part", tmp_path / "own/vm/a")
    assert Renderer([built_in]).render("vm/a", {}) == [{"from": "builtin"}]


@pytest.mark.parametrize(
    "name", ["../own/a", "/a", "vm/../a", "./a", "vm//a", "a/", "", ".hidden", "a\n", "a b", "C:a", "ä"]
)
def test_odd_names_are_refused(tmp_path: Path, name: str) -> None:
    finding = failure(Renderer([folder(tmp_path, "own", a="x: 1")]), name)
    assert finding.rule.name == "template-missing"


def test_missing_templates_name_near_ones(tmp_path: Path) -> None:
    finding = failure(Renderer([folder(tmp_path, "own", vm__machine="x: 1")]), "vm/machin")
    assert finding.hint == 'did you mean "vm/machine"?'


def test_findings_name_the_file_that_is_at_fault(tmp_path: Path) -> None:
    own = folder(tmp_path, "own", a="x: 1\n{% include 'part' %}")
    built_in = folder(tmp_path, "builtin", part="\ny: {{ absent }}")
    finding = failure(Renderer([own, built_in]), "a")
    assert str(finding.at) == "builtin/part:2:7"


@pytest.mark.parametrize("target", ["secret", "../outside/secret", "/etc/hostname"])
def test_links_out_of_the_folder_are_refused(tmp_path: Path, target: str) -> None:
    own = folder(tmp_path, "own", secret="x: 1")
    folder(tmp_path, "outside", secret="x: leaked")
    (tmp_path / "own/link").symlink_to(target)
    if target == "secret":
        assert Renderer([own]).render("link", {}) == [{"x": 1}]
    else:
        assert failure(Renderer([own]), "link").rule.name == "template-missing"


def test_linked_folders_are_refused_too(tmp_path: Path) -> None:
    own = folder(tmp_path, "own", a="x: 1")
    folder(tmp_path, "outside", secret="x: leaked")
    (tmp_path / "own/sub").symlink_to(tmp_path / "outside", target_is_directory=True)
    assert "link out of its folder" in failure(Renderer([own]), "sub/secret").message


@pytest.mark.parametrize(
    ("raw", "rule", "line"),
    [
        (b"a: 1\nb: \xff\n", "template-syntax", 2),
        (b"a: 1\n# \xee\x80\x80\n", "character-reserved", 2),
        (b"a: " + b"x" * 3000, "template-syntax", 1),
    ],
)
def test_odd_files_are_refused(tmp_path: Path, raw: bytes, rule: str, line: int) -> None:
    (tmp_path / "t").write_bytes(raw)
    finding = failure(Renderer([TemplateFolder(tmp_path, "t")], Limits(template_bytes=2000)), "t")
    assert (finding.rule.name, finding.at.line) == (rule, line)


def test_a_byte_order_mark_is_dropped(tmp_path: Path) -> None:
    (tmp_path / "t").write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    assert Renderer([TemplateFolder(tmp_path, "t")]).render("t", {}) == [{"a": 1, "b": 2}]
