"""The whole book as one PDF, `_build/rootkappa.pdf`: `make pdf`, once the site is built.

Chromium prints the pages of the site as they are, formulas and figures included; pypdf joins them.
Anchors get the name of their page, so that links from page to page lead on inside the PDF. The
reference of the library is left to the site: links to it, and to files, go there.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from html import escape
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urldefrag, urljoin

import yaml
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

import chromium
from rootkappa._files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parents[1]
LEFT_OUT = ("book/api",)
# No host is called so: such a link is one that leads to another page of the PDF.
INSIDE = "https://inside.invalid/"
SCALE = 0.75
SIDES = ("top", "bottom", "left", "right")
FORMAT = {"format": "A4", "scale": SCALE, "margin": dict.fromkeys(SIDES, "18mm")}
WHOLE = {"scale": 1, "margin": dict.fromkeys(SIDES, "0")}
WIDTH = round((210 - 2 * 18) / 25.4 * 96 / SCALE)  # pixels between the margins
TINY = 2.0  # points; no link for a reader is so small
PATIENCE = 300_000  # milliseconds for a page: the machine may have other things to do

STYLE = """
body { font: 15px sans-serif; margin: 0 }
h1 { font-size: 44px; margin: 120px 0 20px } .what { font-size: 20px }
table { width: 100%; margin-top: 60px; border-collapse: collapse }
th { text-align: left; padding-top: 14px } td:last-child { text-align: right }
a { color: inherit }
.foot { height: 1110px; box-sizing: border-box; padding: 1075px 68px 0; break-after: page;
  display: flex; justify-content: space-between; font-size: 11px; color: #555 }
"""

PREPARE = (Path(__file__).with_name("print_book.js")).read_text(encoding="utf-8")


@dataclass(frozen=True)
class Chapter:
    """A page of the site, as a part of the PDF."""

    name: str
    number: str
    part: str


def chapters(toc: Mapping[str, Any]) -> list[Chapter]:
    """List the pages in the order of the sidebar; all but the first have a number."""
    found = [Chapter(toc["root"], "", "")]
    for part in toc["parts"]:
        for entry in part["chapters"]:
            if entry["file"] not in LEFT_OUT:
                found.append(Chapter(entry["file"], str(len(found)), part["caption"]))
    return found


def targets(site: Path, names: Sequence[str]) -> dict[str, set[str]]:
    """Collect the anchors of each page that other pages link to."""
    found: dict[str, set[str]] = defaultdict(set)
    for name in names:
        text = (site / f"{name}.html").read_text(encoding="utf-8")
        for link in re.findall(r'href="([^"]+\.html#[^"]+)"', text):
            address, anchor = urldefrag(urljoin(f"/{name}.html", link))
            page = address.removeprefix("/").removesuffix(".html")
            if page in names and page != name:
                found[page].add(anchor)
    return found


class Printer:
    """Chromium, at the width of a page of the PDF."""

    def __init__(self, browser: Browser) -> None:
        self._page = browser.new_page(viewport={"width": WIDTH, "height": 1000})
        self._page.emulate_media(media="print", color_scheme="light")
        self._page.set_default_timeout(PATIENCE)

    def chapter(self, path: Path, **options: Any) -> tuple[str, PdfReader]:
        """Print a page of the site; also return its title."""
        self._page.goto(path.as_uri())
        title: str = self._page.evaluate(PREPARE, options)
        return title, self._pdf(outline=True, tagged=True)

    def html(self, body: str, **options: Any) -> PdfReader:
        """Print something of our own."""
        self._page.set_content(f"<style>{STYLE}</style>{body}")
        return self._pdf(**options)

    def _pdf(self, **options: Any) -> PdfReader:
        return PdfReader(BytesIO(self._page.pdf(**{**FORMAT, **options})))


def book(
    printer: Printer, site: Path, listed: Sequence[Chapter], project: Mapping[str, Any]
) -> bytes:
    """Print all chapters, and join them behind a title and the contents."""
    names = [chapter.name for chapter in listed]
    wanted = targets(site, names)
    printed = [
        printer.chapter(
            site / f"{chapter.name}.html",
            name=chapter.name,
            number=chapter.number,
            anchors=sorted(wanted[chapter.name]),
            pages=names,
            site=f"{site.as_uri()}/",
            online=project["urls"]["Documentation"],
            inside=INSIDE,
        )
        for chapter in listed
    ]
    titles, parts = [title for title, _ in printed], [pdf for _, pdf in printed]
    counts = [len(pdf.pages) for pdf in parts]
    front = printer.html(_front(listed, titles, counts, project))
    writer = PdfWriter()
    writer.append(front, import_outline=False)
    for title, pdf in zip(titles, parts, strict=True):
        writer.append(pdf, outline_item=title, import_outline=True)
    _number(writer, printer, len(front.pages), titles, counts)
    _lead_inside(writer)
    return _bytes(writer, project)


def _front(
    listed: Sequence[Chapter],
    titles: Sequence[str],
    counts: Sequence[int],
    project: Mapping[str, Any],
) -> str:
    rows, page, part = [], 1, ""
    for chapter, title, count in zip(listed, titles, counts, strict=True):
        if chapter.part != part:
            part = chapter.part
            rows.append(f"<tr><th colspan=2>{escape(part)}</th></tr>")
        link = f"{INSIDE}{quote(chapter.name + '--top', safe='')}"
        rows.append(f"<tr><td><a href='{link}'>{escape(title)}</a></td><td>{page}</td></tr>")
        page += count
    authors = ", ".join(author["name"] for author in project["authors"])
    about = (
        f"Version {project['version']}, licence {project['license']}. "
        f"<a href='{project['urls']['Documentation']}'>The book online</a> has what this print "
        "leaves out: code, figures that move, and the reference of the library."
    )
    return (
        f"<h1>Root Kappa</h1><p class=what>{escape(project['description'])}</p>"
        f"<p>{escape(authors)}</p><p>{about}</p><table>{''.join(rows)}</table>"
    )


def _number(
    writer: PdfWriter,
    printer: Printer,
    first: int,
    titles: Sequence[str],
    counts: Sequence[int],
) -> None:
    # Numbers and running titles are a print of their own, laid over the pages.
    running = [title for title, count in zip(titles, counts, strict=True) for _ in range(count)]
    feet = "".join(
        f"<div class=foot><span>{escape(title)}</span><span>{number}</span></div>"
        for number, title in enumerate(running, start=1)
    )
    for page, foot in zip(writer.pages[first:], printer.html(feet, **WHOLE).pages, strict=True):
        page.merge_page(foot)
        page.compress_content_streams()  # merged, they are plain text: two thirds of the book


def _lead_inside(writer: PdfWriter) -> None:
    # Links to other pages become links to named places, and the helpers of `PREPARE` go.
    places = set(writer.named_destinations)
    for page in writer.pages:
        kept = ArrayObject()
        for reference in page.get("/Annots", ArrayObject()):
            link = reference.get_object()
            left, bottom, right, top = link["/Rect"]
            if max(float(right) - float(left), float(top) - float(bottom)) < TINY:
                continue
            target = str(link.get("/A", {}).get("/URI", ""))
            if target.startswith(INSIDE):
                _turn(link, places, unquote(target.removeprefix(INSIDE)))
            kept.append(reference)
        page[NameObject("/Annots")] = kept


def _turn(link: DictionaryObject, places: set[str], anchor: str) -> None:
    top = f"{anchor.partition('--')[0]}--top"
    place = next(name for name in (f"/{anchor}", f"/{top}", anchor, top) if name in places)
    del link["/A"]
    link[NameObject("/Dest")] = (
        NameObject(place) if place.startswith("/") else TextStringObject(place)
    )


def _bytes(writer: PdfWriter, project: Mapping[str, Any]) -> bytes:
    # Without dates and random marks: the same site gives the same bytes.
    writer.metadata = {
        "/Title": f"Root Kappa {project['version']}",
        "/Author": ", ".join(author["name"] for author in project["authors"]),
        "/Subject": project["description"],
    }
    writer.compress_identical_objects()
    stream = BytesIO()
    writer.write(stream)
    return stream.getvalue()


def main() -> int:
    """Print the book; return the exit status."""
    site, target = ROOT / "_build" / "html", ROOT / "_build" / "rootkappa.pdf"
    if chromium.program() is None:
        print(f"{chromium.MISSING}.")
        return 1
    if not (site / "index.html").is_file():
        print('there is no site yet: run "make book" first.')
        return 1
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    with chromium.launched() as browser:
        content = book(Printer(browser), site, chapters(toc), project)
    write_atomically(target, content)
    print(f"the book: {target}, {len(PdfReader(target).pages)} pages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
