"""What all figures share: ticks, words, and a state that an address holds."""

import pytest

from rootkappa_sphinx import moving
from tests.moving.conftest import Script, data_of

FIGURES = moving.names()
SLIDER = {"name": "kappa", "min": 1, "max": 1e4, "log": True, "start": 100}
STOPS = {"name": "width", "stops": [16, 1e8], "start": 16}
CHOICE = {"name": "method", "options": [["hb", "heavy ball"], ["nag", "Nesterov"]], "start": "hb"}


@pytest.mark.parametrize(
    ("value", "digits", "words"),
    [
        (1252, 6, "1,252"),
        (0.12345, 3, "0.123"),
        (-0.5, 3, "−0.5"),
        (3.21e-7, 2, "3.2·10⁻⁷"),
        (1e6, 3, "10⁶"),
        (0, 3, "0"),
        (73.31, 3, "73.3"),
    ],
)
def test_numbers_in_words(script, value, digits, words):
    assert script("race").words(value, digits) == words


@pytest.mark.parametrize(
    ("axis", "most", "ticks"),
    [
        ({"min": 0, "max": 1302}, 4, [0, 500, 1000]),
        ({"min": -1.05, "max": 1.05}, 5, [-1, -0.5, 0, 0.5, 1]),
        ({"min": 0.4, "max": 2e3, "log": True}, 5, [1, 10, 100, 1000]),
        ({"min": 3e-7, "max": 2, "log": True}, 5, [1e-6, 1e-4, 1e-2, 1]),
        ({"min": 0, "max": 1, "ticks": [0.3]}, 5, [0.3]),
    ],
)
def test_ticks(script, axis, most, ticks):
    assert script("race").value("rootkappa.ticks", axis, most) == pytest.approx(ticks)


@pytest.mark.parametrize(
    ("control", "text", "value"),
    [
        (SLIDER, "437", 437),
        (SLIDER, None, 100),
        (SLIDER, "", 100),
        (SLIDER, "1e9", 100),
        (SLIDER, "<b>", 100),
        (STOPS, "1e8", 1e8),
        (STOPS, "17", 16),
        (CHOICE, "nag", "nag"),
        (CHOICE, "sgd", "hb"),
    ],
)
def test_what_an_address_asks_for_is_taken_if_it_can_be(script, control, text, value):
    assert script("race").value("rootkappa.read", control, text) == value


def test_a_slider_gives_what_its_label_says(script):
    run = script("race").value
    assert run("rootkappa.fromSlider", SLIDER, run("rootkappa.toSlider", SLIDER, 437)) == 437
    assert run("rootkappa.fromSlider", STOPS, run("rootkappa.toSlider", STOPS, 1e8)) == 1e8
    assert run("rootkappa.fromSlider", {"min": 0, "max": 1, "step": 0.01}, 0.1 + 0.2) == 0.3


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_weighs_less_than_25_kB_with_its_data(name):
    own = len((moving.SCRIPTS / f"{name}.js").read_bytes())
    assert own + len(moving.markup(name, "", data_of(name))) < 25_000


@pytest.mark.parametrize("name", FIGURES)
def test_panels_are_drawn_at_any_width(name):
    script, data = Script(name), data_of(name)
    draw = f"""(state, data, width, looks) => rootkappa.drawing(
        rootkappa.figures[{name!r}].show(state, data).panels, width, looks, "alt")"""
    state = {control["name"]: control["start"] for control in script.controls(data)}
    for width in (320, 688, 1200):
        svg = script.value(draw, state, data, width, moving.looks())
        assert svg.startswith("<svg")
        assert "NaN" not in svg
        assert "undefined" not in svg
