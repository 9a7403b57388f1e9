"""The site is built without a warning, is whole, and asks nobody else for anything."""

import html.parser
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.repo import ROOT

DOCS = ROOT / "docs"
SITE = "https://jiti-bot.github.io/jiti-bot/"
# What a browser fetches by itself, without anybody's click.
FETCHED = {
    ("script", "src"),
    ("img", "src"),
    ("link", "href"),
    ("source", "src"),
    ("iframe", "src"),
    ("object", "data"),
}
# Links that only say something about the page.
TOLD = {"canonical", "prev", "next", "alternate", "edit"}


class Page(html.parser.HTMLParser):
    """What a page fetches, where it leads, and which places in it have a name."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.links: list[str] = []
        self.names: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.names |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        told = tag == "link" and given.get("rel") in TOLD
        self.fetched += [given[name] for kind, name in FETCHED if kind == tag and name in given and not told]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as built; warnings would have ended that."""
    spec = importlib.util.spec_from_file_location("build", DOCS / "build.py")
    assert spec is not None
    assert spec.loader is not None
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    folder = tmp_path_factory.mktemp("site")
    build.build(folder)
    return folder


def pages(site: Path) -> Iterator[tuple[Path, Page]]:
    for path in sorted(site.rglob("*.html")):
        yield path, Page(path.read_text("utf-8"))


def test_every_page_is_there_and_can_be_found(site: Path) -> None:
    names = {path.stem for path in DOCS.glob("*.md")}
    built = {"index", *(path.parent.name for path in site.glob("*/index.html"))}
    assert names == built
    menu = {link.strip("./").split("/")[-1] or "index" for link in Page((site / "index.html").read_text("utf-8")).links}
    assert names <= menu, "nav in mkdocs.yml leaves a page out"


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    for path, page in pages(site):
        assert page.fetched, path
        assert [
            one for one in page.fetched if urlsplit(one).scheme not in {"", "data"} or one.startswith("//")
        ] == [], path
    for style in site.rglob("*.css"):
        assert re.findall(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//[^)]+", style.read_text("utf-8")) == []


def test_what_would_fetch_by_itself_is_not_on_a_page(site: Path) -> None:
    """The theme's script asks GitHub for stars, and a content network for mermaid, where a page has a place for it."""
    for path, _ in pages(site):
        text = path.read_text("utf-8")
        for place in ('data-md-component="source"', 'class="mermaid"', "glightbox", "fonts.googleapis"):
            assert place not in text, (path, place)


def test_links_and_pictures_lead_somewhere(site: Path) -> None:
    known = dict(pages(site))
    for path, page in known.items():
        for link in (*page.links, *page.fetched):
            parts = urlsplit(link)
            if parts.scheme or path.name == "404.html":
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            target = target / "index.html" if target.is_dir() else target
            assert target.exists(), (path, link)
            if parts.fragment and target in known:
                assert unquote(parts.fragment) in known[target].names, (path, link)


def test_links_to_the_site_itself_are_relative(site: Path) -> None:
    assert all(SITE not in link for _, page in pages(site) for link in page.links)


def test_nothing_of_the_machine_is_in_it(site: Path) -> None:
    for path in site.rglob("*.html"):
        assert str(ROOT) not in path.read_text("utf-8"), path
