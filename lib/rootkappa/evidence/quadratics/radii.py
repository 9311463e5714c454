"""Radii of the three methods, in eigenvalues and in runs."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch

from rootkappa import optimizers, rates
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.evidence.quadratics.spectra import (
    KAPPAS,
    TUNINGS,
    Tuning,
    drawn,
    eigenvectors,
    even,
    radius,
    slowest,
    trained,
)
from rootkappa.ledger import Control
from rootkappa.optimizers import Method, gradient_descent, heavy_ball, nesterov
from rootkappa.problems import Spectrum
from rootkappa.training import Trajectory


@measures("quadratics/gd-radius")
def gd_radius(seeds: Sequence[int]) -> Evidence:
    """Compare the slowest mode of gradient descent with 1 - 1/kappa, in eigenvalues and in runs.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """

    def formula(spectrum: Spectrum) -> float:
        return 1 - 1 / spectrum.kappa

    found, shown = _radii(seeds, TUNINGS["gradient descent"], formula)
    short, _ = _radii(seeds, lambda s: gradient_descent(0.5 / s.lambda_max), formula)
    return Evidence(found, Control(r"half the step, $1/(2\lambda_{\max})$", short), shown=shown)


@measures("quadratics/hb-radius-flat")
def hb_radius_flat(seeds: Sequence[int]) -> Evidence:
    """Compare every mode of heavy ball with 1 - 1/(2 sqrt kappa), in eigenvalues and in runs.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """

    def formula(spectrum: Spectrum) -> float:
        return 1 - 0.5 / math.sqrt(spectrum.kappa)

    def low(spectrum: Spectrum) -> Method:
        return heavy_ball(1.0, 0.9 * (1 - math.sqrt(1 / spectrum.kappa)) ** 2)

    found, shown = _radii(seeds, TUNINGS["heavy ball"], formula, flat=True)
    bent, _ = _radii(seeds, low, formula, flat=True)
    what = r"momentum a tenth below $(1-\sqrt{\eta\lambda_{\min}})^2$, with a real slowest mode"
    return Evidence(found, Control(what, bent), shown=shown)


@measures("quadratics/nag-radius")
def nag_radius(seeds: Sequence[int]) -> Evidence:
    """Compare Nesterov's radius with its formula and its bound, in eigenvalues and in runs.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """

    def formula(spectrum: Spectrum) -> float:
        _, beta, _ = optimizers.lazy_nesterov(spectrum).constants("its radius")
        return math.sqrt(beta * (1 - 0.5 / spectrum.kappa))

    def short(spectrum: Spectrum) -> Method:
        return nesterov(1 / 8, optimizers.lazy_nesterov(spectrum).momentum)

    def ends(tuning: Tuning) -> dict[str, float]:
        names = ("gap_at_kappa_1", "gap_at_kappa_1e6")
        return {name: _gap(tuning, even(kappa)) for name, kappa in zip(names, KAPPAS, strict=True)}

    found, shown = _radii(seeds, TUNINGS["nesterov"], formula, bound=2 / 3)
    slower, _ = _radii(seeds, short, formula, bound=2 / 3)
    control = Control(r"a quarter of the step, $1/(8\lambda_{\max})$", slower | ends(short))
    return Evidence(found | ends(TUNINGS["nesterov"]), control, shown=shown)


def _radii(
    seeds: Sequence[int],
    tuning: Tuning,
    formula: Callable[[Spectrum], float],
    flat: bool = False,
    bound: float | None = None,
) -> tuple[dict[str, Any], dict[str, Any]]:
    # Deviations of the slowest mode, or of all; in eigenvalues and in runs.
    def choose(radii: torch.Tensor) -> torch.Tensor:
        return radii if flat else radii.max()

    wide = [drawn(seed, *KAPPAS) for seed in seeds]
    off = [float((choose(radius(tuning(s), s)) - formula(s)).abs().max()) for s in wide]
    runs, spectra, factors, misses = [], [], [], []
    for seed in seeds:
        run, spectrum = trained(seed, tuning)
        found = _factors(run, seed, spectrum, every=flat)
        misses.append(max(abs(factor - formula(spectrum)) for factor in found))
        runs.append(run)
        spectra.append(spectrum)
        factors.append(max(found))
    measured: dict[str, Any] = {"deviation": off, "run_deviation": misses}
    if bound is not None:
        measured["ratio"] = [bound / _gap(tuning, s) for s in wide]
    return measured, {"runs": runs, "spectra": spectra, "factor": factors}


def _factors(run: Trajectory, seed: int, spectrum: Spectrum, every: bool) -> list[float]:
    # By a recurrence with free coefficients, along the slowest mode or along each.
    (method,) = run.methods
    radii = radius(method, spectrum)
    modes = range(len(radii)) if every else [int(radii.argmax())]
    residuals, vectors = run.residuals, eigenvectors(seed)
    if residuals is None:
        raise ValueError("the run kept no residuals: train with keep_residuals=True.")
    memory = method.momentum != 0
    return [rates.free_factor(residuals[0], vectors[:, i], memory).factor for i in modes]


def _gap(tuning: Tuning, spectrum: Spectrum) -> float:
    return (1 - slowest(tuning(spectrum), spectrum)) * math.sqrt(spectrum.kappa)
