import numpy as np
import pytest
import torch

from rootkappa.rates import _residuals

ROWS = [[3.0, 4.0], [0.3, 0.4], [0.03, 0.04]]


@pytest.mark.parametrize("kind", [list, np.array, torch.tensor])
def test_lists_arrays_and_tensors(kind):
    run = _residuals.read(kind(ROWS))
    np.testing.assert_allclose(run.xi, [[0.6, 0.8], [0.06, 0.08], [0.006, 0.008]])
    np.testing.assert_allclose(run.energies, [1, np.hypot(1, 0.1) / 2**0.5, 0.071063352], 1e-6)


def test_precision_and_noise_set_the_floor():
    single, double = (_residuals.read(torch.tensor(ROWS, dtype=d)) for d in (torch.float32, None))
    assert single.noise == 4 * 2.0**-23
    assert double.noise == pytest.approx(4 * 2.0**-23)  # torch's default is float32
    assert _residuals.read(ROWS).noise == 4 * 2.0**-52
    assert _residuals.read(ROWS, noise=0.5).noise == 0.1


def test_the_end_is_cut():
    ended = np.array([*ROWS, [np.nan, np.nan], [np.nan, np.nan]])
    assert len(_residuals.read(ended).xi) == 3
    assert list(_residuals.read_norms([2.0, 1.0, np.nan])) == [2.0, 1.0]


def test_one_mode_is_a_column():
    np.testing.assert_array_equal(_residuals.read([2.0, 1.0, -0.5]).xi, [[1], [0.5], [-0.25]])


def test_the_envelope_is_what_is_still_to_come():
    assert _residuals.largest_to_come(np.array([3.0, 1.0, 2.0, 0.5])).tolist() == [3, 2, 2, 0.5]


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        (np.zeros((2, 3, 4)), ValueError, r"shape \(T \+ 1, N\).*got \(2, 3, 4\).*tail_factors"),
        (np.zeros((0, 4)), ValueError, r"got \(0, 4\)"),
        (np.zeros((3, 4)), ValueError, "start at 0.*start away"),
        ([1.0, np.nan, 0.5], ValueError, "NaN or infinity at step 1, inside the run"),
        ([np.inf, 1.0], ValueError, "at step 0"),
        (np.array([3, 2, 1]), TypeError, "floating-point numbers, got int64.*float64"),
        (torch.tensor([True]), TypeError, "got bool"),
    ],
)
def test_messages(values, error, message):
    with pytest.raises(error, match=message):
        _residuals.read(values)


@pytest.mark.parametrize(
    ("norms", "message"),
    [
        ([[1.0, 0.5]], r"shape \(T \+ 1,\), got \(1, 2\)"),
        ([1.0, -0.5], "got -0.5 as the least.*not its logarithm"),
        ([0.0, 0.5], "0.0 at the start"),
        ([1.0, np.nan, 0.5], "norms hold NaN or infinity at step 1"),
    ],
)
def test_messages_of_norms(norms, message):
    with pytest.raises(ValueError, match=message):
        _residuals.read_norms(norms)


def test_negative_noise():
    with pytest.raises(ValueError, match=r"noise must be finite and at least 0, got -1: give that"):
        _residuals.read(ROWS, noise=-1.0)


@pytest.mark.parametrize("kind", [list, np.array, torch.tensor])
def test_whole_numbers_may_be_counts(kind):
    found = _residuals.as_float64("y", kind([3, 2, 1]))
    assert (found.tolist(), found.dtype) == ([3.0, 2.0, 1.0], np.float64)


@pytest.mark.parametrize("values", [[True, False], [1j, 2.0]])
def test_what_is_no_real_number_is_refused(values):
    with pytest.raises(TypeError, match=r"y must hold .*numbers, got .*"):
        _residuals.as_float64("y", np.array(values))


def test_noise_of_a_step_is_absolute_or_relative_whichever_is_larger():
    run = _residuals.Residuals(np.ones((3, 1)), np.array([100.0, 1.0, 1e-6]), 1e-3, 1e-4)
    assert run.sizes == pytest.approx([np.hypot(1e-3, 1e-2), np.hypot(1e-3, 1e-4), 1e-3])


def test_energies_look_at_two_steps_and_start_at_rest():
    xi = np.array([[3.0, 4.0], [0.0, 12.0], [5.0, 0.0]])
    expected = np.array([5.0, np.hypot(5, 12) / 2**0.5, np.hypot(12, 5) / 2**0.5])
    np.testing.assert_allclose(_residuals.energies(xi), expected)
    np.testing.assert_allclose(_residuals.energies(xi[:1]), [5.0])


@pytest.mark.parametrize(
    ("rows", "kept"),
    [([[1.0], [2.0]], 2), ([[1.0], [np.nan]], 1), ([[1.0], [2.0], [np.inf], [np.nan]], 2)],
)
def test_a_run_ends_with_its_last_finite_row(rows, kept):
    assert _residuals.until_the_end("rows", np.array(rows)).tolist() == rows[:kept]


def test_a_row_that_is_partly_finite_ends_the_run():
    rows = np.array([[1.0, 2.0], [1.0, np.nan]])
    assert len(_residuals.until_the_end("rows", rows)) == 1
    with pytest.raises(ValueError, match="rows hold NaN or infinity at step 1, inside the run"):
        _residuals.until_the_end("rows", np.r_[rows, rows[:1]])
