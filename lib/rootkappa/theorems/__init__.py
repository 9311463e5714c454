"""The theorems of the papers as objects, one file a paper."""

from rootkappa.theorems.bu2021dynamical import (
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
from rootkappa.theorems.report import Hypothesis, Report
from rootkappa.theorems.rootkappa2026momentum import (
    DeepLinearMomentum,
    ReluMomentum,
    ResNetMomentum,
)
from rootkappa.theorems.theorem import Theorem
from rootkappa.theorems.wang2021modular import OrthogonalHeavyBall, ReluHeavyBall
from rootkappa.theorems.zou2020resnets import ResNetGradientDescent, ResNetStochasticGradientDescent

__all__ = [
    "DeepLinearMomentum",
    "GaussianGradientDescent",
    "GaussianNesterov",
    "GradientFlowBound",
    "HeavyBallFlowBound",
    "Hypothesis",
    "NarrowGaussianIsStuck",
    "NesterovFlowBound",
    "OrthogonalGradientDescent",
    "OrthogonalHeavyBall",
    "PartitionGradientDescent",
    "PartitionNesterov",
    "ReluGradientDescent",
    "ReluHeavyBall",
    "ReluMomentum",
    "ReluNesterov",
    "Report",
    "ResNetGradientDescent",
    "ResNetMomentum",
    "ResNetNesterov",
    "ResNetStochasticGradientDescent",
    "Theorem",
]
