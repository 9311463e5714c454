"""Tangent kernels: their spectra, and closed forms at infinite width."""

from rootkappa.kernels.relu import pair_eigenvalue, relu_limit, relu_mean_square
from rootkappa.kernels.relu import require_separated as require_separated
from rootkappa.kernels.relu import require_unit_inputs as require_unit_inputs
from rootkappa.kernels.tangent import condition_number, empirical, spectra

# What is imported under its own name again serves the rooms above, and is not public.
__all__ = [
    "condition_number",
    "empirical",
    "pair_eigenvalue",
    "relu_limit",
    "relu_mean_square",
    "spectra",
]
