"""Quadratics: radii, powers, prefactors, step counts, a cycle, and torch.optim.SGD.

A draw is a spectrum of random condition number with its ends, and where it is trained also random
eigenvectors and a random start.
"""

from rootkappa.evidence.quadratics.counts import step_counts
from rootkappa.evidence.quadratics.cycle import corners, heavy_ball_cycle, lessard_slope, visit
from rootkappa.evidence.quadratics.powers import (
    hb_power_constant,
    nag_power_constant,
    prefactor_of_the_real_start,
)
from rootkappa.evidence.quadratics.pytorch import torch_equivalence
from rootkappa.evidence.quadratics.radii import gd_radius, hb_radius_flat, nag_radius
from rootkappa.evidence.quadratics.spectra import TUNINGS, WITH_MOMENTUM, even, radius, slowest

__all__ = [
    "TUNINGS",
    "WITH_MOMENTUM",
    "corners",
    "even",
    "gd_radius",
    "hb_power_constant",
    "hb_radius_flat",
    "heavy_ball_cycle",
    "lessard_slope",
    "nag_power_constant",
    "nag_radius",
    "prefactor_of_the_real_start",
    "radius",
    "slowest",
    "step_counts",
    "torch_equivalence",
    "visit",
]
