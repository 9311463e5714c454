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
numfig = True
"""
ALT = "Loss against steps, </script> & falling."
DATA = {"networks": [{"kappa": 3}], "trap": "</script>"}
FIGURE = {"caption": "**Tiny.** See."}


def notebook(text, data=DATA, figure=FIGURE):
    plt.switch_backend("agg")
    fig, _ = plt.subplots(figsize=(1, 1))
    content, size = figures.show(fig, ALT, data=data)._repr_mimebundle_()
    output = v4.new_output("execute_result", data=content, metadata=size, execution_count=1)
    cell = v4.new_code_cell("1", outputs=[output], metadata={"mystnb": {"figure": figure}})
    cells = [v4.new_markdown_cell("# Root"), cell, v4.new_markdown_cell(text)]
    language = {"name": "python", "pygments_lexer": "python"}
    return v4.new_notebook(cells=cells, metadata={"language_info": language})


PLACE = "```{moving} race\n```"
GOOD = {
    "index": (PLACE + "\n\n```{toctree}\n:glob:\n\n*\n```\n", DATA),
    "from-a-file": ("```{moving} race\n:data: numbers.json\n```", None),
    "other-words": ("```{moving} race\n:alt: Other words.\n```", DATA),
}
WRONG = {
    "misspelt": ("```{moving} rase\n```", "there is no figure 'rase' that moves: choose one of"),
    "no-file": ("```{moving} race\n:data: absent.json\n```", "there is no file book/absent.json"),
    "apart": (f"Words between.\n\n{PLACE}", "put it after the cell that draws"),
    "bare": (PLACE, "no figure with a caption stands right before it"),
}


@pytest.fixture(scope="module")
def built(tmp_path_factory, sphinx):
    """A strict build of pages that are right and pages that are wrong."""
    folder = tmp_path_factory.mktemp("moving")
    book = folder / "book"
    shutil.copytree(ROOT / "book/_static/moving", book / "_static/moving")
    (folder / "conf.py").write_text(CONF.format(tools=str(ROOT / "tools")), "utf-8")
    (book / "numbers.json").write_text('{"from": "a file"}', "utf-8")
    (book / "other.md").write_text("# Other", "utf-8")
    wrong = {name: (text, DATA) for name, (text, _) in WRONG.items()}
    for name, page in (GOOD | wrong).items():
        figure = {} if name == "bare" else FIGURE | {"name": f"fig-{name}"}
        nbformat.write(notebook(*page, figure), book / f"{name}.ipynb")
    status, errors = sphinx(folder, folder / "_build/html")
    assert status != 0
    return folder / "_build/html/book", errors


def content(page):
    (text,) = re.findall(r'data-figure="race"><script type="application/json">(.*?)</script>', page)
    return json.loads(text)


def test_the_place_holds_what_the_cells_figure_carries(built):
    page = (built[0] / "index.html").read_text("utf-8")
    found = content(page)
    assert (found["alt"], found["data"]) == (ALT, DATA)
    assert [found["looks"][name]["color"] for name in METHODS] == [
        x.color for x in METHODS.values()
    ]
    # Both are in one frame, with one caption.
    (frame,) = re.findall(r'<figure class="[^"]*rk-framed.*?</figcaption>', page, re.S)
    signs = ["rk-figure", '<figure class="rk-moving"', "<figcaption>"]
    assert sorted(signs, key=frame.index) == signs


def test_it_may_have_alt_text_of_its_own(built):
    assert content((built[0] / "other-words.html").read_text("utf-8"))["alt"] == "Other words."


def test_only_pages_with_a_figure_load_scripts_and_in_order(built):
    site = built[0]
    page = (site / "index.html").read_text("utf-8")
    assert re.findall(r'src="[^"]*static/(moving/[^"?]*)', page) == moving.scripts("race")
    # Right after the figure, and at once: nothing below is painted before, and then moved.
    assert re.search(r'</script></figure>\s*<script src="[^"]*moving/_figure\.js', page)
    assert moving.beside(page) == page
    assert "moving/" not in (site / "other.html").read_text("utf-8")


def test_data_may_come_from_a_file(built):
    assert content((built[0] / "from-a-file.html").read_text("utf-8"))["data"] == {"from": "a file"}


@pytest.mark.parametrize("page", WRONG)
def test_what_cannot_be_is_refused(built, page):
    (said,) = [line for line in built[1].splitlines() if f"/{page}.ipynb" in line]
    assert WRONG[page][1] in said


def test_nothing_else_is_complained_of(built):
    assert len(re.findall(r"(ERROR|WARNING):", built[1])) == len(WRONG)


def test_dashes_are_those_of_the_palette_in_pixels():
    assert moving.looks()["gradient descent"]["dash"] == ""
    assert moving.looks()["heavy ball"]["dash"] == "8 2.4"
