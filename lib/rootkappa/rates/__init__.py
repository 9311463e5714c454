"""Rates read off runs: tail factors, linear or sublinear, scaling exponents."""

from rootkappa.rates.effective import effective_factor
from rootkappa.rates.free import free_factor
from rootkappa.rates.status import RateStatus
from rootkappa.rates.tail import TailFactor, tail_factor, tail_factors

__all__ = [
    "RateStatus",
    "TailFactor",
    "effective_factor",
    "free_factor",
    "tail_factor",
    "tail_factors",
]
