"""Networks are drawn as they are told, and say the same in words."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from rootkappa_sphinx.sketches import Network, svg

ROOT = Path(__file__).parents[2]
DEEP = Network(("d", "m", "m", "k"), ("W_1", "W_2", "W_3"), ("W_3",), (1,), ((1, 2),))
CONF = """
import sys
sys.path.insert(0, {tools!r})
source_suffix = {{".rst": "restructuredtext"}}
extensions = ["myst_parser", "rootkappa_sphinx.sketches"]
"""
INDEX = "\n\n```{toctree}\n:glob:\n\n*\n```\n"
RIGHT = "# Page\n\n```{sketch} d, m, k\n:weights: A, B\n:relu: 1\n```" + INDEX
WRONG = {
    "```{sketch} d, m, k\n:weights: W_1\n```": "got 3 layers and 1 weights: name one between each",
    "```{sketch} d, k\n:weights: W_1\n:held: W_2\n```": "cannot draw W_2: name a weight",
    "```{sketch} d, k\n:weights: W_{1}\n```": "cannot draw W_{1}: name a weight",
}


def parts(network):
    drawn = ET.fromstring(svg(network))
    return {kind: drawn.findall(kind) for kind in ("circle", "path", "text")}, drawn


def test_every_layer_and_every_weight_is_there():
    found, _ = parts(DEEP)
    texts = ["".join(text.itertext()) for text in found["text"]]
    assert texts == ["W1", "W2", "W3", "d", "m", "m", "k"]
    assert len(found["circle"]) == 4 * (4 + 3)
    dashed = [path for path in found["path"] if "stroke-dasharray" in path.attrib]
    assert len(dashed) == 1
    assert len(found["path"]) == 3 + 1 + 4  # edges, the skip, the kinks of one layer


def test_a_layer_of_one_unit_is_one_circle():
    found, _ = parts(Network(("d", "1"), ("w",)))
    assert len(found["circle"]) == 4 + 3 + 1
    assert found["path"][0].get("d").count("M") == 4


def test_it_says_in_words_what_it_shows():
    _, drawn = parts(DEEP)
    assert drawn.get("role") == "img"
    assert drawn.get("aria-label") == (
        "A network: d inputs, then W_1, m units with a ReLU, then W_2, m units, then W_3, held, "
        "k outputs; a skip from layer 1 to layer 2."
    )


@pytest.fixture(scope="module")
def built(sphinx, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sketches")
    (folder / "conf.py").write_text(CONF.format(tools=str(ROOT / "tools")), encoding="utf-8")
    (folder / "index.md").write_text(RIGHT, encoding="utf-8")
    for number, body in enumerate(WRONG):
        (folder / f"wrong-{number}.md").write_text(f"# Page\n\n{body}\n", encoding="utf-8")
    status, said = sphinx(folder, folder / "built")
    assert status != 0
    return (folder / "built/index.html").read_text("utf-8"), said


def test_the_directive_draws(built):
    assert built[0].count('<svg class="rk-sketch"') == 1


@pytest.mark.parametrize("number", range(len(WRONG)))
def test_what_cannot_be_drawn_is_said(built, number):
    (said,) = [line for line in built[1].splitlines() if f"/wrong-{number}.md" in line]
    assert [*WRONG.values()][number] in said
