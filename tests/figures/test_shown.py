"""A finished figure: closed, reproducible, and never without alt text."""

import base64

import matplotlib.pyplot as plt
import numpy as np
import pytest

from rootkappa import figures

ALT = "Steps against condition number on logarithmic axes: the slope is one half."
X = np.array([1.0, 10.0, 100.0])


def test_a_figure_is_shown_with_its_alt_text_and_closed(axes):
    shown = figures.show(axes.figure, alt=ALT)
    content, metadata = shown._repr_mimebundle_()
    assert content["text/plain"] == repr(shown) == f"Figure: {ALT}"
    assert base64.b64decode(content["image/png"]).startswith(b"\x89PNG")
    assert metadata == {"image/png": {"width": 640, "height": 380}}
    assert plt.get_fignums() == []


def test_a_figure_carries_data_for_one_that_moves(axes):
    content, _ = figures.show(axes.figure, alt=ALT, data={"kappa": [1, 2]})._repr_mimebundle_()
    assert content[figures.shown.Shown.MIME] == {"kappa": [1, 2]}


def test_a_figure_says_how_many_panels_stand_beside_each_other():
    for shape, panels in (((2, 3), 3), ((1, 2), 2)):
        fig, _ = plt.subplots(*shape)
        assert repr(figures.show(fig, alt=ALT)) == f"Figure, {panels} panels across: {ALT}"


def test_the_same_figure_is_the_same_file():
    def draw():
        fig, ax = plt.subplots()
        figures.scaling(ax, X, {"heavy ball": X**0.5, "Nesterov": X**0.5}, {"Nesterov": 0.5})
        return figures.show(fig, alt=ALT).png

    png = draw()
    assert png == draw()
    assert b"Software" not in png


@pytest.mark.parametrize("alt", ["", "a plot", "   a      plot       ", ALT[:19]])
def test_alt_text_must_say_something(axes, alt):
    with pytest.raises(ValueError, match="say what the axes are"):
        figures.show(axes.figure, alt=alt)


def test_twenty_letters_may_say_something(axes):
    assert figures.show(axes.figure, alt=f" {ALT[:20]} ").alt.strip() == ALT[:20]


def test_alt_text_is_text(axes):
    with pytest.raises(TypeError, match="alt text is None: say in words"):
        figures.show(axes.figure, alt=None)
