"""Papers that would be cited alike are told apart, in the text and in the list."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONF = """
import sys
sys.path.insert(0, {tools!r})
source_suffix = {{".rst": "restructuredtext"}}
extensions = [
    "myst_parser", "sphinx.ext.mathjax", "sphinxcontrib.bibtex", "rootkappa_sphinx.citations"
]
bibtex_bibfiles = ["references.bib"]
bibtex_reference_style = "author_year"
bibtex_default_style = "rootkappa"
"""
BIB = """
@article{z2022, author={Liu, A and Tao, B and Pan, C}, title={First}, journal={J}, year={2022}}
@article{a2022, author={Liu, A and Pan, C and Tao, B}, title={Second}, journal={J}, year={2022}}
@article{b2022, author={Liu, A and Pan, C}, title={Of {$O(1/k^2)$}}, journal={J}, year={2022}}
@article{c2021, author={Liu, A and Pan, C and Tao, B}, title={Fourth}, journal={J}, year={2021}}
"""
PAGE = """
# Page

{cite:t}`z2022`, {cite:t}`a2022`, {cite:t}`b2022` and {cite:t}`c2021`; {cite:p}`a2022`.

```{bibliography}
:all:
```
"""


@pytest.fixture(scope="module")
def page(sphinx, tmp_path_factory):
    source = tmp_path_factory.mktemp("citations")
    conf = CONF.format(tools=str(ROOT / "tools"))
    for name, text in {"conf.py": conf, "references.bib": BIB, "index.md": PAGE}.items():
        (source / name).write_text(text, encoding="utf-8")
    status, said = sphinx(source, source / "built")
    assert status == 0, said
    return (source / "built" / "index.html").read_text(encoding="utf-8")


def test_years_have_letters_where_authors_read_alike(page):
    text = re.sub(r"<[^>]+>", "", page.partition("<p>")[2].partition("</p>")[0])
    assert text == (
        "Liu et al. [2022b], Liu et al. [2022a], Liu and Pan [2022] and Liu et al. [2021]; "
        "[Liu et al., 2022a]."
    )


def test_the_list_is_labelled_as_the_text_cites(page):
    labels = re.findall(r'class="fn-bracket">\[</span>(.*?)<span', re.sub(r"</?a[^>]*>", "", page))
    assert sorted(labels) == [
        *("Liu and Pan 2022", "Liu et al. 2021", "Liu et al. 2022a", "Liu et al. 2022b"),
    ]
    assert "2022b</span>" not in page.partition("First")[0][-40:]


def test_titles_render_their_mathematics(page):
    assert r"\(O(1/k^2)\)" in page
    assert "$O(1" not in page
