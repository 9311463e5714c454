"""Figures on a page: numbered, captioned, above their code, and shown where a chapter begins."""

import re
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import nbformat.v4 as v4
import pytest

from rootkappa import figures

ROOT = Path(__file__).parents[2]
CONF = """
import sys
sys.path.insert(0, {tools!r})
source_suffix = {{".rst": "restructuredtext"}}
extensions = ["myst_nb", "rootkappa_sphinx.figures"]
numfig = True
numfig_format = {{"figure": "Figure %s"}}
html_static_path = ["static"]
nb_execution_mode = "off"
root_doc = "index"
exclude_patterns = ["_build"]
"""
RESULT = "```{result} fig-tiny\nSeen in {numref}`fig-tiny`.\n```"
FOLDED = {"tags": ["hide-input"]}
FIGURE = FOLDED | {"mystnb": {"figure": {"name": "fig-tiny", "caption": "**Tiny.** See $x$."}}}


def drawn():
    plt.switch_backend("agg")
    fig, _ = plt.subplots(figsize=(1, 1))
    content, size = figures.show(fig, "A frame with nothing in it.")._repr_mimebundle_()
    return v4.new_output("execute_result", data=content, metadata=size, execution_count=1)


def notebook(text):
    printed = v4.new_output("stream", text="printed\n")
    cells = [
        v4.new_markdown_cell(f"# Tiny\n\n{text}"),
        v4.new_code_cell("speaking = 0", metadata=FOLDED, outputs=[printed]),
        v4.new_code_cell("silent = 1", metadata=FOLDED),
        v4.new_code_cell("silent = 2", metadata=FOLDED),
        v4.new_code_cell("draw = 3", metadata=FIGURE, outputs=[drawn()]),
        v4.new_markdown_cell("Words."),
        v4.new_code_cell("alone = 4", metadata=FOLDED),
        v4.new_markdown_cell("More words."),
        v4.new_code_cell("unfolded = 5", outputs=[printed]),
    ]
    language = {"name": "python", "pygments_lexer": "python"}
    return v4.new_notebook(cells=cells, metadata={"language_info": language})


@pytest.fixture
def built(tmp_path, sphinx):
    def build(text):
        (tmp_path / "static").mkdir()
        (tmp_path / "conf.py").write_text(CONF.format(tools=str(ROOT / "tools")), "utf-8")
        (tmp_path / "static/rootkappa.css").touch()
        nbformat.write(notebook(text), tmp_path / "index.ipynb")
        status, errors = sphinx(tmp_path, tmp_path / "_build/html")
        return status, errors, (tmp_path / "_build/html/index.html").read_text("utf-8")

    return build


def test_a_figure_has_a_number_a_caption_and_a_result_beforehand(built):
    status, errors, page = built(RESULT)
    assert status == 0, errors
    (framed,) = re.findall(
        r'<figure class="[^"]*rk-framed[^>]*id="fig-tiny">.*?</figure>', page, re.S
    )
    assert '<span class="caption-number">Figure 1 </span>' in framed
    assert "<strong>Tiny.</strong> See" in framed
    assert 'alt="A frame with nothing in it."' in framed
    (result,) = re.findall(r'<div class="rk-result.*?</div>', page, re.S)
    (source,) = re.findall(r'<img[^>]*src="([^"]+)"', framed)
    assert re.search(rf'<a[^>]*href="#fig-tiny"[^>]*><img[^>]*src="{source}"', result)
    assert re.search(r"Seen in <a [^>]*><span[^>]*>Figure 1</span></a>", result)
    assert page.index(result) < page.index(framed)


def test_folded_code_stands_below_what_it_shows(built):
    _, _, page = built(RESULT)
    text = re.sub(r"<(?!img|details|/details)[^>]*>", "", page[page.index("</h1>") :])
    signs = ["printed", "speaking", "rk-figure", "silent = 1", "silent = 2", "draw = 3", "Words."]
    signs += ["alone = 4", "More words.", "unfolded = 5"]
    text = text[text.index("printed") :]
    assert sorted(signs, key=text.index) == signs
    assert text.rindex("printed") > text.index("unfolded = 5")
    assert text.count("<details") == 5


def test_a_result_that_is_not_on_the_page_is_refused(built):
    status, errors, _ = built("```{result} fig-lost\nNothing.\n```")
    assert status != 0
    assert "this page has no figure 'fig-lost' to show beforehand" in errors
