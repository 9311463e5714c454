"""Step counts, and how they grow with the condition number."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from rootkappa import draws, dynamics, rates
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.evidence.quadratics.spectra import MODES, TUNINGS, WITH_MOMENTUM, Tuning, drawn
from rootkappa.ledger import Control
from rootkappa.optimizers import gradient_descent

_LARGE = (1e2, 4e2, 2e3, 1e4)
# An accuracy so small that the start hardly counts.
_ACCURACY = 1e-60


@measures("quadratics/step-counts")
def step_counts(seeds: Sequence[int]) -> Evidence:
    """Count steps on drawn spectra from Gaussian starts, and fit their growth with kappa.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """

    def still(tuning: Tuning) -> Tuning:
        return lambda spectrum: gradient_descent(tuning(spectrum).step_size)

    counts = {name: _counts(tuning, seeds) for name, tuning in TUNINGS.items()}
    without = {name: _counts(still(TUNINGS[name]), seeds) for name in WITH_MOMENTUM}
    root = math.sqrt(_LARGE[-1])
    ratios = {
        f"{name.replace(' ', '_')}_ratio": [
            slow[-1] / fast[-1] / (root / law)
            for slow, fast in zip(counts["gradient descent"], counts[name], strict=True)
        ]
        for name, law in (("heavy ball", 2.0), ("nesterov", 1.5))
    }
    return Evidence(_exponents(counts) | ratios, Control(r"$\beta=0$", _exponents(without)))


def _counts(tuning: Tuning, seeds: Sequence[int]) -> list[list[int]]:
    # For each seed and each kappa, on one draw of eigenvalues and start.
    starts = [draws.normal((MODES,), draws.generator(seed)) for seed in seeds]
    return [
        [
            dynamics.steps_to(tuning(spectrum), spectrum, start, _ACCURACY)
            for spectrum in (drawn(seed, kappa, kappa) for kappa in _LARGE)
        ]
        for seed, start in zip(seeds, starts, strict=True)
    ]


def _exponents(counts: Mapping[str, list[list[int]]]) -> dict[str, list[float]]:
    return {
        name.replace(" ", "_"): [
            rates.scaling_exponent(_LARGE, each, rounded=True).value for each in found
        ]
        for name, found in counts.items()
    }
