"""Whether theory speaks for a network: how far its kernel moves until training ends.

The network is put where its linearisation has reached the tolerance. No training is needed: that
place is theta_0 + J^T a.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch

from rootkappa.diagnosis.lanczos import lanczos
from rootkappa.diagnosis.losses import Loss
from rootkappa.diagnosis.module import ModuleFunction, Parameters
from rootkappa.diagnosis.products import Products
from rootkappa.draws import generator

# Outputs whose kernel is compared; fewer where their rows of the Jacobian hold more entries than
# this, for rows are what a diagnosis of a large network spends most of its time on.
_OUTPUTS, _FEWEST = 128, 32
_ENTRIES = 5e7
# Products that bring the largest eigenvalue to a per cent from the old top direction.
_PRODUCTS = 12
_SEED = 0


@dataclass(frozen=True)
class Laziness:
    """How far the network is from its linearisation, where that has reached the tolerance.

    Args:
        output_gap: Distance of the outputs from the linearised ones, over how far these went.
        drift: Change of the kernel there, in Frobenius norm, relative; on outputs drawn at random
            where there are many.
        excursions: By method: the same where the linearised network, trained by the method, is
            farthest from its start. With momentum it overshoots.
        top: lambda_max there over lambda_max at the start.
        weight_move: Distance of the weights from the start, over their norm; NaN for a start at 0.
        outputs: On how many outputs the drift was measured.
    """

    output_gap: float
    drift: float
    excursions: Mapping[str, float]
    top: float
    weight_move: float
    outputs: int

    @property
    def moved(self) -> float:
        """The largest drift, at the end and on the way."""
        return max(self.drift, *self.excursions.values()) if self.excursions else self.drift


class Kernels:
    """The kernel of some samples, at any parameters of a module.

    Args:
        function: The module.
        memory: Bytes that the rows of a Jacobian may take.
    """

    def __init__(self, function: ModuleFunction, memory: float) -> None:
        self._function = function
        wide = function.outputs[0].numel()
        row = function.size * torch.finfo(function.dtype).bits // 8
        wanted = min(_OUTPUTS, max(_FEWEST, int(_ENTRIES / function.size)))
        most = min(wanted, max(wide, int(memory / (3 * row))))
        count = max(1, min(len(function.outputs), most // wide))
        order = torch.randperm(len(function.outputs), generator=generator(_SEED))
        self.samples = order[:count].tolist()
        self._wide = wide

    def at(self, products: Products) -> torch.Tensor:
        """Give the kernel of the samples.

        Args:
            products: The Jacobian at some parameters.

        Returns:
            Shape (S k, S k), float64.
        """
        return products.gram(self.samples)

    def largest_block(self, kernel: torch.Tensor) -> float:
        """Give the largest eigenvalue of a single sample's kernel.

        Args:
            kernel: As from `at`.

        Returns:
            The largest over the samples.
        """
        starts = range(0, len(kernel), self._wide)
        blocks = torch.stack([kernel[i : i + self._wide, i : i + self._wide] for i in starts])
        return float(torch.linalg.eigvalsh(blocks).max())


def laziness(
    products: Products,
    loss: Loss,
    dual: torch.Tensor,
    top: tuple[float, torch.Tensor],
    kernels: Kernels,
    before: torch.Tensor,
) -> Laziness:
    """Compare the network with its linearisation.

    Args:
        products: The Jacobian at the start.
        loss: The loss.
        dual: a, shape of the outputs, with theta_0 + J^T a where the linearised network ends.
        top: lambda_max of the curvature kernel at the start, and its direction, shape of the
            outputs.
        kernels: The samples on which kernels are compared.
        before: Their kernel at the start.

    Returns:
        The comparison, without excursions.
    """
    function = products.function
    moved = _moved(products, dual)
    move = {name: moved.parameters[name] - value for name, value in products.parameters.items()}
    line = products.forward(move).double()
    with torch.no_grad():
        gone = (function(moved.parameters) - function.outputs).double()
    after = kernels.at(moved)
    return Laziness(
        output_gap=_ratio(gone - line, line),
        drift=_ratio(after - before, before),
        excursions={},
        top=largest(moved, loss, top[1]) / top[0],
        weight_move=_norm(move) / (_norm(products.parameters) or math.nan),
        outputs=len(before),
    )


def excursions(
    products: Products,
    farthest: Mapping[str, torch.Tensor],
    kernels: Kernels,
    before: torch.Tensor,
) -> dict[str, float]:
    """Give the drift of the kernel where each method takes the linearised network farthest.

    Args:
        products: The Jacobian at the start.
        farthest: a by method, shape of the outputs.
        kernels: The samples on which kernels are compared.
        before: Their kernel at the start.

    Returns:
        Relative changes in Frobenius norm, by method.
    """
    return {
        name: _ratio(kernels.at(_moved(products, dual)) - before, before)
        for name, dual in farthest.items()
    }


def largest(products: Products, loss: Loss, start: torch.Tensor) -> float:
    """Give lambda_max of the curvature kernel, from below, to about a per cent.

    Args:
        products: The Jacobian.
        loss: The loss.
        start: A direction that is not orthogonal to the top one, shape of the outputs.

    Returns:
        The largest Ritz value of a dozen products.
    """
    found = 0.0
    for known in lanczos(lambda v: curved(products, loss, v), start, _PRODUCTS):
        found = float(known.values[-1])
    return found


def curved(products: Products, loss: Loss, v: torch.Tensor) -> torch.Tensor:
    """Give A^(1/2) J J^T A^(1/2) v.

    Args:
        products: The Jacobian.
        loss: The loss, with curvature A.
        v: Shape of the outputs.

    Returns:
        The same shape.
    """
    return loss.root(products.kernel(loss.root(v)))


def _moved(products: Products, dual: torch.Tensor) -> Products:
    move = products.transposed(dual.to(products.function.dtype))
    there = {name: value + move[name] for name, value in products.parameters.items()}
    return Products(products.function, there)


def _ratio(one: torch.Tensor, other: torch.Tensor) -> float:
    size = float(other.norm())
    return float(one.norm()) / size if size > 0 else math.inf


def _norm(values: Parameters) -> float:
    return math.sqrt(sum(float(value.double().square().sum()) for value in values.values()))
