"""The theorems of the papers as objects, one file a paper."""

from rootkappa.theorems.bu2021dynamical import (
    GradientFlowBound,
    HeavyBallFlowBound,
    NesterovFlowBound,
)
from rootkappa.theorems.du2018gradient import ReluGradientDescent
from rootkappa.theorems.du2019width import GaussianGradientDescent
from rootkappa.theorems.feng2026optimal import OptimalLocalNesterov
from rootkappa.theorems.goujaud2025provable import HeavyBallCycle
from rootkappa.theorems.hu2020orthogonal import NarrowGaussianIsStuck, OrthogonalGradientDescent
from rootkappa.theorems.kassing2024polyak import LocalHeavyBall
from rootkappa.theorems.liao2024provable import PartitionGradientDescent, PartitionNesterov
from rootkappa.theorems.liu2022linear import GaussianNesterov, ResNetNesterov
from rootkappa.theorems.liu2022relu import ReluNesterov
from rootkappa.theorems.obreiter2026local import LocalNesterov
from rootkappa.theorems.report import Hypothesis, Report
from rootkappa.theorems.rootkappa2026momentum import (
    DeepLinearMomentum,
    ReluMomentum,
    ResNetMomentum,
)
from rootkappa.theorems.theorem import Theorem
from rootkappa.theorems.wang2021modular import OrthogonalHeavyBall, ReluHeavyBall
from rootkappa.theorems.yue2023lower import PLLowerBound
from rootkappa.theorems.zou2020resnets import ResNetGradientDescent, ResNetStochasticGradientDescent

__all__ = [
    "DeepLinearMomentum",
    "GaussianGradientDescent",
    "GaussianNesterov",
    "GradientFlowBound",
    "HeavyBallCycle",
    "HeavyBallFlowBound",
    "Hypothesis",
    "LocalHeavyBall",
    "LocalNesterov",
    "NarrowGaussianIsStuck",
    "NesterovFlowBound",
    "OptimalLocalNesterov",
    "OrthogonalGradientDescent",
    "OrthogonalHeavyBall",
    "PLLowerBound",
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
