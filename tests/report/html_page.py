"""A written page, read again."""

from html.parser import HTMLParser
from pathlib import Path

VOID = {"meta", "img", "br", "hr", "link"}


class Reader(HTMLParser):
    """Collects text and attributes, and sees to it that what opens also closes."""

    def __init__(self, page: str):
        super().__init__()
        self.open, self.texts, self.attributes, self.tags = [], [], [], []
        self.feed(page)
        self.close()
        self.text = " ".join(" ".join(self.texts).split())

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, *pair) for pair in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, *pair) for pair in attrs]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data):
        if not {"style", "script"} & set(self.open):
            self.texts.append(data)


def read_page(path: Path) -> tuple[str, Reader]:
    """The page as it stands and as it reads; all of its tags are closed."""
    page = path.read_text(encoding="utf-8")
    read = Reader(page)
    assert read.open == []
    return page, read
