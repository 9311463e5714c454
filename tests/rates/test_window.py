import numpy as np
import pytest

from rootkappa.rates import _residuals
from rootkappa.rates._window import windows


def starts(norms, from_rest=True):
    run = _residuals.read(np.asarray(norms))
    return [window.first for window in windows(run, from_rest)], list(windows(run, from_rest))


def test_windows_start_where_the_energy_falls_below_a_level():
    norms = 0.5 ** np.arange(40.0)
    firsts, found = starts(norms)
    energies = found[0].run.energies
    assert firsts == [
        int(np.argmax(energies <= level)) for level in 10.0 ** -np.array([0, 1, 2, 3, 5, 7, 9])
    ]
    assert [window.at_rest for window in found] == [True] + [False] * 6
    assert all(window.last <= 39 for window in found)


def test_a_window_looks_at_every_step_that_has_a_next_one():
    (whole, *_) = starts(0.9 ** np.arange(51.0))[1]
    assert whole.steps.tolist() == list(range(1, 50))
    assert (whole.first, whole.last) == (0, 50)
    assert whole.rows.tolist() == list(range(50))
    assert whole.start == 1.0


def test_a_part_of_a_run_starts_with_the_step_before():
    firsts, found = starts(0.5 ** np.arange(40.0), from_rest=False)
    assert firsts[0] == 1
    assert found[0].state(has_memory=True).shape == (2, 1)
    assert found[0].state(has_memory=False).shape == (1, 1)


def test_a_floor_is_not_looked_at():
    _, found = starts(np.hypot(0.5 ** np.arange(400.0), 1e-6))
    assert all(window.last < 30 for window in found)


def test_long_windows_are_thinned_the_same_way_every_time():
    runs = [starts(0.999 ** np.arange(9000.0))[1][0].steps for _ in range(2)]
    assert len(runs[0]) <= 120
    assert (runs[0] == runs[1]).all()
    assert len(np.unique(np.diff(runs[0]))) > 10


def test_thinned_steps_reach_from_end_to_end():
    firsts, lasts = [], []
    for steps in range(300, 340):
        found = starts(0.95 ** np.arange(steps + 1.0))[1][0].steps
        assert (np.diff(found) > 0).all()
        assert 1 <= found[0] < 3
        assert steps - 3 < found[-1] <= steps - 1
        assert np.diff(found).max() <= 1 + 1.8 * steps / 120
        firsts.append(found[0])
        lasts.append(found[-1] - steps)
    # The draw never leaves the window, so that its ends are met about every other time.
    assert (firsts.count(1) > 10, lasts.count(-1) > 10) == (True, True)


def test_too_short():
    assert starts(0.5 ** np.arange(6.0))[1] == []


def test_a_state_is_what_the_method_looks_at():
    _, found = starts(np.stack([0.5 ** np.arange(40.0), np.zeros(40)], 1))
    first, second = found[0], found[1]
    assert first.state(has_memory=True).tolist() == [[1.0, 0.0]]  # at rest both are the same
    t = second.first
    assert second.state(has_memory=False).tolist() == [[0.5**t, 0.0]]
    assert second.state(has_memory=True).tolist() == [[0.5 ** (t - 1), 0.0], [0.5**t, 0.0]]
    assert second.start == pytest.approx(0.5**t * np.hypot(1, 2) / 2**0.5)


def test_every_level_is_met_once_where_the_run_jumps_over_several():
    firsts, _ = starts(np.r_[np.ones(10), 1e-4 * 0.9 ** np.arange(60.0)])
    assert len(set(firsts)) == len(firsts)
    assert firsts[:2] == [0, 11]


def test_a_run_that_stands_still_has_the_window_of_its_start():
    firsts, (whole,) = starts(np.ones(40))
    assert firsts == [0]
    # It is near its least from the start on, and stays there for long: ten steps are looked at.
    assert whole.steps.tolist() == list(range(1, 11))
    # One that stays there for less than thirty steps is looked at to its end.
    _, (short,) = starts(np.ones(30))
    assert short.steps.tolist() == list(range(1, 29))


def test_a_level_that_is_met_exactly_counts():
    # Energies of two equal steps are their norm: 1, then a tenth of it to the end.
    firsts, found = starts(np.r_[np.ones(20), np.full(40, 0.1)])
    assert firsts == [0, 21]
    assert found[1].start == pytest.approx(0.1)
