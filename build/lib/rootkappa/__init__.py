"""Root Kappa: does momentum provably train neural networks faster?"""

from rootkappa import architectures, datasets, devices, kernels, optimizers, training
from rootkappa.architectures import (
    AdditiveModel,
    DeepLinear,
    DeepReLU,
    LinearResNet,
    Model,
    Quadratic,
    TwoLayerReLU,
)
from rootkappa.optimizers import (
    Method,
    gradient_descent,
    heavy_ball,
    nesterov,
    triple_momentum,
)
from rootkappa.training import Batches, Status, Trajectory, train

__version__ = "0.1.0"

__all__ = [
    "AdditiveModel",
    "Batches",
    "DeepLinear",
    "DeepReLU",
    "LinearResNet",
    "Method",
    "Model",
    "Quadratic",
    "Status",
    "Trajectory",
    "TwoLayerReLU",
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
