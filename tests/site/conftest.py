"""The built site, served to a browser: `make test-site`, after `make book`.

`ROOTKAPPA_SITE` names the folder of the site. Without it, or without a browser, these tests are
skipped, so that `make test` needs neither.
"""

from __future__ import annotations

import os
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

GIVEN = os.environ.get("ROOTKAPPA_SITE", "")
SITE = Path(GIVEN) if GIVEN and (Path(GIVEN) / "index.html").is_file() else None
MISSING = "no site here: run `make book`, then `make test-site`"
# Listings of source have one template and no text of their own: one stands for all.
SOURCES = "_modules/"
PATIENCE = 300_000  # milliseconds; on a machine that is busy a page takes its time


def pages(of=""):
    """List the pages of the site in a folder; without a site, its name alone, to be skipped."""
    if SITE is None:
        return [of or "site"]
    found = [path.relative_to(SITE).as_posix() for path in sorted(SITE.rglob("*.html"))]
    sources = [page for page in found if page.startswith(SOURCES)]
    kept = [page for page in found if page not in sources[1:]]
    return [page for page in kept if page.startswith(of)]


class _Quiet(SimpleHTTPRequestHandler):
    """Files as a host serves them, without a line for each."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_arguments):
        pass


@pytest.fixture(scope="session")
def site():
    """The folder of the built site."""
    if SITE is None:
        pytest.skip(MISSING)
    return SITE


@pytest.fixture(scope="session")
def host(site):
    """Its address on this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(site))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="session")
def tab(browser):
    """One page of the browser for all tests: a new one is a process of its own.

    It keeps no copies, so that each page is loaded as by a reader who comes for the first time.
    """
    context = browser.new_context(reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    made = context.new_page()
    devtools = context.new_cdp_session(made)
    devtools.send("Network.enable")
    devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})
    yield made
    context.close()


@pytest.fixture
def opened(tab, host):
    """Open a page of the site, at a width and in a colour scheme."""

    def open_page(page, width=1280, scheme="light"):
        tab.set_viewport_size({"width": width, "height": 900})
        tab.emulate_media(color_scheme=scheme, media="screen")
        tab.goto(f"{host}/{page}", wait_until="load")
        return tab

    return open_page
