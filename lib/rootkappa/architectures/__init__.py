"""Architectures with closed-form gradients and tangent kernels, stacked over replicas."""

from rootkappa.architectures.additive_model import Activation, AdditiveModel
from rootkappa.architectures.deep_linear import DeepLinear
from rootkappa.architectures.deep_relu import DeepReLU
from rootkappa.architectures.linear_network import LinearNetwork
from rootkappa.architectures.linear_resnet import LinearResNet
from rootkappa.architectures.model import Factors, Model, Weights, kronecker, vectorise
from rootkappa.architectures.partitioned_relu import PartitionedReLU
from rootkappa.architectures.quadratic import Quadratic
from rootkappa.architectures.rotated_relu import RotatedReLU, rotation
from rootkappa.architectures.two_layer_relu import TwoLayerReLU

__all__ = [
    "Activation",
    "AdditiveModel",
    "DeepLinear",
    "DeepReLU",
    "Factors",
    "LinearNetwork",
    "LinearResNet",
    "Model",
    "PartitionedReLU",
    "Quadratic",
    "RotatedReLU",
    "TwoLayerReLU",
    "Weights",
    "kronecker",
    "rotation",
    "vectorise",
]
