"""The site checker reports each kind of fault, and nothing on a sound site."""

from __future__ import annotations

import pytest

import check_site

SOUND = """<html><head><link rel="stylesheet" href="style.css">
<link rel="canonical" href="https://example.org/index.html"></head>
<body><h1 id="top">Title</h1><img src="a.svg" alt="a curve">
<img src="two words.svg" srcset="a.svg 1x, two%20words.svg 2x,a.svg 3x" alt="sharper"><a href="https://example.org">out</a>
<a href="other.html#here">there</a><a href="#top">up</a><script src="code.js"></script>
</body></html>"""

FAULTS = {
    "dead link": ('<a href="none.html">x</a>', "link to nothing"),
    "dead anchor": ('<a href="other.html#none">x</a>', "missing anchor"),
    "dead own anchor": ('<a href="#none">x</a>', "missing anchor"),
    "dead download": ('<a href="x.ipynb">x</a>', "link to nothing"),
    "link out of the site": ('<a href="../outside.html">x</a>', "link to nothing"),
    "missing image": ('<img src="none.png" alt="x">', "link to nothing"),
    "no alt": ('<img src="a.svg">', "alt text"),
    "empty alt": ('<img src="a.svg" alt=" ">', "alt text"),
    "foreign image": ('<img src="https://example.org/a.png" alt="x">', "another host"),
    "foreign srcset": ('<img src="a.svg" srcset="//example.org/a.png 2x" alt="x">', "another host"),
    "second of a srcset": (
        '<img src="a.svg" srcset="a.svg, //example.org/a.png 2x" alt="x">',
        "another host: //example.org/a.png",
    ),
    "missing in a srcset": (
        '<img src="a.svg" srcset="a.svg 1x,none.svg 2x" alt="x">',
        "link to nothing: none.svg",
    ),
    "foreign script": ('<script src="https://example.org/a.js"></script>', "another host"),
    "protocol-relative": ('<script src="//example.org/a.js"></script>', "another host"),
    "foreign frame": ('<iframe src="https://example.org"></iframe>', "another host"),
    "foreign sheet": ('<link rel="stylesheet" href="https://example.org/a.css">', "another host"),
    "preload": ('<link rel="preload" href="https://example.org/a.woff">', "another host"),
    "preconnect": ('<link rel="preconnect" href="https://example.org">', "another host"),
    "inline import": ('<script>import("https://example.org/a.js")</script>', "another host"),
    "inline fetch": ('<script>fetch("https://example.org/a")</script>', "another host"),
    "loader's address": ('<script>const U = "https://example.org/t.js"</script>', "another host"),
    "inline sheet": ("<style>@import 'https://example.org/a.css';</style>", "another host"),
    "style attribute": ('<p style="background:url(https://example.org/a.png)">', "another host"),
    "figure without script": ('<figure data-figure="race"></figure>', "race cannot move"),
    "svg use": ('<svg><use href="https://example.org/a.svg#x"/></svg>', "another host"),
}


@pytest.fixture
def site(tmp_path):
    files = {
        "index.html": SOUND,
        "other.html": '<p id="here">x</p>',
        "a.svg": "<svg/>",
        "two words.svg": "<svg/>",
        "style.css": "p {background: url(data:image/png;base64,x)}",
        "code.js": 'const space = "http://www.w3.org/2000/svg";',
        "../outside.html": "there, but not published",
    }
    folder = tmp_path / "site"
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    check_site._read.cache_clear()
    return folder


def test_a_sound_site_has_no_findings(site):
    assert check_site.check(site) == []
    assert check_site.main([str(site)]) == 0


@pytest.mark.parametrize(("body", "message"), FAULTS.values(), ids=FAULTS)
def test_reports_a_fault_with_its_page(site, body, message):
    (site / "index.html").write_text(SOUND.replace("</body>", body + "</body>"))
    (finding,) = check_site.check(site)
    assert finding.startswith("index.html: ")
    assert message in finding
    assert check_site.main([str(site)]) == 1


# What the standard of HTML, and that of SVG, lets a browser fetch by itself.
FETCHED = """audio src, embed src, iframe src, image href, image xlink:href, img src, img srcset,
input src, object data, script src, source src, source srcset, track src, use href, use xlink:href,
video src, video poster"""


@pytest.mark.parametrize("name", FETCHED.replace("\n", " ").split(", "))
def test_every_attribute_that_loads_is_looked_at(site, name):
    tag, attribute = name.split()
    for address in ("https://example.org/a", "//example.org/a", "ws://example.org/a"):
        body = f'<{tag} alt="x" {attribute}="{address}"></{tag}>'
        (site / "index.html").write_text(SOUND.replace("</body>", body + "</body>"))
        check_site._read.cache_clear()
        assert check_site.check(site) == [f"index.html: loads from another host: {address}"]


@pytest.mark.parametrize("relation", ["canonical", "author", "license", "next", "alternate help"])
def test_a_relation_that_names_loads_nothing(site, relation):
    body = f'<link rel="{relation}" href="https://example.org/a">'
    (site / "index.html").write_text(SOUND.replace("</head>", body + "</head>"))
    assert check_site.check(site) == []


def test_text_that_only_looks_like_loading(site):
    body = "<style/>url(https://example.org/a)<style>p {fill: url(#a); mask: url(%23b)}</style>"
    (site / "index.html").write_text(SOUND.replace("</body>", body + "</body>"))
    assert check_site.check(site) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("code.js", 'importScripts("//example.org/a.js")'),
        ("code.js", "new Worker('https://example.org/a.js')"),
        ("code.js", "fetch(`https://example.org/a`)"),
        ("code.js", 'const loader = "https://example.org/a.mjs"'),
        ("style.css", "@font-face {src: url(https://example.org/a.woff2)}"),
        ("style.css", '@import "//example.org/a.css";'),
        ("code.js", 'import {x} from "https://example.org/a.js";'),
        ("code.js", 'tag.src = "https://example.org/a.js";'),
    ],
)
def test_reports_what_sheets_and_scripts_load(site, name, text):
    (site / name).write_text(text)
    (finding,) = check_site.check(site)
    assert finding.startswith(f"{name}: loads from another host")


def test_reports_all_faults_at_once(site):
    (site / "index.html").write_text(SOUND + "".join(body for body, _ in FAULTS.values()))
    assert len(check_site.check(site)) == len(FAULTS)


def test_an_empty_folder_is_a_finding(tmp_path):
    assert "there is no index.html" in check_site.check(tmp_path)[0]


@pytest.mark.parametrize(
    ("value", "addresses"),
    [
        ("a.png", ["a.png"]),
        ("a.png, b.png 2x", ["a.png", "b.png"]),
        (" a.png 1x,b.png 2x , c.png", ["a.png", "b.png", "c.png"]),
        ("data:image/png;base64,x 1x, b.png 100w", ["data:image/png;base64,x", "b.png"]),
    ],
)
def test_a_srcset_holds_one_address_a_candidate(value, addresses):
    assert check_site._candidates("srcset", value) == addresses
    assert check_site._candidates("src", value) == [value]


def test_the_command_says_how_it_is_used(capsys):
    assert check_site.main([]) == 2
    assert "usage: check_site.py FOLDER" in capsys.readouterr().err
