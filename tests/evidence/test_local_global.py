"""The measurements of the chapter Local and global, against independent computations."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from rootkappa import Spectrum, optimizers
from rootkappa.architectures import DeepLinear
from rootkappa.dynamics.cycles import cycle_margin
from rootkappa.evidence.local_global import (
    bounds,
    constants,
    cycle_free,
    cycles,
    essay,
    geometry,
    paths,
)
from rootkappa.optimizers import Method, heavy_ball, nesterov
from rootkappa.theorems import LocalNesterov


@pytest.mark.parametrize("name", constants.LIMITS)
def test_the_radii_by_the_roots_of_a_polynomial(name):
    spectrum = Spectrum(0.02, 1.0)
    eta, beta, gamma = constants.LIMITS[name][0](spectrum).coefficients(0)
    radii = [
        np.abs(np.roots([1, -(1 + beta - eta * x * (1 + gamma)), beta - eta * x * gamma])).max()
        for x in np.linspace(0.02, 1, 50)
    ]
    assert constants.formula(name, spectrum) == pytest.approx(max(radii), rel=1e-6)
    assert constants.local_rates(50)[name] == pytest.approx(max(radii), rel=1e-6)


def test_a_tuning_for_another_spectrum_is_slower():
    found = constants.constants(range(2))
    assert max(found.measured["deviation"]) < 1e-4 < min(found.control.measured["deviation"])
    assert found.measured["optimal_heavy_ball"] == pytest.approx(1, abs=2e-3)


def test_certificates_beside_quadratics():
    found = constants.certificates(range(1))
    assert found.measured["descent"][0] == pytest.approx(1, abs=1e-3)
    assert found.control.measured["measured"][0] > 1.1 > found.measured["measured"][0]
    # By hand: two steps of descent leave (1 - x)^4 of a mode x.
    method = optimizers.gradient_descent(1.0)
    assert constants.on_quadratics(method, Spectrum(0.25, 1.0), 2) == pytest.approx(0.75**4)


def test_a_certified_rate_is_a_root_of_the_worst_case():
    rates = constants.certified_rates(20.0, [2])
    assert rates["gradient descent"][0] == pytest.approx(0.95, rel=1e-4)
    assert rates["standard Nesterov"][0] < 0.95 < 1 < rates["optimal heavy ball"][0]


def test_two_answers_on_cycles():
    found = cycles.cycle_condition(range(2))
    assert max(found.measured["wrong"]) == 0 < min(found.control.measured["wrong"])
    assert 0 < found.shown["cycles"] < found.shown["cases"]


def test_interpolation_on_a_line_by_hand():
    points, mu, L = np.array([[0.0, 0], [1, 0]]), 0.5, 2.0
    for slope, inside in [(0.4, False), (0.6, True), (1.9, True), (2.1, False)]:
        slopes = np.array([[0.0, 0], [slope, 0]])
        assert cycles.interpolable(points, slopes, Spectrum(mu, L)) is inside


def test_the_map_of_cycles():
    found = cycles.cycle_map()
    assert found.measured["polyak"] == pytest.approx(1, abs=1e-9)
    assert found.shown["100"] == [(3, 6), (7, 11)]
    assert found.control.measured["wang"] == math.inf


def test_a_cycle_is_reached_from_near_it_and_left_by_nesterov():
    f = cycles.cyclic(3)
    there = cycles.visit(f, f.method, 3)[-1]
    away = cycles.visit(f, optimizers.lazy_nesterov(f.spectrum), 3)[-1]
    assert float(there.norm()) == pytest.approx(1, abs=1e-6)
    assert float(away.norm()) < 1e-3
    least, largest = cycles.curvatures(f, 0, pairs=100)
    assert least >= 1 - 1e-9
    assert largest <= 1 + 1e-9


def test_the_fastest_heavy_ball_without_a_cycle_on_another_grid():
    kappa, best = 1000.0, 0.0
    bounds_ = Spectrum(1 / kappa, 1.0)
    for b in np.linspace(24, 36, 7):
        for e in np.linspace(150, 300, 16):
            method = heavy_ball(e / kappa, 1 - b / kappa)
            roots = [
                np.abs(np.roots([1, -(2 - b / kappa - e / kappa * x), 1 - b / kappa])).max()
                for x in (1 / kappa, 1.0)
            ]
            gap = (1 - max(roots)) * kappa
            if gap > best and all(cycle_margin(method, bounds_, K) > 0 for K in range(2, 60)):
                best = gap
    assert 14.5 < best < 16
    assert cycle_free.fastest(kappa, heavy_ball)[0] == pytest.approx(best, rel=0.03)
    assert cycle_free.fastest(kappa, nesterov)[0] > 20


def _plain(model, start, method, steps):
    """Losses at w_t and the worst constants at y_t, with gradients of automatic differentiation."""
    eta, beta, gamma = method.coefficients(0)

    def slope(layers):
        leaves = [layer.detach().requires_grad_() for layer in layers]
        loss = (model.predict(leaves) - model.Y).square().sum() / 2
        return float(loss.detach()), torch.autograd.grad(loss, leaves)

    def norm(layers):
        return math.sqrt(sum(float(layer.square().sum()) for layer in layers))

    w, before, losses, pl, lipschitz, last = start, start, [], math.inf, 0.0, None
    for _ in range(steps + 1):
        losses.append(slope(w)[0])
        y = [a + gamma * (a - b) for a, b in zip(w, before, strict=True)]
        loss, g = slope(y)
        if len(losses) <= steps:
            pl = min(pl, norm(g) ** 2 / (2 * loss))
            if last is not None:
                moved = norm([a - b for a, b in zip(y, last[0], strict=True)])
                bent = norm([a - b for a, b in zip(g, last[1], strict=True)])
                lipschitz = max(lipschitz, bent / moved)
        last = (y, g)
        after = [a + beta * (a - b) - eta * c for a, b, c in zip(w, before, g, strict=True)]
        before, w = w, after
    return losses, pl, lipschitz


@pytest.mark.parametrize("make", [bounds.linear, bounds.relu])
def test_a_path_against_a_plain_loop(make):
    model, drawn = make(16, [4])
    if make is bounds.linear:
        model = DeepLinear(model.X, model.labels[0], 16, bounds.DEPTH)
    weights = paths.minimiser(model, drawn)
    assert float(model.residual(weights).norm()) < 1e-12
    (told,) = paths.spectra(model, weights)
    start = paths.nearby(weights, [0.01], 0)
    moved = math.sqrt(
        sum(float((a - b).square().sum()) for a, b in zip(start, weights, strict=True))
    )
    size = math.sqrt(sum(float(layer.square().sum()) for layer in weights))
    assert moved == pytest.approx(0.01 * size)
    method = Method(1 / told.lambda_max, 0.7, 0.3, "three different numbers")
    path = paths.follow(model, start, [method], 12)
    losses, pl, lipschitz = _plain(model, start, method, 12)
    assert path.losses[0].tolist() == pytest.approx(losses, rel=1e-8)
    assert float(path.pl) == pytest.approx(pl, rel=1e-6)
    assert float(path.lipschitz) == pytest.approx(lipschitz, rel=1e-6)


def test_flips_are_counted():
    model, drawn = bounds.relu(16, [1])
    weights = paths.minimiser(model, drawn)
    method = LocalNesterov().tuning(paths.spectra(model, weights)[0])
    still = paths.follow(model, paths.nearby(weights, [1e-6], 0), [method], 5)
    wild = paths.follow(model, [-layer for layer in drawn], [method], 5)
    assert float(still.flips) == 0 < float(wild.flips)
    reports = paths.reports(LocalNesterov(), [paths.spectra(model, weights)[0]], wild)
    assert "twice differentiable" in reports[0].unmet


def test_the_circle_is_what_it_says():
    mu = torch.tensor([0.3, 0.1], dtype=torch.float64)
    circle = bounds.Circle(mu)
    at = torch.tensor([[[0.7], [0.4], [0.2]]] * 2, dtype=torch.float64, requires_grad=True)
    ring = at[:, 0].square() + at[:, 1].square() - 1
    loss = ring.square() / 8 + mu[:, None] * at[:, 2].square() / 2
    residual, [(left, right)] = circle.gradient_factors([at])
    assert (residual.square().sum((1, 2)) / 2).tolist() == pytest.approx(loss.flatten().tolist())
    slope = torch.autograd.grad(loss.sum(), at)[0]
    assert torch.allclose(left @ right, slope)


def test_the_plane_of_heavy_ball():
    gap, cycling = cycle_free.plane(100.0, np.array([1.0, 3.3]), np.array([0.3, 0.9025]))
    # A step of 3.3 diverges at beta = 0.3; the tuning of Wang et al. is (1, 0.9025).
    assert gap[1, 0] == pytest.approx(5)
    assert gap[0, 1] < 0
    assert cycling.tolist() == [[False, True], [True, True]]


def test_measured_rates_stay_below_certified_ones():
    measured, certified = constants.measured_rates(20.0, [0]), constants.certified_rates(20.0, [4])
    assert set(measured) == set(certified)
    assert all(measured[name] <= certified[name][0] * (1 + 1e-4) for name in measured)


def test_the_share_that_holds_falls_with_the_distance():
    assert bounds.held(1e-4, [3, 4]) == 1 >= bounds.held(3.0, [3, 4])


def test_near_holds_and_far_fails():
    for measure in (bounds.machine_checked_bound, bounds.linear_networks, bounds.relu_off_flips):
        found = measure([3, 4])
        assert max(found.measured["ratio"]) < 1 < min(found.control.measured["ratio"])
        assert all(report.holds for report in found.hypotheses)


def test_a_rate_is_read_between_two_steps():
    # Of t rho^t between 4 and 10 sqrt(kappa) steps, with an oscillation that does not matter.
    kappa, rho = 100.0, 0.9
    t = torch.arange(160, dtype=torch.float64)
    expected = -math.log(rho) - math.log(101 / 41) / 60
    assert bounds._rate((t + 1) * rho**t, kappa) == pytest.approx(expected, rel=1e-9)
    found = bounds.best_constants([3, 4])
    assert all(0.85 < one < 1.06 for one in found.measured["nesterov"])
    assert max(found.control.measured["heavy_ball"]) < 0.5


def test_margins_on_a_quadratic_by_hand():
    # Depth 1 is a quadratic with the kernel X^T X / k; along its slow direction both are exactly 1.
    model = DeepLinear(
        torch.diag(torch.tensor([2.0, 1.0])).double(), torch.zeros(1, 2).double(), 1, 1
    )
    slow = [torch.tensor([[[0.0, 0.1]]]).double()]
    both = [torch.tensor([[[0.1, 0.1]]]).double()]
    mu = torch.tensor([1.0]).double()
    assert [float(one) for one in geometry._margins(model, slow, mu, slow)] == pytest.approx([1, 1])
    # f = (0.16 + 0.04)/8... : gradient (0.4, 0.1), f = 0.025, <g, w> - f = f.
    pl, margin = geometry._margins(model, both, mu, both)
    assert float(pl) == pytest.approx(0.17 / (2 * 0.025))
    assert float(margin) == pytest.approx(0.025 / 0.01)
    gone = [torch.full((1, 1, 2), 1e6).double()]
    assert [float(one) for one in geometry._margins(model, gone, mu, both)] == [0, 0]


def test_a_run_that_left_may_have_a_singular_kernel_in_its_place():
    # With weights of 1 the kernel is |W_1 x|^2 I + |x|^2 W_2 W_2^T = 0 + 4 (1 1; 1 1).
    model = DeepLinear(torch.tensor([[1.0], [-1.0]]).double(), torch.ones(2, 1).double(), 2, 2)
    drawn = model.initialise([0, 1])
    gone = [torch.cat([layer[:1], torch.full_like(layer[1:], 1e6)]) for layer in drawn]
    mu = torch.ones(2).double()
    pl, margin = geometry._margins(model, gone, mu, drawn)
    first = [layer[:1] for layer in drawn]
    alone = geometry._margins(model, first, mu[:1], first)
    assert [float(pl[0]), float(margin[0])] == pytest.approx([float(one) for one in alone])
    assert [float(pl[1]), float(margin[1])] == [0, 0]


def test_the_constants_of_a_partition_by_finite_differences():
    normal, last = geometry.partitions(0)
    found = normal.constants(1e-3, 5)
    assert found.mu == pytest.approx(normal.mu, rel=1e-2)
    assert normal.x.shape[1] == bounds.OUTPUTS * bounds.SIZE
    both = torch.cat([normal.x, normal.u], 1)
    assert torch.allclose(both.T @ both, torch.eye(len(both), dtype=torch.float64), atol=1e-10)
    # Outputs do not move along u at the minimiser; along the earlier layers they do.
    for partition, moves in ((normal, False), (last, True)):
        outputs = [_outputs(partition, 1e-6 * along) for along in partition.u.T[:5]]
        assert (float(max(outputs)) > 1e-8) is moves
    hessian = geometry._hessian(normal.network, normal.point)
    jacobian = geometry._jacobian(normal.network, normal.point)
    assert torch.allclose(hessian, jacobian.T @ jacobian, atol=1e-10)
    along = normal.x[:, 0]
    assert float((jacobian @ along).norm()) == pytest.approx(
        _outputs(normal, 1e-6 * along) / 1e-6, rel=1e-4
    )


def _outputs(partition, step):
    layers = geometry._replicas(partition.point + step, partition.network.shapes, 1)
    return float(partition.network.residual(layers).norm())


def test_the_winding_function_by_automatic_differentiation():
    a, b = 2.5, 3.0
    x, y = (torch.randn(50, dtype=torch.float64).requires_grad_() for _ in range(2))
    g = y + a * torch.sin(x + b * torch.sin(y))
    slopes = torch.autograd.grad(g.sum(), (x, y))
    for mine, theirs in zip(geometry._slope(x, y, a, b), slopes, strict=True):
        assert torch.allclose(mine, theirs)
    pl, share = geometry.winding(a, b)
    assert 0 < pl <= float(sum(part.square() for part in slopes).min())
    assert share == 1 > geometry.winding(a, 0.0)[1]
    # (x + s sin u)^2 / 2 at x = -1, u = -pi/2, s = 2: residual -3, second derivative -6.
    assert geometry.least_curvature(2.0) <= -6


def test_the_experiment_by_a_plain_loop():
    from rootkappa import devices
    from rootkappa.evidence.additive_models.drawn import drawn

    found = essay.regime(7, essay.EDGE)
    seed = devices.seed(what="essay", seed=7, trial=3)
    trial = drawn(seed, (0.3, 0.3), 1.0, "relu", (essay.KAPPA, essay.KAPPA))
    model, (x, u) = trial.model, [layer[0, :, 0] for layer in trial.start]
    root = math.sqrt(essay.ETA)
    beta = (4 - root) / (4 + 7 * root)
    old, losses, ratios = (x, u), [], []
    for _ in range(95):
        residual = model.A1 @ x + torch.relu(model.A2 @ u) - model.Y[:, 0]
        losses.append(float(residual.square().sum() / 2))
        y, v = x + beta * (x - old[0]), u + beta * (u - old[1])
        inner = model.A2 @ v
        residual = model.A1 @ y + torch.relu(inner) - model.Y[:, 0]
        new_x = y - essay.ETA * model.A1.T @ residual
        new_u = v - essay.ETA * model.A2.T @ ((inner > 0) * residual)
        ratios.append(float((new_u - u).norm() / (new_x - x).norm()))
        old, x, u = (x, u), new_x, new_u
    assert found.losses["nesterov"][3, :95].tolist() == pytest.approx(losses, rel=1e-6)
    assert found.ratios["nesterov"][3, :90].tolist() == pytest.approx(ratios[:90], rel=1e-5)
    advantage = found.advantages[3]
    descent = found.losses["descent"][3]
    expected = math.log(losses[20] / losses[60]) / float((descent[20] / descent[60]).log())
    assert advantage == pytest.approx(expected, rel=1e-6)
    assert found.spread("nesterov") == pytest.approx(
        float(np.std(np.log(found.losses["nesterov"][:, 80].numpy()), ddof=1))
    )


def test_the_slider_against_the_theorem():
    # At kappa = 100: log(0.9) over log(1 - 1/40) and log(1 - 1/160).
    assert essay.slider(100, 1.0) == pytest.approx(math.log(0.9) / math.log(0.975))
    assert essay.slider(100, 0.25) == pytest.approx(math.log(0.9) / math.log(1 - 1 / 160))
