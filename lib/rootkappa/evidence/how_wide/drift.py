"""How far the kernel of an orthogonal network drifts: its O(1/m) constant, derived and measured.

At width 1, with weights and labels over m^{1/2}, an orthogonal network starts at V_1 = Q and
V_L = P^T, isometries, with the identity between them. Their overlap C = P^T Q and the labels are of
the order m^{-1/2}, and so is the residual. To first order every layer moves by the same matrix:

    V_1 = Q - P M,   V_l = I - P M Q^T,   V_L = P^T - M Q^T,

where M is driven by rho = (eta/k) (C - L M - Z) X X^T as the method drives its weights, Z the map
k^{1/2} W* over m^{1/2}. To second order layer l gains (L - l) Q A Q^T + (l - 1) P B P^T with A and
B driven by M^T rho and rho M^T. The first-order moves meet only through C, so the kernel moves by

    H_t - H_0 = (1/k) (X^T D X (x) I + X^T X (x) D') + O(m^{-3/2}),
    D  = a_2 (M^T M + A + A^T) - a_1 (C^T M + M^T C),
    D' = a_2 (M M^T + B + B^T) - a_1 (C M^T + M C^T),
    a_1 = L (L - 1)/2,   a_2 = L (L - 1) (2 L - 1)/6.

In the flow A + A^T = M^T M, and at the end M = (C - Z)/L whatever the spectrum. For Gaussian
networks of depth 3 the same holds with a_2 = 6, and 4 C + G in the place of a_1 C: the middle layer
V has P^T V V^T V Q = 2 C + G, where G is Gaussian and independent of C.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from rootkappa import rates
from rootkappa.architectures.model import kronecker
from rootkappa.dynamics import spectral_radius
from rootkappa.evidence.deep_linear.networks import METHODS, OwnLabels
from rootkappa.evidence.how_wide.networks import Networks, Setting, drawn
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control
from rootkappa.optimizers import Method, gradient_descent
from rootkappa.problems import Spectrum
from rootkappa.training import train

# So wide that what is left of the expansion is not seen.
WIDE = 10**8
_CHECKED, _DEPTHS, _STEPS = 10**6, (2, 3, 5), 60
# Momentum's drift is read over these kappa, that of gradient descent over the smaller ones.
KAPPAS = {
    "gradient_descent": (16, 64, 256),
    "heavy_ball": (64, 256, 1024, 4096),
    "nesterov": (64, 256, 1024, 4096),
}
_ENDED = 1e-3


@dataclass(frozen=True)
class Moves:
    """The moves of an orthogonal network to second order.

    Args:
        first: M, shape (R, k, d).
        below: A, shape (R, d, d).
        above: B, shape (R, k, k).
    """

    first: torch.Tensor
    below: torch.Tensor
    above: torch.Tensor


def moves(
    X: torch.Tensor,
    overlap: torch.Tensor,
    target: torch.Tensor,
    depth: int,
    methods: Sequence[Method],
    steps: int,
) -> Moves:
    """Follow the moves of the layers to second order in m^{-1/2}.

    Args:
        X: Inputs, shape (d, n).
        overlap: C, shape (R, k, d).
        target: Z, shape (R, k, d).
        depth: L.
        methods: One a replica.
        steps: T.

    Returns:
        The moves at the evaluation point of step T.
    """
    outputs = overlap.shape[1]
    numbers = overlap.new_tensor([method.constants("the moves") for method in methods])
    eta, beta, gamma = numbers.T[:, :, None, None]
    now = [overlap.new_zeros(overlap.shape), *_squares(overlap)]
    velocity = [torch.zeros_like(one) for one in now]
    gram = X @ X.T / outputs
    for _ in range(steps):
        M = now[0] + gamma * velocity[0]
        rho = eta * (overlap - depth * M - target) @ gram
        velocity = [
            beta * v + pull for v, pull in zip(velocity, (rho, M.mT @ rho, rho @ M.mT), strict=True)
        ]
        now = [one + v for one, v in zip(now, velocity, strict=True)]
    return Moves(*(one + gamma * v for one, v in zip(now, velocity, strict=True)))


def _squares(overlap: torch.Tensor) -> list[torch.Tensor]:
    replicas, k, d = overlap.shape
    return [overlap.new_zeros(replicas, d, d), overlap.new_zeros(replicas, k, k)]


def change(X: torch.Tensor, meeting: torch.Tensor, moved: Moves, twice: float) -> torch.Tensor:
    """Give the change of the kernel to second order.

    Args:
        X: Inputs, shape (d, n).
        meeting: a_1 C, or 4 C + G for a Gaussian network of depth 3, shape (R, k, d).
        moved: The moves.
        twice: a_2.

    Returns:
        H_t - H_0, shape (R, k n, k n).
    """
    M, k = moved.first, meeting.shape[1]
    D = twice * (M.mT @ M + _twice(moved.below)) - _twice(meeting.mT @ M)
    over = twice * (M @ M.mT + _twice(moved.above)) - _twice(meeting @ M.mT)
    eye = torch.eye(k).to(X).expand(len(M), -1, -1)
    grams = (X.T @ X).expand(len(M), -1, -1)
    return (kronecker(X.T @ D @ X, eye) + kronecker(grams, over)) / k


def coefficients(depth: int) -> tuple[float, float]:
    """Give a_1 and a_2 of orthogonal networks.

    Args:
        depth: L.

    Returns:
        L (L - 1)/2 and L (L - 1) (2 L - 1)/6.
    """
    return depth * (depth - 1) / 2, depth * (depth - 1) * (2 * depth - 1) / 6


def _twice(square: torch.Tensor) -> torch.Tensor:
    return square + square.mT


def overlap_and_target(networks: Networks) -> tuple[torch.Tensor, torch.Tensor]:
    """Read C and Z off orthogonal networks, or Gaussian ones of depth 3, at width 1.

    Args:
        networks: The networks with their weights.

    Returns:
        Both of shape (R, k, d).

    Raises:
        TypeError: If they are other networks.
    """
    model, start = networks
    if not isinstance(model, OwnLabels):
        raise TypeError(f"got a {type(model).__name__}: give deep linear networks, as drawn does.")
    maps = model.labels @ torch.linalg.pinv(model.X)
    k, d = maps.shape[1:]
    # Of a Gaussian middle layer, in its bases, the first block; else the identity is between.
    square = start[1][:, :k, :d] if model.width > d + k else start[-1] @ start[0]
    return square, math.sqrt(k) * maps


@measures("how-wide/drift-constant")
def drift_constant(seeds: Sequence[int]) -> Evidence:
    """Compare the change of kernels of width 1e6 with the derived one, at depths 2, 3 and 5.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """
    cases = [Setting(method=name, kappa=25, depth=L) for L in _DEPTHS for name in METHODS]
    right, wrong = zip(*(_misses(one, seeds, _CHECKED) for one in cases), strict=True)
    gaussian = [Setting("gaussian", name, 25) for name in METHODS]
    others, other_wrong = zip(*(_misses(one, seeds, WIDE) for one in gaussian), strict=True)

    def worst(orthogonal: Any, others: Any) -> dict[str, torch.Tensor]:
        pairs = {"orthogonal": orthogonal, "gaussian": others}
        return {kind: torch.stack(list(one)).amax(0) for kind, one in pairs.items()}

    return Evidence(
        worst(right, others), Control("the moves A and B left out", worst(wrong, other_wrong))
    )


def _misses(
    setting: Setting, seeds: Sequence[int], width: int
) -> tuple[torch.Tensor, torch.Tensor]:
    # How far the derived change is from the real one, and how far without A and B.
    networks = drawn(setting, seeds, [width] * len(seeds))
    model, start = networks
    methods = [METHODS[setting.method](spectrum) for spectrum in model.spectra(start)]
    run = train(model, methods, start, _STEPS, progress=False)
    seen = model.tangent_kernel(run.weights) - model.tangent_kernel(start)
    overlap, target = overlap_and_target(networks)
    once, twice = coefficients(setting.depth)
    meeting = once * overlap
    if setting.kind == "gaussian":
        k, d = overlap.shape[1:]
        meeting, twice = 4 * overlap + start[1][:, k : k + d, d : d + k].mT, 6.0
    moved = moves(model.X, overlap, target, setting.depth, methods, _STEPS)
    without = Moves(moved.first, 0 * moved.below, 0 * moved.above)
    apart = (change(model.X, meeting, told, twice) - seen for told in (moved, without))
    misses = [one.norm(dim=(1, 2)) / seen.norm(dim=(1, 2)) for one in apart]
    return misses[0], misses[1]


@measures("how-wide/drift-and-momentum")
def drift_and_momentum(seeds: Sequence[int]) -> Evidence:
    """Fit how the drift of the kernel, times the width, grows with kappa for each method.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """
    drifts = {name: _drifts(name, KAPPAS[name], seeds) for name in METHODS}
    still = {
        name: _drifts(name, KAPPAS["gradient_descent"], seeds, momentum=False) for name in METHODS
    }
    measured = {name: exponents(KAPPAS[name], found) for name, found in drifts.items()}
    control = {name: exponents(KAPPAS["gradient_descent"], one) for name, one in still.items()}
    return Evidence(
        measured, Control("momentum 0, the step unchanged", control), shown={"drifts": drifts}
    )


def exponents(x: Sequence[float], values: torch.Tensor) -> list[float]:
    """Fit a power law to each draw by itself.

    Args:
        x: What is varied.
        values: A row each, a column a draw.

    Returns:
        Exponents, one a draw, rounded so that equal widths give 0; infinite where a value is.
    """
    return [
        round(rates.scaling_exponent(list(x), column).value, 9) + 0.0
        if bool(torch.isfinite(column).all())
        else math.inf
        for column in values.T
    ]


def _drifts(
    name: str, kappas: Sequence[int], seeds: Sequence[int], momentum: bool = True
) -> torch.Tensor:
    found = []
    for kappa in kappas:
        setting = Setting(method=name, kappa=kappa)
        model, start = drawn(setting, seeds, [WIDE] * len(seeds))
        tuned = [METHODS[name](spectrum) for spectrum in model.spectra(start)]
        methods = tuned if momentum else [gradient_descent(one.step_size) for one in tuned]
        run = train(model, methods, start, 20 * kappa, tolerance=_ENDED, progress=False)
        found.append(WIDE * run.snapshot().kernel_drift())
    return torch.stack(found)


def slow_change(setting: Setting, seeds: Sequence[int]) -> torch.Tensor:
    """Give the derived change of the slowest modes, relative and times the width, at the end.

    Args:
        setting: Orthogonal networks, and their method.
        seeds: One a draw.

    Returns:
        The least relative change of an eigenvalue of the slow block, times m, shape (R,).
    """
    networks = drawn(setting, seeds, [WIDE] * len(seeds))
    model = networks[0]
    overlap, target = (math.sqrt(WIDE) * one for one in overlap_and_target(networks))
    spectrum = Spectrum(
        setting.depth / setting.outputs / setting.kappa, setting.depth / setting.outputs
    )
    method = METHODS[setting.method](spectrum)
    long = 9 * setting.kappa if setting.method == "gradient_descent" else 20 * setting.kappa**0.5
    moved = moves(model.X, overlap, target, setting.depth, [method] * len(seeds), round(long))
    once, twice = coefficients(setting.depth)
    k = setting.outputs
    slow = change(model.X, once * overlap, moved, twice)[:, -k:, -k:]
    least: torch.Tensor = torch.linalg.eigvalsh(slow)[:, 0] / spectrum.lambda_min
    return least


def tolerated_loss(setting: Setting, near: float) -> float:
    """Give the share of the least eigenvalue whose loss slows a tail by some share of its rate.

    Args:
        setting: Its method and kappa.
        near: The share of the rate.

    Returns:
        The loss, found by bisection.
    """
    method = METHODS[setting.method](Spectrum(1 / setting.kappa, 1.0))

    def rate(lost: float) -> float:
        ends = Spectrum((1 - lost) / setting.kappa, (1 - lost) / setting.kappa)
        return math.log(float(spectral_radius(method, ends).max()))

    low, high = 0.0, 0.9
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if rate(middle) < (1 - near) * rate(0.0) else (low, middle)
    return high
