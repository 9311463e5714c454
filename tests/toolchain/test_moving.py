"""The directive for figures that move: where the place is, what it holds, what is refused."""

import json
import re
import shutil
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import nbformat.v4 as v4
import pytest

from rootkappa import figures
from rootkappa.figures.style import METHODS
from rootkappa_sphinx import moving

ROOT = Path(__file__).parents[2]
CONF = """
import sys
sys.path.insert(0, {tools!r})
source_suffix = {{".rst": "restructuredtext"}}
extensions = ["myst_nb", "rootkappa_sphinx.figures", "rootkappa_sphinx.moving"]
suppress_warnings = ["mystnb.unknown_mime_type"]
html_static_path = ["book/_static"]
nb_execution_mode = "off"
root_doc = "book/index"
exclude_patterns = ["_build"]
"""
ALT = "Loss against steps, </script> & falling."
DATA = {"networks": [{"kappa": 3}], "trap": "</script>"}


def notebook(text, data=DATA):
    plt.switch_backend("agg")
    fig, _ = plt.subplots(figsize=(1, 1))
    content, size = figures.show(fig, ALT, data=data)._repr_mimebundle_()
    output = v4.new_output("execute_result", data=content, metadata=size, execution_count=1)
    cells = [v4.new_markdown_cell("# Root"), v4.new_code_cell("1", outputs=[output])]
    language = {"name": "python", "pygments_lexer": "python"}
    return v4.new_notebook(
        cells=[*cells, v4.new_markdown_cell(text)], metadata={"language_info": language}
    )


@pytest.fixture
def built(tmp_path, sphinx):
    def build(text, data=DATA):
        book = tmp_path / "book"
        shutil.copytree(ROOT / "book/_static/moving", book / "_static/moving")
        (tmp_path / "conf.py").write_text(CONF.format(tools=str(ROOT / "tools")), "utf-8")
        (book / "numbers.json").write_text('{"from": "a file"}', "utf-8")
        (book / "other.md").write_text("# Other", "utf-8")
        text += "\n\n```{toctree}\nother\n```\n"
        nbformat.write(notebook(text, data), book / "index.ipynb")
        status, errors = sphinx(tmp_path, tmp_path / "_build/html")
        return status, errors, tmp_path / "_build/html/book"

    return build


def content(page):
    (text,) = re.findall(r'data-figure="race"><script type="application/json">(.*?)</script>', page)
    return json.loads(text)


def test_the_place_holds_what_the_cells_figure_carries(built):
    status, errors, site = built("```{moving} race\n```")
    assert status == 0, errors
    page = (site / "index.html").read_text("utf-8")
    found = content(page)
    assert (found["alt"], found["data"]) == (ALT, DATA)
    assert [found["looks"][name]["color"] for name in METHODS] == [
        x.color for x in METHODS.values()
    ]
    # The figure on paper is the element right before the place.
    assert re.search(r"rk-figure[^>]*>\s*(</\w+>\s*)+<figure", page)


def test_only_pages_with_a_figure_load_scripts_and_in_order(built):
    _, _, site = built("```{moving} race\n```")
    page = (site / "index.html").read_text("utf-8")
    assert re.findall(r'src="[^"]*static/(moving/[^"?]*)', page) == moving.scripts("race")
    # Right after the figure, and at once: nothing below is painted before, and then moved.
    assert re.search(r'</script></figure>\s*<script src="[^"]*moving/_figure\.js', page)
    assert moving.beside(page) == page
    assert "moving/" not in (site / "other.html").read_text("utf-8")


def test_data_may_come_from_a_file(built):
    status, errors, site = built("```{moving} race\n:data: numbers.json\n```", data=None)
    assert status == 0, errors
    assert content((site / "index.html").read_text("utf-8"))["data"] == {"from": "a file"}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("```{moving} rase\n```", "there is no figure 'rase' that moves: choose one of"),
        ("```{moving} race\n:data: absent.json\n```", "there is no file book/absent.json"),
        ("Words between.\n\n```{moving} race\n```", "put it after the cell that draws"),
    ],
)
def test_what_cannot_be_is_refused(built, text, complaint):
    status, errors, _ = built(text)
    assert status != 0
    assert complaint in errors


def test_dashes_are_those_of_the_palette_in_pixels():
    assert moving.looks()["gradient descent"]["dash"] == ""
    assert moving.looks()["heavy ball"]["dash"] == "8 2.4"
