"""Rates: how they grow with the condition number, and how near they are to the frozen kernel's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from rootkappa import datasets, devices, dynamics, rates, theorems
from rootkappa.architectures import TwoLayerReLU
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.evidence.two_layer_relu.networks import (
    METHODS,
    geometric_mean_of,
    promised,
    residuals_of,
    speed,
    started,
)
from rootkappa.ledger import Control
from rootkappa.problems import Spectrum
from rootkappa.training import Trajectory, grid

# Angles of the closest pairs, in radians.
ANGLES = (0.8, 0.4, 0.2, 0.1)
# So small that flips are rare: one changes lambda_min by several per cent where few neurons tell
# a pair apart.
_LAZY = 1e-6
# So long is a lazy run: the slowest eigenvector holds one mode from its first step on.
_LASTS, _MORE = 5, 40
_WIDTHS = (256, 4096)
_NARROW = 16
# The window, in units of the frozen kernel's time 1/(1 - rho).
_FROM, _TO = 4, 14
_THEOREMS = (
    theorems.ReluGradientDescent(),
    theorems.ReluHeavyBall(),
    theorems.ReluNesterov(),
)


@measures("two-layer-relu/acceleration")
def acceleration(seeds: Sequence[int]) -> Evidence:
    """Fit how 1 - rho of lazy networks falls with their condition number, for three methods.

    Args:
        seeds: The seeds of the draws of pairs and weights.

    Returns:
        The evidence; shown are condition numbers, speeds and those of H_0, shape (draws, angles).
    """
    shown = _speeds(seeds, _LAZY, ANGLES)
    measured: dict[str, Any] = {"misfit": _misfits(shown)}
    for name in METHODS:
        pairs = zip(shown["kappa"], shown[name], strict=True)
        measured[name] = [rates.scaling_exponent(kappa, seen).value for kappa, seen in pairs]
    loud = {"misfit": _misfits(_speeds(seeds, 1.0, ANGLES[2:3]))}
    reports = [[each.check(pairs_at(seed, ANGLES[0])) for each in _THEOREMS] for seed in seeds]
    return Evidence(measured, Control("labels of order 1", loud), reports, shown=shown)


@measures("two-layer-relu/rates")
def mean_rates(seeds: Sequence[int]) -> Evidence:
    """Compare the mean 1 - factor of networks with that of the recursion with H_0.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence; shown are relative deviations by method and width, and moves of the kernel.
    """
    lost = {
        width: {name: [_lost(seed, width, name) for seed in seeds] for name in METHODS}
        for width in (*_WIDTHS, _NARROW)
    }
    few, many = (lost[width]["gradient_descent"] for width in _WIDTHS)
    narrowing = [abs(b.deviation / a.deviation) for a, b in zip(few, many, strict=True)]
    measured = _over_moves(lost[_WIDTHS[-1]]) | {"narrowing": geometric_mean_of(narrowing)}
    control = Control(f"$m={_NARROW}$", _over_moves(lost[_NARROW]))
    return Evidence(measured, control, shown={"lost": lost})


def pairs_at(seed: int, angle: float, scale: float = _LAZY) -> TwoLayerReLU:
    """Give an antisymmetric network on six pairs of points, all at one angle.

    Args:
        seed: The seed of the draw.
        angle: The angle, in radians.
        scale: The size of the labels.

    Returns:
        The network.
    """
    pairs = datasets.paired(angle, pairs=6, d=8, seed=devices.seed(data=seed))
    return TwoLayerReLU(pairs.X, scale * pairs.Y, 1024, "antisymmetric")


def _speeds(seeds: Sequence[int], scale: float, angles: Sequence[float]) -> dict[str, torch.Tensor]:
    # 1 - rho along the slowest eigenvector of H_0, and that of H_0 itself.
    def steps(spectrum: Spectrum, method: Any) -> int:
        return int(_LASTS / speed(method, spectrum)) + _MORE

    def problem(seed: int, angle: float) -> TwoLayerReLU:
        return pairs_at(seed, angle, scale)

    found = {}
    for name, tuning in METHODS.items():
        runs = grid(problem, method=tuning, seed=seeds, angle=angles).train(
            steps, tolerance=1e-6, keep_residuals=True
        )
        each = [one for of in runs.by("seed").values() for one in of.by("angle").values()]
        for key, read in ((name, _slowest_mode), (f"{name} of H_0", promised), ("kappa", _kappa)):
            values = torch.tensor([read(one) for one in each], dtype=torch.float64)
            found[key] = values.view(len(seeds), -1)
    return found


def _slowest_mode(run: Trajectory) -> float:
    # Nothing is said about the method. Where the residual is no single mode, the mean over the
    # second half of the run.
    vectors = torch.linalg.eigh(run.model.tangent_kernel(run.start)[0]).eigenvectors
    memory = run.methods[0].momentum != 0
    found = rates.free_factor(residuals_of(run), vectors[:, 0], memory)
    if found.status != rates.RateStatus.CANNOT_TELL:
        return 1 - found.factor
    last = int(run.stopped_at)
    return 1 - rates.effective_factor(run.residual_norms[0], (last // 2, last)).factor


def _kappa(run: Trajectory) -> float:
    return run.model.spectra(run.start)[0].kappa


def _misfits(seen: dict[str, torch.Tensor]) -> list[float]:
    # The largest relative deviation of any method at any angle, draw by draw, without rounding.
    off = [(seen[name] / seen[f"{name} of H_0"] - 1).abs().amax(1) for name in METHODS]
    return [round(worst, 4) for worst in torch.stack(off).amax(0).tolist()]


@dataclass(frozen=True)
class Lost:
    """How a network differs from the recursion with its H_0.

    Args:
        deviation: Of the mean 1 - factor, relative.
        move: ||H_T - H_0||_2 over the least eigenvalue of H_0.
    """

    deviation: float
    move: float


def _lost(seed: int, width: int, name: str) -> Lost:
    model, weights = started(seed, width)
    kernel = model.tangent_kernel(weights)[0]
    spectrum = Spectrum.of(kernel)
    method = METHODS[name](spectrum)
    unit = 1 / speed(method, spectrum)
    window = int(_FROM * unit), int(_TO * unit)
    run = grid((model, weights), method=method, seed=[seed]).train(window[1], keep_residuals=True)
    seen = residuals_of(run)
    frozen = dynamics.frozen_residuals(method, kernel, seen[0], window[1])
    found, law = (
        1 - rates.effective_factor(xi.norm(dim=-1), window).factor for xi in (seen, frozen)
    )
    moved = torch.linalg.matrix_norm(model.tangent_kernel(run.weights)[0] - kernel, 2)
    return Lost(found / law - 1, float(moved) / spectrum.lambda_min)


def _over_moves(lost: dict[str, list[Lost]]) -> dict[str, list[float]]:
    ratios = {name: [abs(one.deviation) / one.move for one in lost[name]] for name in METHODS}
    ratios["heavy_ball"] = [abs(one.deviation) for one in lost["heavy_ball"]]
    return {"move": [one.move for one in lost["gradient_descent"]], **ratios}
