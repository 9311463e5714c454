"""What the atlas measures, against plain loops and against networks whose kernel cannot move."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from rootkappa import DeepLinear, Spectrum, datasets, dynamics, ledger, optimizers
from rootkappa.evidence import atlas, measure
from rootkappa.sweeps import Grid, Table
from rootkappa.sweeps._points import points


def network(point):
    given = {key: value for key, value in point.data.items() if key not in ("name", "reduce")}
    data = datasets.gaussian(**given)
    model = DeepLinear(data.X, data.Y, point.model["width"], 3, "orthogonal")
    return data, model.initialise([point.seed])


def rate_of(norms):
    # By the definition: the first step below, moved back between the two.
    goal, first, before = math.log(atlas.ACCURACY), math.log(next(norms)), 0.0
    for t, norm in enumerate(norms, start=1):
        now = math.log(norm) - first
        if now < goal:
            return -goal / (t - (now - goal) / (now - before))
        before = now
    return -before / t


def looped(step, size, beta, gamma, start):
    before = now = start
    for _ in range(atlas.STEPS + 1):
        ahead = [w + gamma * (w - v) for w, v in zip(now, before, strict=True)]
        residual, slopes = step(ahead)
        yield float(residual.norm())
        after = [
            w + beta * (w - v) - size * slope
            for w, v, slope in zip(now, before, slopes, strict=True)
        ]
        before, now = now, after


def test_a_run_and_its_forecast_are_plain_loops():
    grid = atlas.specification("deep linear", "made", 64, [3], few=True)
    methods = {label: dict(grid["axes"]["method"][label]) for label in grid["axes"]["method"]}
    methods = {label: methods[label] for label in ("heavy_ball 1 0.8", "nesterov 0.7 0.7")}
    grid["axes"] = {"method": methods, "seed": [3]}
    (chunk,) = Grid(grid).chunks
    table = atlas.tidy(atlas.swept(grid))
    for point, record in zip(points(chunk.specification), table, strict=True):
        data, weights = network(point)
        X, Y, scale = data.X, data.Y, 1 / math.sqrt(64 * 64 * 2)

        def outputs(*layers, X=X, scale=scale):
            return scale * layers[2] @ layers[1] @ layers[0] @ X

        start = [layer[0] for layer in weights]
        jacobians = torch.func.jacrev(outputs, argnums=(0, 1, 2))(*start)
        J = torch.cat([one.reshape(Y.numel(), -1) for one in jacobians], 1)
        beta = record["momentum"]
        gamma = beta if record["family"] == "nesterov" else 0.0
        size = record["step_size"] / float(torch.linalg.eigvalsh(J @ J.T)[-1])

        def gradient(layers, X=X, Y=Y, scale=scale):
            A, B, C = layers
            residual = scale * C @ B @ A @ X - Y
            S = scale * residual @ X.T
            return residual, [B.T @ C.T @ S, C.T @ S @ A.T, S @ A.T @ B.T]

        def linear(flat, J=J):
            return flat[0], [J @ (J.T @ flat[0])]

        whole = rate_of(looped(gradient, size, beta, gamma, start))
        frozen = [(outputs(*start) - Y).flatten()]
        assert record["rate"] == pytest.approx(whole, rel=1e-6)
        forecast = rate_of(looped(linear, size, beta, gamma, frozen))
        assert record["forecast"] == pytest.approx(forecast, rel=1e-6)


def test_no_run_of_one_layer_survives_the_limit():
    grid = atlas.specification("one layer", "made", 256, range(2), few=True)
    both = atlas.swept(grid)
    whole = atlas.tidy(both)
    # By the radius, which no formula of the limit has gone into.
    assert (atlas.stable(whole) == (both["frozen_factor"] < 1 - 1e-9)).all()
    for table in atlas.of_families(whole).values():
        inner = atlas.stable(table)
        assert not (table["status"] == "CONVERGED")[~inner].any()
        np.testing.assert_allclose(atlas.relative(table)[inner], 1, rtol=1e-6)


def test_a_held_network_follows_its_kernel():
    table = atlas.plane("deep ReLU, hidden layers held", "made", 64, [0])["nesterov"]
    np.testing.assert_allclose(atlas.ratios(table), 1, rtol=1e-6)
    assert atlas.right(table)[atlas.stable(table)].all()


def test_the_best_of_a_plane_is_found():
    table = Table(
        {
            "status": np.array(["CONVERGED", "RUNNING", "CONVERGED", "CONVERGED"]),
            "rate": np.array([0.2, 0.9, 0.4, 0.1]),
            "forecast": np.array([0.25, 0.9, 0.2, 0.8]),
            "family": np.array(["nesterov"] * 4),
            "step_size": np.array([0.5, 2.5, 1.0, 1.4]),
            "momentum": np.array([0.5, 0.0, 0.7, 0.9]),
        }
    )
    found = atlas.best_of(table)
    assert (found.measured, found.told) == (2, 0)
    assert found.loss == pytest.approx(2.0)
    assert found.distance == pytest.approx(0.2)


def test_another_shift_is_another_draw(monkeypatch):
    def rates():
        return atlas.plane("one layer", "made", 256, [0])["heavy_ball"]["rate"]

    before = rates()
    monkeypatch.setenv("ROOTKAPPA_SHIFT", "3")
    assert not np.allclose(before, rates())


@pytest.mark.parametrize("name", ["flat-radius", "direction", "beyond-the-limit"])
def test_a_draw_lies_inside_and_its_control_outside(name):
    evidence = measure(f"atlas/{name}", draws=1)
    accept = ledger.open_chapter("atlas").claims[evidence.claim].accept
    for quantity, (low, high) in accept.items():
        assert low <= evidence.measured[quantity][0] <= high
    assert any(
        not accept[quantity][0] <= values[0] <= accept[quantity][1]
        for quantity, values in evidence.control.measured.items()
    )


def test_the_tail_is_that_of_the_last_kernel():
    found = measure("atlas/kernel-at-the-end", draws=1)
    for name, (value,) in found.measured.items():
        assert value == pytest.approx(1, abs=0.01)
        assert abs(found.control.measured[name][0] - 1) > 0.02


# Ratios of rates for large kappa, as the chapter's proposition has them.
COSTS = {
    "heavy ball over the best": (
        optimizers.optimal_heavy_ball,
        optimizers.modular_heavy_ball,
        1,
        4,
    ),
    "Nesterov over the best": (optimizers.optimal_nesterov, optimizers.lazy_nesterov, 1, 3**0.5),
    "heavy ball told 4 kappa": (*[optimizers.modular_heavy_ball] * 2, 4, 2),
    "Nesterov told 4 kappa": (*[optimizers.lazy_nesterov] * 2, 4, 2),
    "heavy ball told kappa / 4": (*[optimizers.modular_heavy_ball] * 2, 0.25, 0.5),
    "Nesterov told kappa / 4": (*[optimizers.lazy_nesterov] * 2, 0.25, 2 / (4 - 11.5**0.5)),
}


@pytest.mark.parametrize(("best", "other", "factor", "cost"), COSTS.values(), ids=COSTS)
def test_what_tunings_cost_for_large_kappa(best, other, factor, cost):
    kappa = 1e8
    ends = Spectrum(1 / kappa, 1.0)

    def rate(method):
        return -math.log(float(dynamics.spectral_radius(method, ends.eigenvalues).max()))

    told = other(Spectrum(1 / (factor * kappa), 1.0))
    assert rate(best(ends)) / rate(told) == pytest.approx(cost, rel=2e-3)
