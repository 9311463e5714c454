import numpy as np
import pytest

from rootkappa.rates._floor import left_out
from rootkappa.rates._residuals import largest_to_come

T = np.arange(2001.0)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("level", [1e-3, 1e-9])
def test_a_floor(level, seed):
    norms = np.hypot(0.98**T, level * np.random.default_rng(seed).standard_normal(len(T)))
    last, remark = left_out(largest_to_come(norms), norms, 2000)
    assert norms[last] > 5 * level
    assert last < np.log(level) / np.log(0.98)
    assert "a floor at" in remark


def test_what_stands_twenty_times_above_the_floor_is_kept():
    norms = np.maximum(0.98**T, 1e-6)
    last, remark = left_out(largest_to_come(norms), norms, 2000)
    assert norms[last] > 2e-5 >= norms[last + 1]
    assert remark == "a floor at 1.0e-06 was left out"


@pytest.mark.parametrize(("slope", "level"), [(0.0, True), (0.002, True), (0.2, False)])
def test_a_floor_is_level_next_to_the_fall_before(slope, level):
    # After a fall by 14 in logarithms, which is thirty times 0.46; the noise hides small trends.
    noise = 0.3 * np.random.default_rng(0).standard_normal(1300)
    tail = -14 - slope * np.arange(1300) / 100 + noise
    norms = np.exp(np.r_[np.linspace(0, -14, 701), tail])
    last, _ = left_out(largest_to_come(norms), norms, 2000)
    assert (last < 700) == level


@pytest.mark.parametrize("norms", [0.99**T, 1 / (1 + T), (1 + T) ** -0.5, np.ones(2001)])
def test_no_floor(norms):
    assert left_out(largest_to_come(norms), norms, 2000) == (2000, "")


def test_too_short_to_say():
    norms = np.full(15, 1e-3)
    assert left_out(norms, norms, 14) == (14, "")


@pytest.mark.parametrize("length", [30, 60, 200])
def test_a_floor_needs_twenty_steps_and_as_many_before_it(length):
    norms = np.maximum(0.5 ** np.arange(float(length)), 1e-8)  # reached after 27 steps
    last, remark = left_out(largest_to_come(norms), norms, length - 1)
    assert (last < length - 1, bool(remark)) == ((length > 30,) * 2)
    early = np.maximum(0.1 ** np.arange(200.0), 1e-8)
    assert left_out(largest_to_come(early), early, 199) == (199, "")


def test_only_steps_up_to_the_last_are_looked_at():
    norms = np.r_[0.98 ** T[:600], np.full(400, 1e-30)]
    assert left_out(largest_to_come(norms), norms, 599) == (599, "")


@pytest.mark.parametrize(
    ("reached", "last", "found"),
    [(30, 55, True), (30, 54, False), (20, 60, True), (19, 60, False)],
    ids=["twenty steps of it", "nineteen", "twenty steps before it", "nineteen before it"],
)
def test_twenty_steps_are_enough(reached, last, found):
    # It is reached where the norm is twice its level; a quarter of what follows is left out.
    norms = np.maximum(0.5 ** np.arange(80.0), 0.5 ** (reached + 1))
    end, remark = left_out(largest_to_come(norms), norms, last)
    assert bool(remark) is found
    assert end == (reached - 4 if found else last)


def test_the_level_is_that_of_the_last_tenth():
    norms = np.maximum(0.98 ** T[:1000], 1e-6)  # for two thirds of its steps the run still falls
    last, remark = left_out(largest_to_come(norms), norms, 999)
    assert remark == "a floor at 1.0e-06 was left out"
    assert norms[last] > 2e-5 >= norms[last + 1]


def test_a_floor_so_high_that_nothing_stands_far_above_it_is_kept():
    norms = np.maximum(0.95 ** T[:200], 0.1)
    assert left_out(largest_to_come(norms), norms, 199) == (199, "")
