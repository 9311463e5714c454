"""Root Kappa: does momentum provably train neural networks faster?"""

from rootkappa import architectures, datasets, devices, kernels, optimizers, training
from rootkappa.architectures import AdditiveModel, DeepLinear, DeepReLU, Model, Quadratic
from rootkappa.optimizers import (
    Method,
    gradient_descent,
    heavy_ball,
    nesterov,
    triple_momentum,
)
from rootkappa.training import Status, Trajectory, train

__version__ = "0.1.0"

__all__ = [
    "AdditiveModel",
    "DeepLinear",
    "DeepReLU",
    "Method",
    "Model",
    "Quadratic",
    "Status",
    "Trajectory",
    "architectures",
    "datasets",
    "devices",
    "gradient_descent",
    "heavy_ball",
    "kernels",
    "nesterov",
    "optimizers",
    "train",
    "training",
    "triple_momentum",
]
