"""Rates read off runs: tail factors, linear or sublinear, scaling exponents."""

from rootkappa.rates.scaling import Exponent, scaling_exponent
from rootkappa.rates.tail import TailFactor, mode_factor, tail_factor, tail_factors
from rootkappa.rates.verdict import Fit, Verdict, linear_or_sublinear

__all__ = [
    "Exponent",
    "Fit",
    "TailFactor",
    "Verdict",
    "linear_or_sublinear",
    "mode_factor",
    "scaling_exponent",
    "tail_factor",
    "tail_factors",
]
