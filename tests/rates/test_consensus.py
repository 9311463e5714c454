from dataclasses import dataclass

import numpy as np
import pytest

from rootkappa.rates import _residuals
from rootkappa.rates._consensus import (
    Believed,
    _drift,
    believed,
    misfits_everywhere,
    rests_on_a_plateau,
)


@dataclass
class Start:
    start: float


@dataclass
class Found:
    """A reading, as far as the windows are compared."""

    low: float
    factor: float
    high: float
    misfit: float = 1e-9
    inflation: float = 1.0
    start: float = 1.0

    @property
    def window(self):
        return Start(self.start)

    @property
    def width(self):
        return self.high - self.low


def test_the_narrowest_is_believed_and_the_better_fit_of_two_as_narrow():
    wide, narrow = Found(0.88, 0.9, 0.95), Found(0.899, 0.9, 0.901, misfit=1e-3)
    fits = Found(0.899, 0.9, 0.9012, misfit=1e-5)
    assert believed([wide, narrow]).reading is narrow
    assert believed([wide, narrow, fits]).reading is fits


def test_a_window_below_another_is_refuted():
    slow, refuted = Found(0.89, 0.9, 0.95), Found(0.80, 0.8, 0.80)
    assert believed([slow, refuted]).reading is slow


def test_what_moves_between_windows_widens_the_interval():
    first = Found(0.89, 0.9, 0.91, inflation=1e6)
    second = Found(0.88, 0.89, 0.90, misfit=1e-10)
    choice = believed([first, second])
    assert choice.drift == pytest.approx(0.01)
    assert (choice.low, choice.high) == pytest.approx((0.87, 0.91))
    still = believed([Found(0.89, 0.9, 0.91), Found(0.889, 0.9001, 0.911)])
    assert still.drift == 0  # the noise was that of rounding from the start
    assert believed([Found(0.89, 0.9, 1.2)]).high == 1


@pytest.mark.parametrize(
    ("misfits", "everywhere"),
    [
        ([1e-2, 1e-2, 1e-2], True),  # flips, wrong constants
        ([1e-4, 1e-3, 1e-2], False),  # a floor
        ([1e-2, 1e-3, 1e-4], False),  # a kernel that settles
        ([1e-6, 1e-6, 1e-6], False),  # harmless
        ([1e-2, 1e-2], False),  # too few to say
    ],
)
def test_misfits_by_how_they_scale(misfits, everywhere):
    levels = (1.0, 0.1, 0.01)
    found = [
        Found(0.9, 0.9, 0.9, misfit, 1e6, level)
        for misfit, level in zip(misfits, levels, strict=False)
    ]
    assert misfits_everywhere(found) is everywhere


@pytest.mark.parametrize(
    ("tail", "plateau"),
    [
        (1e-3, True),
        (0.0, False),
        ("noise", False),
        ("decay", False),
        ("signs", True),
        ("mixed", False),
        ("mostly", True),
    ],
)
def test_plateaus(tail, plateau):
    t, rng = np.arange(400.0), np.random.default_rng(0)
    run = 0.9 ** t[:, None] * np.ones(3)
    noise = 1e-3 * rng.standard_normal((400, 3))
    # Of "mixed" a quarter of the square is at rest, of "mostly" four fifths; the rest goes around.
    around = np.stack([np.cos(t), np.sin(t), 0 * t], 1)
    still = np.array([0.0, 0.0, 1.0])
    added = {
        "noise": noise,
        "decay": 1e-2 * 0.99 ** t[:, None],
        "signs": 1e-3 * np.array([1.0, -1.0, 0.0]),
        "mixed": 1e-3 * (0.5 * still + 0.75**0.5 * around),
        "mostly": 1e-3 * (0.8**0.5 * still + 0.2**0.5 * around),
    }
    added = added.get(tail, tail)
    assert rests_on_a_plateau(_residuals.read(run + added)) is plateau


def test_a_window_drifts_from_the_one_before_and_the_first_from_the_second():
    found = [Found(0.89, 0.90, 0.91), Found(0.90, 0.92, 0.93), Found(0.93, 0.95, 0.96)]
    assert [_drift(found, i) for i in range(3)] == pytest.approx([0.0, 0.02, 0.03])
    # Noise that was raised shows that the kernel moved, and the first window has none before it.
    found[0].inflation = 31.0
    assert _drift(found, 0) == pytest.approx(0.02)
    assert _drift(found[:1], 0) == 0.0


def test_a_growing_window_keeps_an_upper_end_above_its_lower_one():
    (grows,) = [Believed(Found(1.02, 1.03, 1.04), 0.01)]
    assert (grows.low, grows.high) == pytest.approx((1.01, 1.02))
    assert Believed(Found(0.9, 0.95, 0.99), 0.05).high == 1.0
    assert Believed(Found(0.9, 0.95, 0.97), 0.01).width == pytest.approx(0.09)


def test_a_misfit_that_rounding_explains_is_no_misfit():
    quiet = [Found(0.9, 0.9, 0.9, 1e-2, 29.0, level) for level in (1.0, 0.1, 0.01)]
    assert misfits_everywhere(quiet) is False
    loud = [Found(0.9, 0.9, 0.9, 1e-2, 31.0, level) for level in (1.0, 0.1, 0.01)]
    assert misfits_everywhere(loud) is True
    assert misfits_everywhere([*quiet, *loud[:2]]) is False


@pytest.mark.parametrize(
    ("steps", "share", "level", "plateau"),
    [
        (400, 0.9, 1e-3, True),
        (400, 0.9, 0.3, False),
        (400, 0.9, 1e-13, False),
        (110, 0.9, 1e-3, False),
        (170, 0.9, 1e-3, True),
    ],
    ids=["long and low", "after too small a fall", "at the rounding", "too short", "just long"],
)
def test_a_plateau_is_long_and_lies_far_below_the_start_and_above_rounding(
    steps, share, level, plateau
):
    run = np.maximum(share ** np.arange(steps), level)[:, None] * np.ones(2)
    assert rests_on_a_plateau(_residuals.read(run)) is plateau
