"""The two figures that recur: what they draw, by the artists' own data."""

import numpy as np
import pytest
import torch

from rootkappa import figures

KAPPAS = np.array([4.0, 16.0, 64.0])
COUNTS = {"gradient descent": 14 * KAPPAS, "Nesterov": 21 * KAPPAS**0.5, "L = 3": KAPPAS}


def by_name(ax):
    return {line.get_label(): line for line in ax.lines if not line.get_label().startswith("_")}


def names(ax):
    return [text.get_text() for text in ax.texts]


def test_scaling_draws_points_laws_and_names(axes):
    figures.scaling(axes, KAPPAS, COUNTS, {"gradient descent": 1, "Nesterov": 0.5})
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert names(axes) == ["L = 3", "Nesterov, slope 1/2", "gradient descent, slope 1"]
    points = by_name(axes)["Nesterov, slope 1/2"]
    np.testing.assert_array_equal(points.get_ydata(), COUNTS["Nesterov"])
    assert points.get_color() == figures.method_style("nesterov").color
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["4", "16", "64"]


@pytest.mark.parametrize(
    ("exponent", "text"), [(-0.5, "−1/2"), (5 / 12, "5/12"), (1 / 13, "0.0769")]
)
def test_an_exponents_line_goes_through_the_last_point(axes, exponent, text):
    figures.scaling(axes, KAPPAS, {"Nesterov": [9.0, 5.0, np.nan]}, {"Nesterov": exponent})
    x, y = axes.lines[0].get_data()
    assert x.tolist() == [4.0, 64.0]
    assert np.log(y[1] / y[0]) / np.log(x[1] / x[0]) == pytest.approx(exponent)
    assert y[0] * (16 / 4) ** exponent == pytest.approx(5.0)
    assert names(axes) == [f"Nesterov, slope {text}"]


def test_laws_may_be_functions_values_or_stand_alone(axes):
    laws = {"Nesterov": lambda kappa: 20 * kappa**0.5, "proved": KAPPAS, "heavy ball": np.sqrt}
    figures.scaling(axes, KAPPAS, {"Nesterov": COUNTS["Nesterov"]}, laws)
    assert sorted(names(axes)) == ["Nesterov", "heavy ball", "proved"]
    fine = axes.lines[0]
    np.testing.assert_allclose(fine.get_ydata(), 20 * fine.get_xdata() ** 0.5)
    assert len(fine.get_xdata()) > 20
    assert fine.get_xdata()[[0, -1]] == pytest.approx([4.0, 64.0])
    np.testing.assert_allclose(np.diff(np.log(fine.get_xdata()), n=2), 0, atol=1e-12)


def test_the_exponents_of_a_population_go_through_its_median(axes):
    draws = torch.tensor([[1.0, 2.0, 3.0], [1.0, 2.0, 5.0], [1.0, 2.0, 100.0]])
    figures.scaling(axes, KAPPAS, {"Nesterov": draws}, {"Nesterov": 0.0}, labels=False)
    assert axes.lines[0].get_ydata().tolist() == [5.0, 5.0]
    assert names(axes) == []


def test_many_abscissae_keep_the_ticks_of_decades(axes):
    wide = np.geomspace(128, 1e8, 5)
    figures.scaling(axes, wide, {"Nesterov": 1 / wide})
    assert len(axes.get_xticks()) > 0
    assert set(np.log10(axes.get_xticks()) % 1) == {0.0}


@pytest.mark.parametrize(
    ("x", "own"),
    [
        (np.geomspace(0.25, 75, 8), True),  # below 1, and 2.48 decades
        (np.geomspace(1, 330, 8), False),  # 2.52 decades
        (np.geomspace(1, 2, 9), False),  # too many
    ],
)
def test_a_few_abscissae_over_few_decades_have_their_own_ticks(axes, x, own):
    figures.scaling(axes, x, {"Nesterov": x})
    ticks = [tick.get_text() for tick in axes.get_xticklabels()]
    assert (ticks == [f"{value:g}" for value in x]) == own


