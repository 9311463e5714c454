"""The house style: readable in greyscale and on dark pages, and never without alt text."""

import base64
import itertools

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from rootkappa import figures

ALT = "Steps against condition number on logarithmic axes: the slope is one half."
X = np.array([1.0, 10.0, 100.0])


@pytest.fixture(autouse=True)
def axes():
    with plt.rc_context():
        plt.switch_backend("agg")
        figures.use_style()
        fig, ax = plt.subplots()
        yield ax
        plt.close(fig)


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


@pytest.mark.parametrize("color", figures.PALETTE)
def test_every_colour_stands_out_on_light_and_dark_pages(color):
    rgb = to_rgb(color)
    assert contrast(luminance(rgb), 1.0) >= 3
    assert contrast(luminance(on_a_dark_page(rgb)), luminance(to_rgb("#14181e"))) >= 3


def test_methods_differ_in_greyscale_in_marker_and_in_dashes():
    styles = list(figures.METHODS.values())
    lights = sorted(luminance(to_rgb(style.color)) for style in styles)
    assert all(contrast(a, b) >= 1.4 for a, b in itertools.pairwise(lights))
    assert len({style.marker for style in styles}) == len(styles)
    assert len({str(style.linestyle) for style in styles}) == len(styles)


@pytest.mark.parametrize("name", ["Heavy ball", "heavy_ball", "heavy-ball"])
def test_a_method_looks_the_same_however_it_is_written(name):
    assert figures.method_style(name) is figures.METHODS["heavy ball"]


def test_an_unknown_method_is_named():
    with pytest.raises(ValueError, match="unknown method 'adam': choose one of"):
        figures.method_style("Adam")


def test_theory_is_a_line_and_measurement_points(axes):
    line = figures.theory(axes, X, X, "nesterov")
    points = figures.measured(axes, X, X, "nesterov")
    assert (line.get_marker(), points.get_linestyle()) == ("", "None")
    assert line.get_color() == points.get_color() == figures.METHODS["nesterov"].color


def test_a_figure_is_shown_with_its_alt_text_and_closed(axes):
    shown = figures.show(axes.figure, alt=ALT)
    content, metadata = shown._repr_mimebundle_()
    assert content["text/plain"] == repr(shown) == f"Figure: {ALT}"
    assert base64.b64decode(content["image/png"]).startswith(b"\x89PNG")
    assert metadata == {"image/png": {"width": 640, "height": 380}}
    assert plt.get_fignums() == []


def test_a_figure_says_how_many_panels_stand_beside_each_other():
    fig, _ = plt.subplots(2, 3)
    assert repr(figures.show(fig, alt=ALT)) == f"Figure, 3 panels across: {ALT}"


def test_the_same_figure_is_the_same_file():
    def draw():
        fig, ax = plt.subplots()
        figures.theory(ax, X, X**0.5, "heavy ball")
        return figures.show(fig, alt=ALT).png

    png = draw()
    assert png == draw()
    assert b"Software" not in png


@pytest.mark.parametrize("alt", ["", "a plot", "   a      plot       "])
def test_alt_text_must_say_something(axes, alt):
    with pytest.raises(ValueError, match="say what the axes are"):
        figures.show(axes.figure, alt=alt)


def test_a_direct_label_sits_at_the_lines_end(axes):
    line = figures.theory(axes, X, [1.0, 2.0, np.nan])
    figures.label_line(line, "here")
    (text,) = axes.texts
    assert (text.get_text(), text.xy, text.get_color()) == ("here", (10.0, 2.0), line.get_color())


def test_the_slope_guide_has_the_slope_it_says(axes):
    axes.loglog()
    figures.slope_guide(axes, (10, 1000), 3.0, 0.5)
    x, y = axes.lines[0].get_data()
    assert np.log(y[1] / y[0]) / np.log(x[1] / x[0]) == pytest.approx(0.5)
    assert axes.texts[0].get_text() == "slope 0.5"


def test_the_slope_guide_needs_logarithmic_axes(axes):
    with pytest.raises(ValueError, match="needs logarithmic axes, got linear and linear"):
        figures.slope_guide(axes, (1, 2), 1.0, 1.0)
    axes.loglog()
    with pytest.raises(ValueError, match="give the smaller end first"):
        figures.slope_guide(axes, (2, 1), 1.0, 1.0)
