"""The Sphinx side: a small strict build of one chapter and the ledger, and what breaks it."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import nbformat.v4 as v4
import pytest

from rootkappa import figures, ledger

ROOT = Path(__file__).parents[2]
CONF = """
import sys
sys.path.insert(0, {tools!r})
# Else extensions write into the default, which all builds of a process share.
source_suffix = {{".rst": "restructuredtext"}}
extensions = [
    "myst_nb",
    "sphinxcontrib.bibtex",
    "rootkappa_sphinx.figures",
    "rootkappa_sphinx.ledger_page",
    "rootkappa_sphinx.cards",
]
bibtex_bibfiles = ["book/references.bib"]
html_static_path = ["book/_static"]
nb_execution_mode = "off"
root_doc = "book/ledger"
exclude_patterns = ["_build"]
"""
CLAIMS = r"""
[chapters]
quadratics = "Quadratics"

[[claim]]
id = "quadratics/gd-radius"
paper = "liu2022linear, bu2021dynamical, classical"
source = "derived"
kind = "equality"
statement = 'Contracts by $1-1/\kappa$.'
predicted = '$1-1/\kappa$'
control = "a larger step"
accept = { deviation = [0, 1e-12] }
breaks = "formula"
prediction = "derived"
page = "Theorem 1"
second = "tests/dynamics/test_companion.py::test_radius"

[[claim]]
id = "quadratics/later"
paper = "ours"
source = "derived"
kind = "observation"
statement = "It will come."
predicted = "something"
control = "something else"
"""


def executed_chapter(claims):
    plt.switch_backend("agg")
    book = ledger.open_chapter("quadratics", claims)
    control = ledger.Control("step 2.1/lambda_max", {"deviation": 0.9})
    record = book.settle("quadratics/gd-radius", measured={"deviation": 3e-16}, control=control)
    outputs = [v4.new_output("execute_result", data=record._repr_mimebundle_(), execution_count=1)]
    for panels in (1, 3):
        fig, _ = plt.subplots(ncols=panels, figsize=(1, 1))
        shown = figures.show(fig, alt=f'Loss against steps, "falling" & straight, {panels}.')
        png, size = shown._repr_mimebundle_()
        outputs.append(v4.new_output("execute_result", data=png, metadata=size, execution_count=1))
    folded = v4.new_code_cell("1", outputs=outputs[:1], metadata={"tags": ["hide-input"]})
    plain = v4.new_code_cell("2", outputs=outputs[1:])
    cells = [v4.new_markdown_cell("# Quadratics"), folded, plain]
    language = {"name": "python", "pygments_lexer": "python"}
    return v4.new_notebook(cells=cells, metadata={"language_info": language})


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    book = folder / "book"
    shutil.copytree(ROOT / "book/_static", book / "_static")
    (folder / "conf.py").write_text(CONF.format(tools=str(ROOT / "tools")), encoding="utf-8")
    (book / "claims.toml").write_text(CLAIMS, encoding="utf-8")
    shutil.copy(ROOT / "book/references.bib", book)
    shutil.copy(ROOT / "book/bibliography.md", book)
    toctree = "\n```{toctree}\nquadratics\nbibliography\n```\n"
    (book / "ledger.md").write_text(
        "# Ledger\n\n```{ledger} glance\n```\n\nWords.\n\n```{ledger} cards\n```\n" + toctree,
        encoding="utf-8",
    )
    nbformat.write(executed_chapter(book / "claims.toml"), book / "quadratics.ipynb")
    return folder


@pytest.fixture(scope="module")
def site(source, sphinx):
    status, errors = sphinx(source, source / "_build/html")
    assert status == 0, errors
    return source / "_build/html"


def test_the_ledger_links_to_the_cards_of_the_chapter(site):
    page = (site / "book/ledger.html").read_text("utf-8")
    chapter = (site / "book/quadratics.html").read_text("utf-8")
    assert 'href="quadratics.html#quadratics-gd-radius"' in page
    assert 'id="quadratics-gd-radius"' in chapter
    assert 'href="ledger.html#quadratics-gd-radius"' in chapter
    assert 'id="quadratics-gd-radius"' in page
    assert 'data-verdict="tight"' in page
    assert 'data-verdict="open"' in page
    assert "<strong>1</strong> of 2 claims" in page
    assert "classical, Theorem 1; derived for this book; equality" in page
    assert "tests/dynamics/test_companion.py::test_radius</td>" in page
    assert "derived: computed in the chapter from a formula" in page
    assert "a mistake planted in the formula" in page
    assert 'href="#ledger-quadratics"' in page  # the page's table of contents knows the section


def test_the_glance_stands_before_the_words_and_the_filters_after(site):
    page = (site / "book/ledger.html").read_text("utf-8")
    order = ['class="rk-glance"', "Words.", 'class="rk-filters"', 'class="rk-claim ']
    assert sorted(order, key=page.index) == order
    assert [page.count(part) for part in order[::2]] == [1, 1]


def test_papers_have_their_authors_and_a_link(site):
    page = (site / "book/ledger.html").read_text("utf-8")
    names = "Liu, Tao and Pan (2022)", "Bu, Xu and Chen (2021)"
    assert f'data-papers="{"|".join(names)}|classical"' in page
    assert 'data-papers="this book"' in page
    entries = (site / "book/bibliography.html").read_text("utf-8")
    for name in names:
        (anchor,) = re.findall(rf'<a href="bibliography.html#(\w+)">{re.escape(name)}</a>', page)
        (entry,) = re.findall(rf'<div class="citation" id="{anchor}".*?</div>', entries, re.DOTALL)
        assert name.split(",")[0] in entry


def test_formulas_are_marked_for_typesetting(site):
    page = (site / "book/ledger.html").read_text("utf-8")
    assert r'<span class="math notranslate nohighlight">\(1-1/\kappa\)</span>' in page


def test_the_code_of_a_section_is_folded_once_after_its_cards(site):
    chapter = (site / "book/quadratics.html").read_text("utf-8")
    assert chapter.count("<details") == 1
    fold = chapter.index("<details")
    assert chapter.index('class="rk-record ') < chapter.index("rk-figure") < fold
    assert fold < chapter.index("cell_input") < chapter.index("</details>")


def test_the_json_lies_at_the_sites_root(site):
    first, second = json.loads((site / "ledger.json").read_text("utf-8"))
    assert (first["verdict"], second["verdict"]) == ("tight", "open")
    assert "python" in first["environment"]
    assert "environment" not in second
    page = (site / "book/ledger.html").read_text("utf-8")
    assert 'href="../ledger.json"' in page


def test_figures_have_their_alt_text_and_class(site):
    chapter = (site / "book/quadratics.html").read_text("utf-8")
    tags = re.findall(r"<img[^>]*rk-figure[^>]*>", chapter)
    for tag, panels in zip(tags, (1, 3), strict=True):
        assert f'alt="Loss against steps, &quot;falling&quot; &amp; straight, {panels}."' in tag
        assert "height" not in tag
        assert re.search(rf'rk-picture[^"]*">\s*<a [^>]*>{re.escape(tag)}', chapter)


def test_a_second_build_knows_a_changed_claim(source, site, sphinx):
    claims = source / "book/claims.toml"
    claims.write_text(CLAIMS.replace("1e-12", "1e-11"), encoding="utf-8")
    status, errors = sphinx(source, site)
    assert status != 0
    assert "'quadratics/gd-radius' is stale" in errors
    assert errors.count("WARNING") == 1
