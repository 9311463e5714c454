"""Exact cheaper simulators: the same interface as the direct ones, and the same outputs."""

from rootkappa.reductions.bartlett import bartlett
from rootkappa.reductions.krylov import reduce_krylov, sample_krylov
from rootkappa.reductions.orthogonal import reduce_orthogonal, sample_orthogonal
from rootkappa.reductions.reduction import Reduction

__all__ = [
    "Reduction",
    "bartlett",
    "reduce_krylov",
    "reduce_orthogonal",
    "sample_krylov",
    "sample_orthogonal",
]
