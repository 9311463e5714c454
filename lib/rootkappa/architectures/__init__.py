"""Architectures with closed-form gradients and tangent kernels, stacked over replicas."""

from rootkappa.architectures.deep_linear import DeepLinear
from rootkappa.architectures.linear_network import LinearNetwork
from rootkappa.architectures.linear_resnet import LinearResNet
from rootkappa.architectures.model import Factors, Model, Weights, kronecker, vectorise
from rootkappa.architectures.quadratic import Quadratic
from rootkappa.architectures.two_layer_relu import TwoLayerReLU

__all__ = [
    "DeepLinear",
    "Factors",
    "LinearNetwork",
    "LinearResNet",
    "Model",
    "Quadratic",
    "TwoLayerReLU",
    "Weights",
    "kronecker",
    "vectorise",
]
