"""Liao and Kyrillidis (2024): Nesterov's momentum under partial strong convexity."""

from rootkappa.theorems.liao2024provable.nesterov import PartitionNesterov
from rootkappa.theorems.liao2024provable.partition import PartitionGradientDescent
from rootkappa.theorems.liao2024provable.saw_tooth import SawTooth
from rootkappa.theorems.liao2024provable.wide_network import WideNetwork
from rootkappa.theorems.liao2024provable.width_conditions import WidthConditions

__all__ = [
    "PartitionGradientDescent",
    "PartitionNesterov",
    "SawTooth",
    "WideNetwork",
    "WidthConditions",
]
