"""Check a built site: `python tools/check_site.py _build/html`. Needs the standard library only.

Every local link and anchor must lead somewhere, no page, style sheet or script may load anything
from another host, every image needs a text in its place, and every figure that moves its script.
All findings are printed.
"""

from __future__ import annotations

import re
import sys
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# Attributes from which a browser loads by itself; <a href> waits for a reader.
LOADING = {
    "audio": ("src",),
    "embed": ("src",),
    "iframe": ("src",),
    "image": ("href", "xlink:href"),
    "img": ("src", "srcset"),
    "input": ("src",),
    "object": ("data",),
    "script": ("src",),
    "source": ("src", "srcset"),
    "track": ("src",),
    "use": ("href", "xlink:href"),
    "video": ("src", "poster"),
}
# Relations of <link> that only name something.
NAMING = {"alternate", "author", "canonical", "help", "license", "next", "prev", "search", "index"}

# Each candidate is an address, which may hold commas, and a descriptor up to the next comma.
_SRCSET = re.compile(r"\s*(\S*[^\s,])(?:\s+[^,]*)?(?:,|$)")
_STYLE_LOAD = re.compile(r"""url\(\s*['"]?([^'")]+)|@import\s+['"]([^'"]+)""")
_SCRIPT_LOAD = re.compile(
    r"""(?:\bimport\s*\(?|\bfrom|\bfetch\s*\(|\bimportScripts\s*\(|\.src\s*=|\bWorker\s*\()"""
    r"""\s*['"`]((?:https?:)?//[^'"`]+)""",
    re.I,
)
# A loader's address kept in a variable, which the patterns above do not see.
_SCRIPT_ADDRESS = re.compile(r"""=\s*['"]((?:https?:)?//[^'"]+\.m?js)['"]""")


class _Page(HTMLParser):
    """What a page links to, loads and offers as anchors."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self.loads: list[str] = []
        self.anchors: set[str] = set()
        self.images_without_text: list[str] = []
        self.styles: list[str] = []
        self.scripts: list[str] = []
        self.figures: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.anchors.update(values[name] for name in ("id", "name") if values.get(name))
        self._inside = tag
        if tag in ("a", "area") and "href" in values:
            self.links.append(values["href"])
        if tag == "link" and not set(values.get("rel", "").lower().split()) & NAMING:
            self.loads.append(values.get("href", ""))
        elif tag == "link":
            self.links.append(values.get("href", ""))
        for name in LOADING.get(tag, ()):
            if values.get(name):
                self.loads += _candidates(name, values[name])
        if tag == "img" and not values.get("alt", "").strip():
            self.images_without_text.append(values.get("src", "")[:80])
        if "style" in values:
            self.styles.append(values["style"])
        if "data-figure" in values:
            self.figures.append(values["data-figure"])

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self._inside = ""

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "style":
            self.styles.append(data)
        elif self._inside == "script":
            self.scripts.append(data)


def _candidates(attribute: str, value: str) -> list[str]:
    return _SRCSET.findall(value) if attribute == "srcset" else [value]


def check(site: Path) -> list[str]:
    """Return the findings of a site, one line each; none if all is well."""
    if not (site / "index.html").is_file():
        return [f"{site}: there is no index.html: build the book first"]
    findings: list[str] = []
    for path in sorted(site.rglob("*.html")):
        findings += _check_page(site, path)
    for path in sorted(site.rglob("*.css")):
        findings += _check_loads(site, path, _style_loads(_text(path)))
    for path in sorted(site.rglob("*.js")):
        findings += _check_loads(site, path, _script_loads(_text(path)))
    return findings


def _check_page(site: Path, path: Path) -> list[str]:
    page = _read(path)
    loads = list(page.loads)
    for style in page.styles:
        loads += _style_loads(style)
    findings = _check_loads(site, path, loads)
    for script in page.scripts:
        findings += _check_loads(site, path, _script_loads(script))
    for link in page.links:
        findings += _check_link(site, path, link)
    where = path.relative_to(site)
    findings += [f"{where}: image without alt text: {name}" for name in page.images_without_text]
    loaded = {urlsplit(load).path.rpartition("/")[2] for load in page.loads}
    still = [name for name in page.figures if f"{name}.js" not in loaded]
    findings += [f"{where}: figure {name} cannot move: its script is not loaded" for name in still]
    return findings


def _check_loads(site: Path, path: Path, addresses: list[str]) -> list[str]:
    findings = []
    for address in addresses:
        if _is_foreign(address):
            findings.append(f"{path.relative_to(site)}: loads from another host: {address}")
        else:
            findings += _check_link(site, path, address)
    return findings


def _check_link(site: Path, path: Path, link: str) -> list[str]:
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return []
    where = path.relative_to(site)
    target = _resolve(site, path, unquote(parts.path))
    if target is None:
        return [f"{where}: link to nothing: {link}"]
    anchor = unquote(parts.fragment)
    if anchor and target.suffix == ".html" and anchor not in _read(target).anchors:
        return [f"{where}: link to a missing anchor: {link}"]
    return []


def _resolve(site: Path, path: Path, name: str) -> Path | None:
    base = site if name.startswith("/") else path.parent
    target = (base / name.lstrip("/")).resolve() if name else path
    if target.is_dir():
        target = target / "index.html"
    inside = target.is_relative_to(site.resolve()) or not name
    return target if inside and target.is_file() else None


def _is_foreign(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme in ("http", "https", "ftp", "ws", "wss") or bool(parts.netloc)


def _style_loads(text: str) -> list[str]:
    found = ["".join(groups).strip() for groups in _STYLE_LOAD.findall(text)]
    return [address for address in found if not address.startswith(("data:", "#", "%23"))]


def _script_loads(text: str) -> list[str]:
    # An assignment to .src matches both patterns.
    return list(dict.fromkeys(_SCRIPT_LOAD.findall(text) + _SCRIPT_ADDRESS.findall(text)))


@cache
def _read(path: Path) -> _Page:
    page = _Page()
    page.feed(_text(path))
    return page


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def main(arguments: list[str]) -> int:
    """Run the command line."""
    if len(arguments) != 1:
        print("usage: check_site.py FOLDER", file=sys.stderr)
        return 2
    site = Path(arguments[0])
    findings = check(site)
    print("\n".join(findings) if findings else f"{site}: every link resolves, nothing is loaded")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
