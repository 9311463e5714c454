"""The theorems of the papers as objects, one file a paper."""

from rootkappa.theorems.bu2021dynamical import (
    FlowTheorem,
    GradientFlowBound,
    HeavyBallFlowBound,
    NesterovFlowBound,
)
from rootkappa.theorems.du2018gradient import ReluGradientDescent
from rootkappa.theorems.du2019width import GaussianGradientDescent
from rootkappa.theorems.hu2020orthogonal import NarrowGaussianIsStuck, OrthogonalGradientDescent
from rootkappa.theorems.liao2024provable import PartitionGradientDescent, PartitionNesterov
from rootkappa.theorems.liu2022linear import GaussianNesterov, ResNetNesterov
from rootkappa.theorems.liu2022relu import ReluNesterov
from rootkappa.theorems.theorem import (
    Hypothesis,
    Provenance,
    Quantity,
    Report,
    Spectrum,
    Theorem,
    WidthTheorem,
    data_spectrum,
    singular_values,
    solution_norm,
)
from rootkappa.theorems.wang2021modular import OrthogonalHeavyBall, ReluHeavyBall
from rootkappa.theorems.wide_relu import WideRelu
from rootkappa.theorems.zou2020resnets import (
    GaussianResNetGradientDescent,
    ModifiedIdentityGradientDescent,
    ResNetGradientDescent,
    ResNetStochasticGradientDescent,
)

__all__ = [
    "FlowTheorem",
    "GaussianGradientDescent",
    "GaussianNesterov",
    "GaussianResNetGradientDescent",
    "GradientFlowBound",
    "HeavyBallFlowBound",
    "Hypothesis",
    "ModifiedIdentityGradientDescent",
    "NarrowGaussianIsStuck",
    "NesterovFlowBound",
    "OrthogonalGradientDescent",
    "OrthogonalHeavyBall",
    "PartitionGradientDescent",
    "PartitionNesterov",
    "Provenance",
    "Quantity",
    "ReluGradientDescent",
    "ReluHeavyBall",
    "ReluNesterov",
    "Report",
    "ResNetGradientDescent",
    "ResNetNesterov",
    "ResNetStochasticGradientDescent",
    "Spectrum",
    "Theorem",
    "WideRelu",
    "WidthTheorem",
    "data_spectrum",
    "singular_values",
    "solution_norm",
]
