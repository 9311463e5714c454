"""Exact cheaper simulators: the same interface as the direct ones, and the same outputs."""

from rootkappa.reductions.exact import reduce
from rootkappa.reductions.frozen_live.neurons import CountedNeurons
from rootkappa.reductions.krylov import reduce_krylov, sample_krylov
from rootkappa.reductions.linear_resnet import sample_linear_resnet
from rootkappa.reductions.orthogonal import sample_orthogonal
from rootkappa.reductions.reduction import Reduction

__all__ = [
    "CountedNeurons",
    "Reduction",
    "reduce",
    "reduce_krylov",
    "sample_krylov",
    "sample_linear_resnet",
    "sample_orthogonal",
]
