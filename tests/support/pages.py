"""HTML as a list of what it is made of: whether it is whole, and what in it is structure."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "br", "wbr", "input", "link", "img", "rect", "line"}


@dataclass
class Element:
    """One element: its name, attributes, text below it, and the elements in it."""

    name: str
    attributes: dict[str, str]
    children: list["Element"] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def all(self, name: str = "") -> list["Element"]:
        """Every element below of a name, in the page's order."""
        found = []
        for child in self.children:
            found += [child] if name in ("", child.name) else []
            found += child.all(name)
        return found

    def text(self) -> str:
        """All text below, spaces taken together."""
        return " ".join(" ".join(self.texts).split())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Element("", {})]

    def handle_starttag(self, tag, attrs):
        made = Element(tag, {key: value or "" for key, value in attrs})
        self.open[-1].children.append(made)
        if tag not in VOID:
            self.open.append(made)

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        assert self.open[-1].name == tag, f"</{tag}> closes <{self.open[-1].name}> at {self.getpos()}"
        self.open.pop()

    def handle_data(self, data):
        for element in self.open:
            element.texts.append(data)


def read_page(text: str) -> Element:
    """The page; AssertionError where an element is not closed, or closed twice."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert len(reader.open) == 1, f"<{reader.open[-1].name}> is never closed"
    return reader.open[0]


def structure(element: Element) -> list[str]:
    """The names of all elements and of their attributes, in order: what no value may change.

    Places where a long path may be broken are none of it.
    """
    return [f"{one.name} {sorted(one.attributes)}" for one in element.all() if one.name != "wbr"]
