"""Tangent kernels: their spectra, and closed forms at infinite width."""

from rootkappa.kernels.relu import (
    closest_pair,
    joint_activity,
    pair_eigenvalue,
    relu_limit,
    relu_mean_square,
    require_separated,
    require_unit_inputs,
)
from rootkappa.kernels.tangent import condition_number, empirical, spectra, whitened_spectrum

__all__ = [
    "closest_pair",
    "condition_number",
    "empirical",
    "joint_activity",
    "pair_eigenvalue",
    "relu_limit",
    "relu_mean_square",
    "require_separated",
    "require_unit_inputs",
    "spectra",
    "whitened_spectrum",
]
