"""Lines for theory, points for measurement, and both for populations."""

import numpy as np
import pytest
import torch

from rootkappa import figures

X = np.array([1.0, 10.0, 100.0])
DRAWS = np.array([[1.0, 2.0, np.nan], [3.0, 4.0, np.nan], [9.0, np.inf, np.nan]])


def test_theory_is_a_line_and_measurement_points(axes):
    line = figures.theory(axes, X, X, "nesterov")
    points = figures.measured(axes, X, X, "nesterov")
    assert (line.get_marker(), points.get_linestyle()) == ("", "None")
    assert line.get_color() == points.get_color() == figures.method_style("Nesterov").color
    assert line.get_linestyle() == ":" or line.is_dashed()


def test_without_a_method_the_next_colour_is_taken(axes):
    first, second = figures.theory(axes, X, X), figures.measured(axes, X, X)
    assert first.get_color() != second.get_color()
    assert figures.theory(axes, X, X, "nesterov", color="k").get_color() == "k"
    own = figures.measured(axes, X, X, "nesterov", color="k", marker="x")
    assert (own.get_color(), own.get_marker()) == ("k", "x")


def test_a_population_is_its_draws_and_the_median_of_those_that_are_finite(axes):
    medians = figures.measured(axes, X, DRAWS, "heavy ball")
    np.testing.assert_array_equal(medians.get_ydata(), [3.0, 3.0, np.nan])
    dots = axes.lines[1]
    np.testing.assert_array_equal(dots.get_ydata(), DRAWS.ravel())
    np.testing.assert_array_equal(dots.get_xdata(), np.tile(X, 3))
    assert dots.get_color() == medians.get_color()
    assert dots.get_zorder() < medians.get_zorder()


@pytest.mark.parametrize(
    "values",
    [[1, 2, 3], range(1, 4), torch.tensor([1.0, 2.0, 3.0], requires_grad=True), np.arange(1, 4)],
)
def test_numbers_of_any_library(axes, values):
    assert figures.theory(axes, X, values).get_ydata().tolist() == [1.0, 2.0, 3.0]


REFUSED = {
    "lengths": ((X, X[:2]), ValueError, r"x has shape \(3,\) and y \(2,\): give"),
    "axes": ((X, np.ones((1, 1, 3))), ValueError, r"y \(1, 1, 3\)"),
    "transposed": ((X, np.ones((3, 2))), ValueError, r"y \(3, 2\): give .* or \(R, n\) of R draws"),
    "scalar": ((1.0, 1.0), ValueError, r"x has shape \(\)"),
    "words": (
        (X, ["a", "b", "c"]),
        TypeError,
        "y must hold numbers, got .*give an array or a list",
    ),
    "none": ((None, X), TypeError, "x must hold numbers, got None"),
    "ragged": ((X, [[1], [1, 2]]), TypeError, "y must hold numbers"),
    "complex": ((X, X * 1j), TypeError, "y must hold numbers"),
    "meta": ((X, torch.ones(3, device="meta")), TypeError, "y must hold numbers"),
}


@pytest.mark.parametrize(("arguments", "error", "message"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_drawn(axes, arguments, error, message):
    with pytest.raises(error, match=message):
        figures.measured(axes, *arguments)


@pytest.mark.parametrize(("letters", "shown"), [(58, 60), (59, 57)])
def test_what_is_no_number_is_shown_up_to_sixty_letters(axes, letters, shown):
    with pytest.raises(TypeError) as told:
        figures.measured(axes, X, "x" * letters)
    text = repr("x" * letters)[:shown] + "..." * (shown == 57)
    assert str(told.value).startswith(f"y must hold numbers, got {text}: give an array")


def test_theory_is_one_line(axes):
    with pytest.raises(ValueError, match=r"shape \(3, 3\): draw one line at a time"):
        figures.theory(axes, X, DRAWS)
