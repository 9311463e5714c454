"""Measuring the spectrum: by Lanczos from the residual, or from all rows of the Jacobian."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from tqdm import tqdm

from rootkappa.diagnosis.label_spectrum import LabelSpectrum
from rootkappa.diagnosis.lanczos import Krylov, lanczos
from rootkappa.diagnosis.laziness import curved
from rootkappa.diagnosis.losses import Loss
from rootkappa.diagnosis.products import Products
from rootkappa.optimizers import gradient_descent, nesterov

# Forecasts are compared every so many products, and have settled when two comparisons in a row
# differ by less than this.
_BLOCK = 10
_SETTLED = 0.02
_AGREEMENTS = 2
# Eigenvalues below this many units of rounding of the largest count as zero.
_ROUNDING = 8.0


@dataclass(frozen=True)
class Modes:
    """The spectrum, and what is needed to write vectors in its eigenvectors.

    Args:
        spectrum: As the labels see it.
        krylov: The basis, or the eigenvectors as one that is complete.
    """

    spectrum: LabelSpectrum
    krylov: Krylov

    def dual(self, loss: Loss, response: torch.Tensor, shape: torch.Size) -> torch.Tensor:
        """Give a, so that theta_0 + J^T a is where the linearised network is.

        Args:
            loss: Squares.
            response: u, by which factor the residual has changed along each of
                `krylov.values`, shape (M,).
            shape: Of the outputs.

        Returns:
            A^(1/2) V (u - 1)/lambda V^T w, of that shape. Modes that count as zero move no weight.
        """
        values = self.krylov.values
        moves = values > self.spectrum.cut
        gained = torch.where(moves, (response - 1) / torch.where(moves, values, 1.0), 0.0)
        found = self.krylov.assemble(self.krylov.weights * self.krylov.length * gained)
        return loss.root(found.view(shape))

    def top(self, shape: torch.Size) -> tuple[float, torch.Tensor]:
        """Give the largest eigenvalue and its direction.

        Args:
            shape: Of the outputs.

        Returns:
            lambda_max, and a vector of that shape and norm 1.
        """
        last = torch.zeros_like(self.krylov.values)
        last[-1] = 1.0
        return float(self.krylov.values[-1]), self.krylov.assemble(last).view(shape)


def by_lanczos(
    products: Products,
    loss: Loss,
    residual: torch.Tensor,
    tolerance: float,
    most: int,
    progress: bool,
) -> Modes:
    """Take products until the forecasts settle.

    Args:
        products: The Jacobian at the start.
        loss: The loss.
        residual: A^(-1/2) times the gradient in the outputs.
        tolerance: The share of the removable loss at which training ends.
        most: How many products at most.
        progress: Whether to show a bar.

    Returns:
        The spectrum with its basis.
    """
    seen: list[tuple[float, float]] = []
    agreements = 0
    path = lanczos(lambda v: curved(products, loss, v), residual, most)
    with tqdm(total=most, desc="products", disable=not progress, leave=False) as bar:
        for known in path:
            bar.update()
            count = len(known.values)
            if not known.complete and count % _BLOCK and count < most:
                continue
            spectrum = _spectrum(known, residual.dtype, settled=known.complete)
            seen.append(_forecasts(spectrum, tolerance))
            agreements = agreements + 1 if _agree(seen) else 0
            if known.complete or agreements >= _AGREEMENTS:
                break
    settled = known.complete or agreements >= _AGREEMENTS
    return Modes(_spectrum(known, residual.dtype, settled), known)


def exactly(
    products: Products, loss: Loss, residual: torch.Tensor, memory: float, progress: bool
) -> tuple[Modes, torch.Tensor]:
    """Form the whole kernel.

    Args:
        products: The Jacobian at the start.
        loss: The loss.
        residual: A^(-1/2) times the gradient in the outputs.
        memory: Bytes that rows of the Jacobian may take.
        progress: Whether to show a bar.

    Returns:
        The spectrum with its eigenvectors, and J J^T, shape (N, N), float64.
    """
    kernel = whole_kernel(products, memory, progress)
    half = torch.vmap(loss.root)(kernel.view(len(kernel), *residual.shape)).view_as(kernel)
    both = torch.vmap(loss.root)(half.mT.reshape(len(kernel), *residual.shape)).view_as(kernel)
    values, vectors = torch.linalg.eigh((both + both.mT) / 2)
    length = float(residual.double().norm())
    components = vectors.mT @ residual.double().flatten().to(vectors) / length
    values, vectors, components = values.cpu(), vectors.cpu(), components.cpu()
    # Eigenvectors as a basis that starts anywhere: `vectors` are then coordinates in unit vectors.
    krylov = _Eigen(values.clamp(min=0.0), vectors, torch.eye(0), length, True, components)
    return Modes(_spectrum(krylov, residual.dtype, True, exact=True), krylov), kernel


def whole_kernel(products: Products, memory: float, progress: bool = False) -> torch.Tensor:
    """Form J J^T from blocks of rows, of which two are held at a time.

    Args:
        products: The Jacobian.
        memory: Bytes that two blocks may take.
        progress: Whether to show a bar.

    Returns:
        Shape (N, N), float64.
    """
    function = products.function
    row = function.size * torch.finfo(function.dtype).bits / 8 * function.outputs[0].numel()
    count = max(1, int(memory / (2 * row)))
    samples = range(len(function.outputs))
    blocks = [samples[i : i + count] for i in range(0, len(samples), count)]
    pairs = [(i, j) for i in range(len(blocks)) for j in range(i, len(blocks))]
    found: dict[tuple[int, int], torch.Tensor] = {}
    held, left = -1, torch.empty(0)
    for i, j in tqdm(pairs, desc="blocks of the kernel", disable=not progress, leave=False):
        if i != held:
            held, left = i, products.rows(blocks[i])
        right = left if i == j else products.rows(blocks[j])
        found[i, j] = (left @ right.mT).double()
        found[j, i] = found[i, j].mT
    size = range(len(blocks))
    return torch.cat([torch.cat([found[i, j] for j in size], 1) for i in size])


@dataclass(frozen=True)
class _Eigen(Krylov):
    # All eigenvectors, in unit vectors.

    components: torch.Tensor

    @property
    def weights(self) -> torch.Tensor:
        return self.components

    def assemble(self, coefficients: torch.Tensor) -> torch.Tensor:
        return self.vectors @ coefficients


def _spectrum(
    known: Krylov, dtype: torch.dtype, settled: bool, exact: bool = False
) -> LabelSpectrum:
    cut = float(known.values[-1]) * torch.finfo(dtype).eps * _ROUNDING
    return LabelSpectrum.of(
        known.values,
        known.weights,
        cut,
        exact=exact,
        settled=settled,
        products=0 if exact else len(known.values),
    )


def _forecasts(spectrum: LabelSpectrum, tolerance: float) -> tuple[float, float]:
    # Counts of two methods that weigh the spectrum differently. Nesterov's momentum follows from
    # gradient descent's count, which settles early: the effective kappa jumps from node to node.
    largest = spectrum.lambda_max
    slow = spectrum.steps_to(gradient_descent(1 / largest), tolerance)
    if slow is None:
        kappa = spectrum.effective_kappa(tolerance)
    else:  # (1 - 1/kappa)^(2 slow) = tolerance, where kappa is large
        kappa = max(1.0, 2 * slow / -math.log(tolerance))
    root = math.sqrt(kappa)
    fast = spectrum.steps_to(nesterov(1 / largest, (root - 1) / (root + 1)), tolerance)
    return _count(slow), _count(fast)


def _count(steps: int | None) -> float:
    return math.inf if steps is None else float(steps)


def _agree(seen: list[tuple[float, float]]) -> bool:
    if len(seen) < 2:
        return False
    return all(
        now == before or abs(now / before - 1) < _SETTLED
        for now, before in zip(seen[-1], seen[-2], strict=True)
    )
