"""Exact cheaper simulators: the same interface as the direct ones, and the same outputs."""

from rootkappa.reductions.bartlett import bartlett
from rootkappa.reductions.krylov import reduce_krylov, sample_krylov
from rootkappa.reductions.linear_resnet import reduce_linear_resnet, sample_linear_resnet
from rootkappa.reductions.orthogonal import reduce_orthogonal, sample_orthogonal
from rootkappa.reductions.reduction import Reduction, check_optimizer

__all__ = [
    "Reduction",
    "bartlett",
    "check_optimizer",
    "reduce_krylov",
    "reduce_linear_resnet",
    "reduce_orthogonal",
    "sample_krylov",
    "sample_linear_resnet",
    "sample_orthogonal",
]
