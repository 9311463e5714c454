"""A browser for the tests, and a host that serves the book's static files and nothing else."""

from __future__ import annotations

from urllib.parse import urlsplit

from rootkappa_sphinx.execution import ROOT

BOOK = ROOT / "book"
HOST = "http://book.test"
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
# The dark ground, ink and links of the book's theme, without which nothing could be read.
DARK = """html[data-theme=dark] { background: #121212; color: #ced6dd;
  --pst-color-text-base: #ced6dd; --pst-color-text-muted: #9ca4af; --pst-color-surface: #29313d; }
html[data-theme=dark] a { color: #8ab4f8; }"""
PAGE = """<!doctype html><html lang="en" data-theme="{theme}"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>A page</title>
<link rel="icon" href="/_static/favicon.svg">
<link rel="stylesheet" href="/_static/rootkappa.css"><style>{dark}</style>
<main class="bd-content" style="max-width: 43rem; margin: auto"><h1>A page</h1>
{body}</main></html>"""


class Tab:
    """The one page in which all of them open: a new one takes a process of its own."""

    def __init__(self, browser) -> None:
        # Reduced motion is asked for: nothing may depend on an animation.
        self.context = browser.new_context(reduced_motion="reduce")
        self.page, self.html, self.complaints = self.context.new_page(), "", []
        self.page.route("**/*", self._serve)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._hear)

    def _serve(self, route):
        address = urlsplit(route.request.url)
        file = BOOK / address.path.lstrip("/")
        if f"{address.scheme}://{address.netloc}" != HOST:
            self.complaints.append(f"another host: {route.request.url}")
            route.abort()
        elif address.path == "/":
            route.fulfill(body=self.html, content_type="text/html")
        else:
            route.fulfill(body=file.read_bytes(), content_type=TYPES[file.suffix])

    def _hear(self, message):
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)


class Opened:
    """What is opened in the tab until another is, and what the browser complained of."""

    def __init__(self, tab, body, width=1280, theme="light", query="") -> None:
        self.page, self.complaints = tab.page, []
        tab.html, tab.complaints = PAGE.format(theme=theme, dark=DARK, body=body), self.complaints
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.emulate_media(media="screen", color_scheme=theme)
        self.page.goto(f"{HOST}/{query}")

    @property
    def query(self):
        return self.page.evaluate("location.search").removeprefix("?")
