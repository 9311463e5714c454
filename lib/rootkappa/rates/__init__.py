"""Rates read off runs, with intervals that cover or a plain word why there is none."""

from rootkappa.rates.effective import effective_factor
from rootkappa.rates.free import free_factor
from rootkappa.rates.long_run import LongRun, linear_or_sublinear
from rootkappa.rates.scaling import scaling_exponent
from rootkappa.rates.status import RateStatus
from rootkappa.rates.tail import TailFactor, tail_factor, tail_factors

__all__ = [
    "LongRun",
    "RateStatus",
    "TailFactor",
    "effective_factor",
    "free_factor",
    "linear_or_sublinear",
    "scaling_exponent",
    "tail_factor",
    "tail_factors",
]
