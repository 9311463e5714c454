"""The kernel at infinite width, how fast it is approached, and which inputs make it singular."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch

from rootkappa import devices, draws, kernels, rates
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.evidence.two_layer_relu.networks import by_draw, inputs, network
from rootkappa.ledger import Control

_NEURONS = 200_000
WIDTHS = (64, 256, 1024)
_NETWORKS = 64
# The angle of two inputs at which lambda_min/angle is read.
_SMALL = 1e-4


@measures("two-layer-relu/infinite-kernel")
def infinite_kernel(seeds: Sequence[int]) -> Evidence:
    """Count on how many drawn neurons two inputs are active together.

    Args:
        seeds: The seeds of the draws of inputs and neurons.

    Returns:
        The evidence.
    """
    ones = torch.ones(10, dtype=torch.float64)
    longer = torch.cat([2 * ones[:1], ones[1:]])
    found = by_draw([_counted(seed, ones) for seed in seeds])
    stretched = by_draw([_counted(seed, longer) for seed in seeds])
    what = "neurons whose first coordinate has twice the deviation"
    return Evidence(found, Control(what, {"worst_z": stretched["worst_z"]}))


@measures("two-layer-relu/kernel-concentration")
def kernel_concentration(seeds: Sequence[int]) -> Evidence:
    """Compare mean squares of H_0 - H_inf over many networks with the law of coin tosses.

    Args:
        seeds: The seeds of the draws of inputs and networks.

    Returns:
        The evidence; shown are mean squares, laws and spectral norms, shape (draws, widths).
    """
    found, shown = _concentration(seeds, "gaussian")
    twins, _ = _concentration(seeds, "antisymmetric")
    control = Control("every neuron with a twin", {"z": twins["z"]})
    return Evidence(found, control, shown=shown)


@measures("two-layer-relu/data-assumption")
def data_assumption(seeds: Sequence[int]) -> Evidence:
    """Find the least eigenvalue of H_inf for inputs in R^3 of which some are parallel or opposite.

    Args:
        seeds: The seeds of the draws of four points.

    Returns:
        The evidence; shown are the least eigenvalues, by the inputs' name.
    """
    found = by_draw([least_eigenvalues(inputs(seed, n=4, d=3).X) for seed in seeds])
    measured = {
        "no_parallel": found["four points"],
        "duplicate": [abs(value) for value in found["and a copy of one"]],
        "opposite": found["and the negative of one"],
        "d_opposite": found["and the negatives of three"],
        "more_opposite": [abs(value) for value in found["and the negatives of all four"]],
        "closest": [_over_pair(inputs(seed, n=4, d=3).X) for seed in seeds],
        "slope": [_slope(seed) for seed in seeds],
    }
    longer = [inputs(seed, n=4, d=3).X for seed in seeds]
    # Zero up to rounding, of which no digit is kept.
    parallel = [abs(round(least(torch.cat([X, 2 * X[:, :1]], 1)), 12)) for X in longer]
    control = Control("four points and twice one of them", {"no_parallel": parallel})
    return Evidence(measured, control, shown=found)


def least(X: torch.Tensor) -> float:
    """Give the least eigenvalue of H_inf.

    Args:
        X: Inputs, shape (d, n).

    Returns:
        The eigenvalue, up to rounding.
    """
    return float(torch.linalg.eigvalsh(kernels.relu_limit(X))[0])


def least_eigenvalues(four: torch.Tensor) -> dict[str, float]:
    """Give the least eigenvalue of H_inf of four points of R^3, alone and with more.

    Args:
        four: The points, shape (3, 4).

    Returns:
        Eigenvalues by name.
    """
    added = {
        "four points": four[:, :0],
        "and a copy of one": four[:, :1],
        "and the negative of one": -four[:, :1],
        "and the negatives of three": -four[:, :3],
        "and the negatives of all four": -four,
    }
    return {name: least(torch.cat([four, more], 1)) for name, more in added.items()}


def _counted(seed: int, deviations: torch.Tensor) -> dict[str, float]:
    X = inputs(seed).X
    limit = kernels.relu_limit(X)
    W = draws.normal((_NEURONS, len(X)), draws.generator(devices.seed(neurons=seed)))
    active = ((W * deviations) @ X >= 0).double()
    p = limit / (X.mT @ X)
    errors = active.mT @ active / _NEURONS - p
    z = errors / (p * (1 - p) / _NEURONS).sqrt()
    return {"worst_z": float(z.abs().max()), "trace_error": abs(float(limit.trace()) - 10)}


def _concentration(
    seeds: Sequence[int], initialisation: str
) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    away = [torch.stack([_deviations(s, m, initialisation) for m in WIDTHS]) for s in seeds]
    laws = torch.stack(
        [torch.stack([kernels.relu_mean_square(inputs(s).X, m) for m in WIDTHS]) for s in seeds]
    )
    squares = torch.stack([each.square().sum((2, 3)) for each in away])
    ratios = (squares / laws[:, :, None]).flatten(1)
    errors = ratios.std(1) / math.sqrt(ratios.shape[1])
    mean, error = float(ratios.mean()), float(errors.norm()) / len(errors)
    norms = torch.stack([torch.linalg.eigvalsh(each).abs().amax(2).mean(1) for each in away])
    fit = rates.scaling_exponent(WIDTHS, norms.mT)
    measured: dict[str, Any] = {
        "z": ((ratios.mean(1) - 1) / errors).abs().tolist(),
        "law_ratio": (mean, (mean - 2 * error, mean + 2 * error)),
        "spectral_exponent": (fit.value, fit.interval),
    }
    return measured, {"squares": squares.mean(2), "laws": laws, "norms": norms}


def _deviations(seed: int, width: int, initialisation: str) -> torch.Tensor:
    # H_m - H_inf for all networks, shape (networks, n, n).
    model = network(seed, width, initialisation)
    weights = model.initialise([devices.seed(draw=seed, network=i) for i in range(_NETWORKS)])
    return model.tangent_kernel(weights) - kernels.relu_limit(model.X)


def _over_pair(X: torch.Tensor) -> float:
    # lambda_min over that of the closest pair alone, which bounds it.
    closest = min(
        float(torch.arccos((X[:, i] @ X[:, j]).clamp(-1, 1)))
        for i in range(X.shape[1])
        for j in range(i)
    )
    return least(X) / kernels.pair_eigenvalue(min(closest, math.pi / 2))


def _slope(seed: int) -> float:
    # lambda_min/angle of two drawn inputs at a small angle.
    one, other = inputs(seed, n=2, d=3).X.T
    across = other - (one @ other) * one
    turned = math.cos(_SMALL) * one + math.sin(_SMALL) * across / across.norm()
    return least(torch.stack([one, turned], 1)) / _SMALL
