"""Departures from the frozen recursion, planted and read back."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from scipy import stats

from rootkappa.evidence.deep_linear import frozen, networks
from rootkappa.optimizers import gradient_descent, heavy_ball


def _table(power, draws=3):
    """A row a width, a column a draw."""
    widths = torch.tensor(frozen.WIDTHS, dtype=torch.float64)
    return torch.stack([(draw + 1) * widths**power for draw in range(draws)], 1)


@pytest.mark.parametrize("power", [-0.5, -1.0, 0.25])
def test_an_exponent_is_read_for_each_draw_of_the_wide_networks(power):
    values = _table(power)
    values[:3] *= 7  # the narrow ones do not count
    assert frozen.exponents(values) == pytest.approx([power] * 3)
    assert frozen.exponents(_table(power), slice(4)) == pytest.approx([power] * 3)


def test_a_mean_has_students_interval():
    values = [0.2, 0.5, 0.1, 0.9]
    middle, (low, high) = networks.mean(torch.tensor(values, dtype=torch.float64))
    assert middle == pytest.approx(np.mean(values))
    expected = stats.t.interval(0.95, 3, np.mean(values), stats.sem(values))
    assert (low, high) == pytest.approx(expected)


def test_a_planted_departure_is_the_gap():
    kernels = torch.stack(
        [torch.diag(torch.tensor([0.1, 1.0])), torch.diag(torch.tensor([0.5, 2]))]
    )
    kernels, starts = kernels.double(), torch.tensor([[3.0, 4.0], [0.0, 2.0]]).double()
    methods = (gradient_descent(0.5), heavy_ball(0.3, 0.4))
    paths = torch.empty(2, frozen.STEPS + 1, 2, dtype=torch.float64)
    for row, method in enumerate(methods):
        eta, beta, _ = method.coefficients(0)
        before = now = starts[row]
        for t in range(frozen.STEPS + 1):
            paths[row, t] = now
            before, now = now, now + beta * (now - before) - eta * kernels[row] @ now
    paths[0, 7, 0] += 0.5
    paths[1, 20, 1] -= 0.25
    run = SimpleNamespace(
        methods=methods,
        model=SimpleNamespace(tangent_kernel=lambda weights: kernels),
        start=None,
        residuals=paths,
        residual_norms=paths.norm(dim=2),
    )
    assert frozen.gap(run).tolist() == pytest.approx([0.1, 0.125], rel=1e-9)


class Runs:
    """Runs that are labelled, as far as the measurements split them."""

    def __init__(self, axes, labels=()):
        self.axes, self.labels = axes, labels

    def by(self, axis):
        return {value: Runs(self.axes, (*self.labels, value)) for value in self.axes[axis]}


def test_gaps_of_every_start_and_method_are_fitted_by_themselves(monkeypatch):
    powers = {
        ("gaussian", "heavy_ball"): -0.5,
        ("gaussian", "nesterov"): -0.4,
        ("orthogonal", "heavy_ball"): -0.6,
        ("orthogonal", "nesterov"): -0.7,
        ("nesterov",): 0.0,
        ("heavy_ball",): 0.1,
    }
    axes = {"fill": ("gaussian", "orthogonal"), "method": ("heavy_ball", "nesterov")}
    monkeypatch.setattr(frozen, "departures", lambda one: {"gap": _table(powers[one.labels])})
    monkeypatch.setattr(frozen, "_loud", lambda seeds: Runs(axes))
    found = frozen.linearisation_gap([0, 1, 2], Runs(axes))
    assert {
        name: found.measured[name] for name in ("gaussian_nesterov", "orthogonal_heavy_ball")
    } == {
        "gaussian_nesterov": pytest.approx([-0.4] * 3),
        "orthogonal_heavy_ball": pytest.approx([-0.6] * 3),
    }
    assert found.measured["heavy_ball_to_1024"][0] == pytest.approx(-0.5)
    assert found.control.measured == {
        "orthogonal_heavy_ball": pytest.approx([0.1] * 3),
        "orthogonal_nesterov": pytest.approx([0.0] * 3, abs=1e-12),
    }
    assert set(found.shown["gaps"]) == {key for key in powers if len(key) == 2}


def test_a_run_that_kept_nothing_is_refused():
    with pytest.raises(ValueError, match="kept no residuals: train with keep_residuals=True"):
        networks.residuals(SimpleNamespace(residuals=None))


def test_other_labels_leave_the_networks_as_they_are():
    model, weights = networks.orthogonal([0, 1], 9, 40)
    louder = networks.relabelled(model, 3 * model.labels)
    assert (louder.width, louder.depth, louder.scale_width) == (
        model.width,
        model.depth,
        model.scale_width,
    )
    torch.testing.assert_close(louder.residual(weights), model.predict(weights) - 3 * model.labels)
    other = networks.relabelled(model, model.labels, 2 * model.X)
    torch.testing.assert_close(other.predict(weights), 2 * model.predict(weights))


def test_moves_of_kernel_and_weights_are_fitted_on_gaussian_starts(monkeypatch):
    class AtGaussian(Runs):
        def at(self, fill):
            return Runs(self.axes, (fill,))

    powers = {"kernel": -0.5, "weights": -0.4}
    louder = {"gradient_descent": 0.0, "heavy_ball": 0.3, "nesterov": 0.1}

    def departures(one):
        *fill, name = one.labels
        shift = 0.0 if fill == ["gaussian"] else 1.0
        return {what: _table(power + shift + louder[name]) for what, power in powers.items()}

    axes = {"method": ("gradient_descent", "heavy_ball", "nesterov")}
    monkeypatch.setattr(frozen, "departures", departures)
    monkeypatch.setattr(frozen, "_loud", lambda seeds: Runs(axes))
    found = frozen.kernel_drift([0, 1, 2], AtGaussian(axes))
    assert found.measured == {
        "kernel_gradient_descent": pytest.approx([-0.5] * 3),
        "kernel_nesterov": pytest.approx([-0.4] * 3),
        "weights_gradient_descent": pytest.approx([-0.4] * 3),
        "weights_nesterov": pytest.approx([-0.3] * 3),
    }
    assert found.control.measured["kernel_nesterov"] == pytest.approx([0.6] * 3)