REFUSED = {
    "negative": ((-KAPPAS, COUNTS), ValueError, "x must be positive numbers"),
    "zero": (([0.0, 1.0, 2.0], COUNTS), ValueError, "x must be positive numbers"),
    "words": ((["a"], COUNTS), TypeError, "x must hold numbers"),
    "shape": ((KAPPAS, {"Nesterov": [1.0]}), ValueError, r"x has shape \(3,\) and y \(1,\)"),
    "law": ((KAPPAS, COUNTS, {"Nesterov": [1.0]}), ValueError, r"x has shape \(3,\) and y \(1,\)"),
    "no points": ((KAPPAS, {}, {"Nesterov": 0.5}), ValueError, "'Nesterov' has no points to go"),
    "nothing": ((KAPPAS, {}), ValueError, "no line has a label"),
}


@pytest.mark.parametrize(("arguments", "error", "message"), REFUSED.values(), ids=REFUSED)
def test_what_has_no_scaling(axes, arguments, error, message):
    with pytest.raises(error, match=message):
        figures.scaling(axes, *arguments)


STEPS = np.arange(101)


def test_decay_thins_the_points_and_draws_the_envelope_whole(axes):
    figures.decay(axes, {"Nesterov": 0.9**STEPS}, {"theorem": lambda t: 2 * 0.95**t}, points=20)
    assert (axes.get_yscale(), axes.get_xlabel()) == ("log", "step $t$")
    points, line = by_name(axes)["Nesterov"], by_name(axes)["theorem"]
    assert points.get_xdata().tolist() == list(range(0, 101, 5))
    np.testing.assert_array_equal(points.get_ydata(), 0.9 ** STEPS[::5])
    np.testing.assert_allclose(line.get_ydata(), 2 * 0.95**STEPS)
    assert sorted(names(axes)) == ["Nesterov", "theorem"]


def test_nothing_is_drawn_below_the_floor(axes):
    figures.decay(axes, {"Nesterov": 0.5**STEPS}, {"Nesterov": 0.5**STEPS}, floor=1e-10)
    assert list(by_name(axes)) == ["Nesterov"]
    assert [line.get_label()[0] for line in axes.lines].count("_") == 1
    for line in axes.lines:
        drawn = line.get_ydata()[np.isfinite(line.get_ydata())]
        assert drawn.min() > 1e-10
        assert drawn.max() == 1.0


def test_a_population_of_runs_is_thin_lines_and_their_median(axes):
    runs = np.stack([rate**STEPS for rate in (0.8, 0.9, 0.95)])
    figures.decay(axes, {"heavy ball": runs}, floor=1e-6, points=101)
    *thin, medians = axes.lines
    assert len(thin) == 3
    assert {line.get_color() for line in axes.lines} == {figures.method_style("heavy ball").color}
    # The median is taken before the floor cuts the fastest runs off, or it would bend.
    np.testing.assert_allclose(medians.get_ydata()[:100], 0.9 ** STEPS[:100])


def test_curves_of_different_lengths_and_an_axis_of_ones_own(axes):
    axes.set_xlabel("epoch")
    figures.decay(axes, {"a": torch.ones(5), "b": np.ones(9)}, {"c": lambda t: np.exp(-t)})
    assert axes.get_xlabel() == "epoch"
    assert len(by_name(axes)["c"].get_xdata()) == 9


@pytest.mark.parametrize(
    ("curves", "options", "error", "message"),
    [
        ({"a": ["x"]}, {}, TypeError, "a must hold numbers"),
        ({"a": np.ones((2, 2, 2))}, {}, ValueError, r"y \(2, 2, 2\)"),
        ({"a": [1.0]}, {"points": 0}, ValueError, "points must be at least 1, got 0"),
        ({"a": [1.0]}, {"points": "x"}, TypeError, "points must be a whole number"),
        ({}, {}, ValueError, "no line has a label"),
        ({"a": [0.0, 0.0]}, {}, ValueError, "'a' has no finite point"),
    ],
)
def test_what_does_not_decay(axes, curves, options, error, message):
    with pytest.raises(error, match=message):
        figures.decay(axes, curves, **options)
