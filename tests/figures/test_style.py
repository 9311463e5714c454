"""The palette: readable as text on light and dark pages, apart in greyscale."""

import itertools

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from rootkappa import figures
from rootkappa.figures.style import METHODS, OTHERS, looks

COLORS = [*(look.color for look in METHODS.values()), *(color for color, _, _ in OTHERS)]


def luminance(rgb):
    linear = np.where(
        np.less(rgb, 0.04045), np.divide(rgb, 12.92), (np.add(rgb, 0.055) / 1.055) ** 2.4
    )
    return float(linear @ [0.2126, 0.7152, 0.0722])


def on_a_dark_page(rgb):
    """The style sheet's `invert(1) hue-rotate(180deg)`, by the matrix of the CSS standard."""
    rotate = np.array([[0.213], [0.715], [0.072]]).T * 2 - np.eye(3)
    return np.clip(rotate @ (1 - np.array(rgb)), 0, 1)


def contrast(a, b):
    high, low = max(a, b), min(a, b)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("color", COLORS)
def test_every_colour_is_readable_as_text_on_light_and_dark_pages(color):
    rgb = to_rgb(color)
    assert contrast(luminance(rgb), 1.0) >= 4.5
    assert contrast(luminance(on_a_dark_page(rgb)), luminance(to_rgb("#14181e"))) >= 4.5


def test_methods_differ_in_greyscale_in_marker_and_in_dashes():
    styles = list(METHODS.values())
    lights = sorted(luminance(to_rgb(style.color)) for style in styles)
    assert all(contrast(a, b) >= 1.4 for a, b in itertools.pairwise(lights))
    assert len({style.marker for style in styles}) == len(styles)
    assert len({str(style.linestyle) for style in styles}) == len(styles)


def test_nothing_else_looks_like_a_method():
    markers = [look.marker for look in METHODS.values()] + [marker for _, marker, _ in OTHERS]
    assert len(set(COLORS)) == len(COLORS)
    assert len(set(markers)) == len(markers)
    cycle = plt.rcParams["axes.prop_cycle"].by_key()["color"]
    assert cycle == [color for color, _, _ in OTHERS]


@pytest.mark.parametrize("name", ["Heavy ball", "heavy_ball", "heavy-ball", " heavy ball"])
def test_a_method_looks_the_same_however_it_is_written(name):
    assert figures.method_style(name) is METHODS["heavy ball"]
    assert looks(["L = 3", name])[name] is METHODS["heavy ball"]


def test_others_take_the_next_look_and_come_round():
    names = [f"L = {depth}" for depth in range(len(OTHERS) + 1)]
    found = looks(names)
    assert [(look.color, look.marker, look.linestyle) for look in found.values()] == [
        *OTHERS,
        OTHERS[0],
    ]
    assert [look.label for look in found.values()] == names


@pytest.mark.parametrize("name", ["Adam", None, 3])
def test_an_unknown_method_is_named(name):
    with pytest.raises(
        ValueError, match=f"unknown method {name!r}: choose one of gradient descent"
    ):
        figures.method_style(name)


def test_a_figure_has_two_axes_and_no_box(axes):
    drawn = {name: spine.get_visible() for name, spine in axes.spines.items()}
    assert drawn == {"left": True, "bottom": True, "top": False, "right": False}
