"""Each page says in a sentence what it is, and the book has a picture."""

from __future__ import annotations

import numpy as np
import pytest
import yaml
from PIL import Image

from rootkappa_sphinx.descriptions import card, read
from rootkappa_sphinx.execution import ROOT

TOC = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
LISTED = [page for part in TOC["parts"] for page in part["chapters"]]
LISTED += [section for page in LISTED for section in page.get("sections", ())]
PAGES = [TOC["root"], *(page["file"] for page in LISTED)]
TOLD = read(ROOT)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_has_a_sentence_in_words(page):
    sentence = TOLD[page]
    assert sentence.endswith((".", "?"))
    assert 20 < len(sentence) <= 160
    assert not set(sentence) & set("\\$_{}")


def test_no_sentence_is_left_of_a_page_that_went():
    assert set(TOLD) == set(PAGES)


def test_a_card_shows_the_figure_on_white(tmp_path):
    figure = np.zeros((100, 200, 4), np.uint8)
    figure[40:60, 80:120] = (200, 0, 0, 255)
    Image.fromarray(figure).save(tmp_path / "a.png")
    pixels = np.asarray(card(tmp_path / "a.png"))
    assert pixels.shape == (630, 1200, 3)
    assert (pixels[0, 0] == 255).all()
    assert (pixels[315, 600] == (200, 0, 0)).all()


def test_a_book_without_sentences_is_built_all_the_same(tmp_path):
    assert read(tmp_path) == {}
