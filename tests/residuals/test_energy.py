"""Heavy ball's energy: the identity for any kernel, networks whose kernel moves, refusals."""

from __future__ import annotations

import pytest
import torch

from rootkappa import DeepLinear, LinearResNet, TwoLayerReLU, datasets, heavy_ball, nesterov
from rootkappa.optimizers import Method, optimal_heavy_ball
from rootkappa.residuals import heavy_ball_energy
from rootkappa.residuals.energy import balance

DATA = datasets.gaussian(d=6, k=3, n=20, kappa=9)
ETA, BETA = 0.7, 0.6


def driven(steps=40, size=5, seed=0):
    """Residuals of heavy ball under kernels that are drawn anew at every step."""
    source = torch.Generator().manual_seed(seed)
    roots = torch.randn(1, steps + 1, size, size, generator=source, dtype=torch.float64)
    kernels = roots @ roots.mT / (2 * size)
    before = now = torch.randn(1, size, generator=source, dtype=torch.float64)
    path = [now]
    for t in range(steps):
        pull = torch.einsum("rij,rj->ri", kernels[:, t], now)
        before, now = now, now + BETA * (now - before) - ETA * pull
        path.append(now)
    return torch.stack(path, 1), kernels


def test_any_kernel_that_moves_obeys_the_identity_of_inner_products():
    # With w_t = <xi_t, xi_{t-2}> - ||xi_{t-1}||^2,
    # w_{t+1} = beta w_t - eta <xi_t, (H_t - H_{t-1}) xi_{t-1}>.
    xi, H = driven()
    w = (xi[:, 2:] * xi[:, :-2]).sum(2) - xi[:, 1:-1].square().sum(2)
    change = torch.einsum("rti,rtij,rtj->rt", xi[:, 2:-1], H[:, 2:-1] - H[:, 1:-2], xi[:, 1:-2])
    torch.testing.assert_close(w[:, 1:], BETA * w[:, :-1] - ETA * change, rtol=1e-11, atol=1e-14)
    # The energy is -beta^{-t} w_{t+1}, and its balance is the same identity.
    path = balance((ETA, BETA), xi, H, torch.zeros_like(xi[:, 1:-1]))
    grown = BETA ** -torch.arange(1, xi.shape[1] - 1, dtype=torch.float64)
    torch.testing.assert_close(path.energies[:, :-1], -grown * w, rtol=1e-11, atol=0)
    torch.testing.assert_close(path.predicted, path.energies[:, 1:], rtol=1e-9, atol=1e-9)


NETWORKS = {
    "deep linear": lambda: DeepLinear(DATA.X, DATA.Y, 14, 4),
    "linear ResNet": lambda: LinearResNet.gaussian(DATA.X, DATA.Y, 14, 3, [0, 1]),
}


@pytest.mark.parametrize("kind", NETWORKS)
def test_the_energy_of_a_network_changes_by_the_two_works_only(kind):
    model = NETWORKS[kind]()
    start = model.initialise([0, 1])
    top = max(one.lambda_max for one in model.spectra(start))
    path = heavy_ball_energy(model, heavy_ball(0.5 / top, 0.7), start, 30)
    # The kernel moves, and the identity would be empty if it did not.
    assert float((path.eigenvalues[:, -1] / path.eigenvalues[:, 0] - 1).abs().max()) > 0.1
    assert float((path.predicted / path.energies[:, 1:] - 1).abs().max()) < 1e-11
    for work in (path.kernel_work, path.remainder_work):
        assert float((work / path.energies[:, 1:]).abs().max()) > 1e-4


def test_margins_and_variations_are_those_of_the_matrix():
    xi, H = driven(steps=6)
    path = balance((ETA, BETA), xi, H, torch.zeros_like(xi[:, 1:-1]))
    A = ((1 + BETA) * torch.eye(5) - ETA * H[:, 1:]) / BETA**0.5
    norms = torch.linalg.svdvals(A)[:, :, 0]
    torch.testing.assert_close(path.margins, 1 - norms / 2)
    steps = torch.linalg.svdvals(A[:, 1:] - A[:, :-1])[:, :, 0]
    torch.testing.assert_close(path.variations, steps)
    # Where all modes oscillate the energy is positive, and bounds the residual.
    inside = path.margins > 0
    z = xi.square().sum(2) * BETA ** -torch.arange(7, dtype=torch.float64)
    assert bool((path.energies >= path.margins * (z[:, 1:] + z[:, :-1]) - 1e-12)[inside].all())


MODEL = DeepLinear(DATA.X, DATA.Y, 14, 3)
BAD = [
    (MODEL, nesterov(0.1, 0.5), ValueError, "extrapolation 0.5: use heavy_ball"),
    (MODEL, Method(0.1, 0.0, 0.0), ValueError, "momentum above 0 .* got momentum 0.0"),
    (
        TwoLayerReLU(torch.eye(3).double(), torch.ones(1, 3).double(), 8),
        heavy_ball(0.1, 0.5),
        TypeError,
        "without activations, got a TwoLayerReLU",
    ),
]


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        (("heavy ball", None, 5), TypeError, r"heavy_ball\(0.1, 0.9\), say"),
        ((heavy_ball(0.1, 0.5), None, 1), ValueError, "steps must be at least 2, got 1"),
        ((heavy_ball(0.1, 0.5), [], 5), ValueError, r"weights have shapes \[\], the model wants"),
    ],
    ids=["method", "steps", "weights"],
)
def test_arguments_that_do_not_fit_are_named(arguments, kind, message):
    method, weights, steps = arguments
    weights = MODEL.initialise([0]) if weights is None else weights
    with pytest.raises(kind, match=message):
        heavy_ball_energy(MODEL, method, weights, steps)


def test_two_steps_are_the_least_that_can_be_balanced():
    start = MODEL.initialise([0, 1])
    path = heavy_ball_energy(MODEL, heavy_ball(0.05, 0.5), start, 2)
    assert path.energies.shape == (2, 2)
    assert path.kernel_work.shape == path.remainder_work.shape == (2, 1)
    torch.testing.assert_close(path.predicted, path.energies[:, 1:], rtol=1e-11, atol=0)
    # Q_1 by hand: from rest xi_1 follows, and all of it stands in two kernels.
    here, ahead = path.residuals[:, 0], path.residuals[:, 1]
    moved = [w - 0.05 * g for w, g in zip(start, MODEL.gradient(start), strict=True)]
    A = (1.5 * torch.eye(60) - 0.05 * MODEL.tangent_kernel(moved)) / 0.5**0.5
    through = torch.einsum("ri,rij,rj->r", ahead, A, here)
    squares = ahead.square().sum(1) / 0.5 + here.square().sum(1)
    torch.testing.assert_close(path.energies[:, 0], squares - through / 0.5**0.5)


@pytest.mark.parametrize(("model", "method", "kind", "message"), BAD)
def test_what_has_no_energy_is_refused(model, method, kind, message):
    with pytest.raises(kind, match=message):
        heavy_ball_energy(model, method, model.initialise([0]), 5)


def test_on_a_frozen_kernel_the_energy_is_constant_whatever_the_tuning():
    model = DeepLinear(DATA.X, DATA.Y, 14, 1)
    start = model.initialise([0])
    path = heavy_ball_energy(model, optimal_heavy_ball(model.spectra(start)[0]), start, 25)
    torch.testing.assert_close(
        path.energies, path.energies[:, :1].expand(-1, 25), rtol=1e-9, atol=0
    )
