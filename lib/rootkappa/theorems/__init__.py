"""The theorems of the papers as objects, one file a paper."""

from rootkappa.theorems.du2019width import GaussianGradientDescent
from rootkappa.theorems.hu2020orthogonal import NarrowGaussianIsStuck, OrthogonalGradientDescent
from rootkappa.theorems.liao2024provable import PartitionGradientDescent, PartitionNesterov
from rootkappa.theorems.liu2022linear import GaussianNesterov
from rootkappa.theorems.theorem import (
    Hypothesis,
    Provenance,
    Quantity,
    Report,
    Spectrum,
    Theorem,
    data_spectrum,
    singular_values,
    solution_norm,
)
from rootkappa.theorems.wang2021modular import OrthogonalHeavyBall

__all__ = [
    "GaussianGradientDescent",
    "GaussianNesterov",
    "Hypothesis",
    "NarrowGaussianIsStuck",
    "OrthogonalGradientDescent",
    "OrthogonalHeavyBall",
    "PartitionGradientDescent",
    "PartitionNesterov",
    "Provenance",
    "Quantity",
    "Report",
    "Spectrum",
    "Theorem",
    "data_spectrum",
    "singular_values",
    "solution_norm",
]
