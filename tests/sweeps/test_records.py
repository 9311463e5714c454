"""Columns read off runs whose rates are known exactly."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rootkappa import Quadratic, gradient_descent, heavy_ball, nesterov, train
from rootkappa.dynamics import frozen_residuals
from rootkappa.sweeps import _records
from rootkappa.sweeps._frozen import frozen_norms

EIGENVALUES = [0.5, 1.0, 2.0]
METHODS = [gradient_descent(0.4), heavy_ball(0.5, 0.25), gradient_descent(9.0), nesterov(0.1)]


@pytest.fixture(scope="module")
def run():
    model = Quadratic.with_spectrum(EIGENVALUES)
    start = [torch.ones(4, *shape).double() for shape in model.shapes]
    return train(model, METHODS, start, 200, keep_residuals=True, progress=False)


def test_the_long_run(run):
    found = _records.tails(run)
    # The slowest modes: 1 - 0.4/2, and the modulus sqrt(beta) of a complex pair.
    np.testing.assert_allclose(found["tail_factor"][:2], [0.8, 0.5], rtol=1e-6)
    assert (found["tail_low"][:2] <= found["tail_factor"][:2]).all()
    assert found["tail_status"].tolist() == ["resolved", "resolved", "cannot tell", "cannot tell"]
    assert np.isnan(found["tail_factor"][2:]).all()


def test_the_mean_factor(run):
    found = _records.effective(run)["effective_factor"]
    ratio = run.residual_norms[0, -1] / run.residual_norms[0, 0]
    assert found[0] == pytest.approx(float(ratio) ** (1 / 200), rel=1e-12)
    assert np.isnan(found[2])


def test_numbers_that_change_are_left_out(run):
    found = _records.numbers(run.methods)
    assert found["step_size"].tolist() == [0.4, 0.5, 9.0, 0.1]
    assert np.isnan(found["momentum"]).tolist() == [False, False, False, True]


def test_what_a_frozen_kernel_predicts(run):
    spectra = run.runs[0].model.spectra(run.start)
    found = _records.kernels(run.methods, spectra)
    np.testing.assert_allclose(found["lambda_max"] / found["lambda_min"], 4.0)
    np.testing.assert_allclose(found["frozen_factor"], [0.8, 0.5, 17.0, np.nan])


def test_ends(run):
    found = _records.ends(run, [1e-3])
    assert found["status"].tolist()[2] == "DIVERGED"
    assert found["stopped_at"].tolist()[0] == 200
    # Of a run that ended early, the loss where it ended.
    for name, at in (("initial_loss", 0 * run.stopped_at), ("final_loss", run.stopped_at)):
        norms = [float(row[step]) for row, step in zip(run.residual_norms, at, strict=True)]
        np.testing.assert_allclose(found[name], np.square(norms) / 2, rtol=1e-12)
    assert found["stopped_at"][2] < 200
    below = run.residual_norms[0] < 1e-3 * run.residual_norms[0, 0]
    assert found["steps_to_0.001"][0] == int(below.nonzero()[0])
    assert np.isinf(found["steps_to_0.001"][2])


def test_rates_are_those_of_the_norms():
    t = np.arange(40.0)
    norms = torch.from_numpy(np.stack([0.8**t, 1.1**t, 0.99**t, np.where(t < 30, 0.5**t, np.nan)]))
    found = _records.rates_to(norms, 1e-2)
    np.testing.assert_allclose(found, -np.log([0.8, 1.1, 0.99, 0.5]), rtol=1e-12)


def test_a_quadratic_does_as_its_kernel_says(run):
    whole = run.runs[0]
    norms = frozen_norms(whole.model, whole.start, [0, 0, 0, 0], METHODS[:2] + METHODS[:2], 200)
    for row, method in enumerate(METHODS[:2]):
        solved = frozen_residuals(method, torch.diag(torch.tensor(EIGENVALUES)), *_start(whole))
        torch.testing.assert_close(norms[row], solved.norm(dim=-1), rtol=1e-9, atol=1e-12)
    found = _records.forecast(run, norms, [1e-2, 1e-6])
    np.testing.assert_allclose(found["rate"][:2], found["frozen_rate"][:2], rtol=1e-9)
    steps = run.steps_to(1e-6).numpy()
    assert found["frozen_steps_to_1e-06"][:2].tolist() == steps[:2].tolist()
    assert found["rate"][2] < 0


def _start(run):
    return run.model.residual(run.start)[0].flatten().double(), 200


def test_observers_skip_what_diverged(run):
    seen = _records.observed(["displacement"], run)["displacement"]
    assert np.isnan(seen).tolist() == [False, False, True, False]
    assert seen[0] == pytest.approx(np.sqrt(3), rel=1e-9)


def test_where_all_diverged_nothing_is_observed(run):
    model = run.runs[0].model
    start = [torch.ones(2, *shape).double() for shape in model.shapes]
    lost = train(model, [gradient_descent(9.0)] * 2, start, 200, progress=False)
    assert (
        np.isnan(_records.observed(["displacement"], lost)["displacement"]).tolist() == [True] * 2
    )
    assert _records.observed([], lost) == {}


def test_a_rate_reaches_to_the_least_accuracy_and_a_step_is_below_it(run):
    # 1/2 to the t stands exactly at 1/4 at step 2, and is below it at step 3.
    norms = torch.full((1, 9), 2.0).double() * 0.5 ** torch.arange(9.0).double()
    assert _records._first_below(norms, 0.25)[0].tolist() == [3]
    bent = torch.cat([norms[:, :4], norms[:, 3:4] * 0.9 ** torch.arange(1.0, 60).double()], 1)
    found = _records.forecast(run, bent, [0.25, 1e-2])
    # log 100 over the step at which the bent line passes it.
    crossed = 3 + np.log(0.125 / 1e-2) / -np.log(0.9)
    assert found["frozen_rate"].tolist() == pytest.approx([np.log(100) / crossed])


def test_an_observer_sees_the_end_and_the_start(run, monkeypatch):
    seen = []
    monkeypatch.setitem(
        _records.OBSERVERS, "spy", lambda at: seen.append(at) or torch.zeros(len(at.weights[0]))
    )
    _records.observed(["spy"], run)
    (snapshot,) = seen
    alive = [0, 1, 3]
    assert (snapshot.step, type(snapshot.step)) == (200, int)
    assert torch.equal(snapshot.weights[0], run.weights[0][alive])
    assert torch.equal(snapshot.start[0], run.start[0][alive])


RATES = {
    # Norms, the accuracy, and the rate by hand.
    "reached in one step": ([1.0, 0.01], 0.1, np.log(10) / (np.log(0.1) / np.log(0.01))),
    "exactly at the accuracy is not below": ([1.0, 0.1], 0.1, np.log(10)),
    "relative to the start": ([4.0, 2.0, 1.0], 0.3, np.log(2)),
    "grows": ([1.0, 2.0, 8.0], 0.5, -np.log(8) / 2),
    "grows until it overflows": ([1.0, 10.0, np.inf], 0.5, -np.log(10)),
    "overflows at once": ([1.0, np.inf], 0.5, -np.inf),
    "ended early": ([1.0, 0.5, np.nan, np.nan], 0.1, np.log(2)),
    "back above after it was reached": ([1.0, 0.25, 3.0], 0.5, np.log(4)),
    "exactly zero, between which and a number no line is drawn": ([1.0, 0.5, 0.0], 0.1, np.nan),
    "stands still": ([1.0, 1.0, 1.0], 0.5, 0.0),
}


@pytest.mark.parametrize(("norms", "accuracy", "rate"), RATES.values(), ids=RATES)
def test_a_rate_by_hand(norms, accuracy, rate):
    given = torch.tensor([norms, norms], dtype=torch.float64)
    found = _records.rates_to(given, accuracy)
    np.testing.assert_allclose(found, [rate] * 2, rtol=1e-12, atol=1e-15)


def test_columns_are_those_that_were_asked_for_in_one_order(run):
    asked = {
        "steps_to": [1e-2],
        "kernel": False,
        "effective": False,
        "tail": False,
        "observers": [],
    }
    least = ["step_size", "momentum", "extrapolation", "status", "stopped_at"]
    least += ["initial_loss", "final_loss", "steps_to_0.01"]
    spectra = run.runs[0].model.spectra(run.start)
    assert list(_records.records(run, [None] * 4, asked)) == least
    asked |= dict.fromkeys(("kernel", "effective", "tail"), True)
    asked["observers"] = ["displacement"]
    frozen = torch.ones(4, 201).double()
    found = _records.records(run, spectra, asked, frozen)
    assert list(found)[len(least) :] == [
        *("lambda_min", "lambda_max", "frozen_factor", "effective_factor"),
        *("rate", "frozen_rate", "frozen_steps_to_0.01"),
        *("tail_factor", "tail_low", "tail_high", "tail_status", "displacement"),
    ]
    assert {len(column) for column in found.values()} == {4}


def test_a_column_an_accuracy_is_named_in_short(run):
    found = _records.ends(run, [0.5, 0.001, 1e-6])
    assert list(found)[4:] == ["steps_to_0.5", "steps_to_0.001", "steps_to_1e-06"]
    assert (found["steps_to_0.5"] <= found["steps_to_0.001"]).all()


def test_a_run_that_starts_at_the_optimum_has_no_mean_factor():
    model = Quadratic.with_spectrum(EIGENVALUES)
    start = [torch.zeros(1, *shape).double() for shape in model.shapes]
    still = train(model, gradient_descent(0.4), start, 9, progress=False)
    assert np.isnan(_records.effective(still)["effective_factor"]).tolist() == [True]
    assert _records.ends(still, [0.1])["steps_to_0.1"].tolist() == [0]


def test_every_observer_has_its_column_beside_the_others(run):
    names = ["displacement", "kernel_drift", "largest_displacement"]
    seen = _records.observed(names, run)
    assert list(seen) == names
    # The kernel of a quadratic stays, and one row of weights is moved.
    assert seen["kernel_drift"][[0, 1, 3]].tolist() == pytest.approx([0.0] * 3, abs=1e-12)
    assert {column.dtype for column in seen.values()} == {np.dtype(np.float64)}
    for name in names:
        alone = _records.observed([name], run)[name]
        np.testing.assert_array_equal(alone, seen[name])
