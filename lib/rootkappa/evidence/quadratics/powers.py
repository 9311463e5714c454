"""Powers of companion matrices, and the prefactors of real starts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch

from rootkappa import dynamics
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.evidence.quadratics.spectra import (
    KAPPAS,
    TUNINGS,
    WITH_MOMENTUM,
    Tuning,
    drawn,
    even,
    trained,
)
from rootkappa.ledger import Control
from rootkappa.problems import Spectrum

_LESS = "a tenth of the least eigenvalue tuned for"


@measures("quadratics/hb-power-constant")
def hb_power_constant(seeds: Sequence[int]) -> Evidence:
    """Compare the powers of heavy ball's companion matrices with the theorem's constant.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """
    tuning = TUNINGS["heavy ball"]

    def compare(share: float) -> dict[str, list[float]]:
        found = [_powers(tuning, drawn(seed, *KAPPAS), share) for seed in seeds]
        return {
            "ratio": [of.supremum / of.bound for of in found],
            "root_2_ratio": [of.supremum / of.bound * math.sqrt(2) for of in found],
            "crude_ratio": [of.bound / of.root / 4 for of in found],
        }

    once = {"sup_at_kappa_100": _powers(tuning, even(100), 1.0).supremum}
    return Evidence(compare(1.0) | once, Control(_LESS, compare(0.1)))


@measures("quadratics/nag-power-constant")
def nag_power_constant(seeds: Sequence[int]) -> Evidence:
    """Compare the powers of Nesterov's companion matrices with the theorem's constant.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """
    tuning = TUNINGS["nesterov"]

    def compare(share: float) -> dict[str, list[float]]:
        found = [_powers(tuning, drawn(seed, *KAPPAS), share) for seed in seeds]
        large = [_powers(tuning, drawn(seed, 4.0, KAPPAS[1]), share) for seed in seeds]
        return {
            "ratio": [of.supremum / of.bound for of in found],
            "crude_ratio": [of.bound / of.root / 12 for of in found],
            "attained": [of.supremum / of.bound for of in large],
        }

    ends = [_powers(tuning, even(kappa), 1.0) for kappa in KAPPAS]
    names = ("scaled_at_kappa_1", "scaled_at_kappa_1e6")
    once = {name: of.bound / of.root for name, of in zip(names, ends, strict=True)}
    return Evidence(compare(1.0) | once, Control(_LESS, compare(0.1)))


@measures("quadratics/prefactor-of-the-real-start")
def prefactor_of_the_real_start(seeds: Sequence[int]) -> Evidence:
    """Measure how far runs from rest may overshoot, and how far trained ones do.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """

    def largest(name: str, start: Any) -> list[float]:
        spectra = [drawn(seed, *KAPPAS) for seed in seeds]
        return [dynamics.prefactor(TUNINGS[name](s), s, start=start) for s in spectra]

    def prefactors(start: str) -> dict[str, Any]:
        return {name.replace(" ", "_"): largest(name, start) for name in WITH_MOMENTUM}

    runs = {f"{name.replace(' ', '_')}_run": _overshoots(seeds, name) for name in WITH_MOMENTUM}
    kappas = [drawn(seed, *KAPPAS).kappa for seed in seeds]
    found, worst = prefactors("rest"), prefactors("worst")
    shown = {"kappa": kappas, "rest": found, "worst": worst}
    return Evidence(found | runs, Control("the worst-case start", worst), shown=shown)


class _Powers(NamedTuple):
    supremum: float
    bound: float
    root: float


def _powers(tuning: Tuning, spectrum: Spectrum, share: float) -> _Powers:
    # Of ||M^k|| / rho^k with the rho of the tuning, where the least eigenvalue met is another.
    method, root = tuning(spectrum), math.sqrt(spectrum.kappa)
    least = spectrum.eigenvalues.new_tensor([share * spectrum.lambda_min])
    met = torch.cat([spectrum.eigenvalues, least])
    rho = float(dynamics.spectral_radius(method, spectrum).max())
    norms = dynamics.power_norms(method, met, min(int(20 * root) + 50, 20000), rho)
    return _Powers(float(norms.max()), dynamics.power_bound(method, spectrum), root)


def _overshoots(seeds: Sequence[int], name: str) -> list[float]:
    # Of trained pairs of residuals, over the prefactor of their spectrum, above rounding.
    found = []
    for seed in seeds:
        run, spectrum = trained(seed, TUNINGS[name])
        norms, method = run.residual_norms[0], run.methods[0]
        rho = float(dynamics.spectral_radius(method, spectrum).max())
        pairs = torch.hypot(norms[1:], norms[:-1]) / (math.sqrt(2) * norms[0])
        decay = rho ** torch.arange(1.0, len(norms), dtype=torch.float64)
        largest = float((pairs / decay)[decay > 1e-8].max())
        found.append(max(largest, 1.0) / dynamics.prefactor(method, spectrum))
    return found
