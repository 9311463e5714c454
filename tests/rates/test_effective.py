import numpy as np
import pytest
import torch

from rootkappa.rates import effective_factor

T = np.arange(201.0)


@pytest.mark.parametrize("kind", [list, np.array, torch.tensor])
def test_a_pure_decay_is_exact(kind):
    found = effective_factor(kind(list(0.9**T)), (20, 120))
    assert found.factor == pytest.approx(0.9, rel=1e-12)
    assert found.interval == pytest.approx((0.9, 0.9), rel=1e-12)
    assert found.window == (20, 120)


def test_oscillation_is_taken_out_and_left_as_play():
    found = effective_factor(np.abs(0.95**T * np.cos(0.3 * T)), (10, 150))
    assert found.interval[0] <= 0.95 <= found.interval[1]
    assert 1e-4 < found.interval[1] - found.interval[0] < 0.01


@pytest.mark.parametrize(
    ("window", "play"),
    [((20, 120), 10), ((100, 159), 5), ((100, 105), 1), ((3, 6), 1), ((3, 5), 0), ((0, 1), 0)],
)
def test_the_play_is_a_tenth_of_the_window_and_leaves_a_step(window, play):
    run = 1 / (1 + T)  # steeper at the start, so that every step of play shows
    first, last = window
    factors = [
        (run[end] / run[begin]) ** (1 / (end - begin))
        for begin in range(first, first + play + 1)
        for end in range(last - play, last + 1)
    ]
    assert effective_factor(run, window).interval == pytest.approx((min(factors), max(factors)))


def test_it_says_what_the_run_showed_not_the_long_run():
    run = 0.99**T * 1e-6 + 0.8**T
    assert effective_factor(run, (0, 40)).factor == pytest.approx(0.8, abs=1e-2)
    assert effective_factor(run, (120, 200)).factor == pytest.approx(0.99, abs=1e-6)


def test_the_whole_run_up_to_its_end():
    norms = np.r_[0.9**T, np.full(9, np.nan)]
    assert effective_factor(norms).window == (0, 200)
    assert effective_factor([1.0, 0.5]).factor == 0.5


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_scale_does_not_matter(scale):
    run = np.abs(np.cos(T)) * 0.9**T
    assert effective_factor(scale * run).interval == pytest.approx(effective_factor(run).interval)


@pytest.mark.parametrize(
    ("norms", "window", "message"),
    [
        (0.9**T, (5, 5), r"a < b of a run of 200 steps, got \(5, 5\)"),
        (0.9**T, (5, 201), r"got \(5, 201\)"),
        (0.9**T, (-1, 20), "step of the window must be at least 0, got -1"),
        (np.r_[0.9**T, 0.0], None, "the residual is 0 at step 201: end the window before it"),
        ([1.0], None, "a run of 0 steps"),
    ],
)
def test_messages(norms, window, message):
    with pytest.raises(ValueError, match=message):
        effective_factor(norms, window)


@pytest.mark.parametrize(
    ("window", "kind", "message"),
    [
        (5, TypeError, r"window must be a sequence, got 5: give two steps \(a, b\)"),
        ((1, 2, 3), ValueError, r"two steps \(a, b\), got 3 numbers: give two"),
        ((1,), ValueError, "got 1 numbers: give two"),
        (("a", 2), TypeError, "step of the window must be a whole number, got 'a'"),
        ((2.5, 20), TypeError, "step of the window must be a whole number, got 2.5: round it"),
    ],
)
def test_what_is_no_window_is_named(window, kind, message):
    with pytest.raises(kind, match=message):
        effective_factor(0.9**T, window)


def test_a_window_may_end_before_the_residual_is_zero():
    run = np.r_[0.9 ** T[:50], np.zeros(5)]
    assert effective_factor(run, (0, 49)).factor == pytest.approx(0.9)
    with pytest.raises(ValueError, match="the residual is 0 at step 50"):
        effective_factor(run, (0, 50))


def test_a_run_that_grows_has_a_factor_of_its_envelope():
    # The largest that is still to come stands at the end, so that nothing falls.
    assert effective_factor(1.1**T).factor == 1.0
