"""Kernels at the start: the formula, orthogonal weights, and how Gaussian ones concentrate."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import torch

from rootkappa import datasets, devices, kernels, rates
from rootkappa.architectures import DeepLinear
from rootkappa.architectures.model import kronecker
from rootkappa.draws import numpy_generator
from rootkappa.evidence.deep_linear.networks import FILLS, INPUTS, OUTPUTS, mean
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control

# The window of Du and Hu (2019), Propositions 6.2 and 6.3.
LOW, HIGH = 0.8**4, 1.2**4
DEPTHS = (2, 4, 8, 16)
WIDTHS = (64, 256, 1024, 2**12, 2**14, 2**16, 2**20)
_INSIDE = (256, 512, 1024)
# Every term of the kernel has L - 1 Gaussian factors.
_FACTORS = [depth - 1 for depth in DEPTHS]
_CONCENTRATED = (3, 4)
_GRID = [round(16 * 2 ** (step / 2)) for step in range(15)]
_NETWORKS, _ENOUGH = 40, 32


@measures("deep-linear/kernel-formula")
def kernel_formula(seeds: Sequence[int]) -> Evidence:
    """Compare the formula of the kernel with J J^T from automatic differentiation.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """
    right, wrong = [], []
    for seed in seeds:
        data = datasets.gaussian(d=6, k=3, n=12, kappa=9, seed=seed)
        networks = [DeepLinear(data.X, data.Y, 20, 4, fill) for fill in FILLS]
        starts = [network.initialise([seed]) for network in networks]
        pairs = list(zip(networks, starts, strict=True))
        exact = [kernels.empirical(*pair) for pair in pairs]
        ours = [network.tangent_kernel(start) for network, start in pairs]
        right.append(_farthest(ours, exact))
        wrong.append(_farthest([_exchanged(one, 12, 3) for one in ours], exact))
    what = "features and backward products exchanged in the Kronecker product"
    return Evidence({"deviation": right}, Control(what, {"deviation": wrong}))


@measures("deep-linear/orthogonal-kernel")
def orthogonal_kernel(seeds: Sequence[int]) -> Evidence:
    """Compare the kernel of orthogonal networks, narrow and wide, with (L/k) X^T X (x) I.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """

    def compare(fill: str) -> dict[str, list[float]]:
        off: dict[str, list[float]] = {"deviation": [], "condition_deviation": []}
        for seed in seeds:
            data = datasets.gaussian(kappa=25, seed=seed).reduced()
            limit = 4 / 3 * torch.kron(data.X.T @ data.X, torch.eye(3).double())[None]
            networks = [DeepLinear(data.X, data.Y, width, 4, fill) for width in (16, 64)]
            found = [network.tangent_kernel(network.initialise([seed])) for network in networks]
            conditions = torch.cat([kernels.condition_number(one) for one in found])
            off["deviation"].append(_farthest(found, [limit] * 2))
            off["condition_deviation"].append(float((conditions / 25 - 1).abs().max()))
        return off

    control = Control("Gaussian weights of the same widths", compare("gaussian"))
    return Evidence(compare("orthogonal"), control)


def _farthest(ours: Sequence[torch.Tensor], exact: Sequence[torch.Tensor]) -> float:
    pairs = zip(ours, exact, strict=True)
    return max(float((one - other).norm() / other.norm()) for one, other in pairs)


def _exchanged(kernel: torch.Tensor, samples: int, outputs: int) -> torch.Tensor:
    tables = kernel.reshape(-1, samples, outputs, samples, outputs)
    return tables.transpose(1, 2).transpose(3, 4).reshape(kernel.shape)


@measures("deep-linear/gaussian-kernel-window")
def gaussian_kernel_window(seeds: Sequence[int]) -> Evidence:
    """Measure how far whitened kernels of Gaussian networks are from the identity.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """

    def spectra(width: int) -> torch.Tensor:
        draws = [[_network(width, depth, seed) for seed in seeds] for depth in _CONCENTRATED]
        return torch.stack([torch.cat(rows) for rows in draws])

    def ends(widths: Sequence[int]) -> dict[str, torch.Tensor]:
        found = torch.stack([spectra(width) for width in widths])
        return {"least": found.amin((0, 1, 3)), "largest": found.amax((0, 1, 3))}

    deviations = torch.stack([(spectra(width) - 1).abs().amax(2) for width in WIDTHS])
    depths, sizes = (torch.tensor(of, dtype=torch.float64) for of in (_CONCENTRATED, WIDTHS))
    units = depths * INPUTS / sizes[:, None]
    # Width, depth, seed; in units of sqrt(L d / m), and only from 256 on.
    ratios = (deviations / units.sqrt()[:, :, None])[1:]
    fit = rates.scaling_exponent(WIDTHS[1:], (deviations[1:]).flatten(1))
    measured = {
        "exponent": (fit.value, fit.interval),
        "prefactor": mean(ratios.mean((0, 1))),
        **ends(_INSIDE),
    }
    control = Control("width 32", ends([32]))
    return Evidence(measured, control, shown={"deviations": deviations, "units": units.sqrt()})


@measures("deep-linear/width-near-linear-in-depth")
def width_near_linear_in_depth(seeds: Sequence[int]) -> Evidence:
    """Find the width at which most networks have their whitened kernel in [1/2, 2].

    Args:
        seeds: The seeds of the draws, each of forty networks a width and a depth.

    Returns:
        The evidence.
    """

    def measured(kind: Callable[[int, int, int, int], torch.Tensor]) -> dict[str, list[float]]:
        widths = [[critical_width(kind, depth, seed) for seed in seeds] for depth in DEPTHS]
        fits = [rates.scaling_exponent(_FACTORS, each) for each in zip(*widths, strict=True)]
        named = {f"width_at_{L}": found for L, found in zip(DEPTHS, widths, strict=True)}
        # Widths lie on a grid, so that exponents of rounding alone stand for 0.
        return {"exponent": [round(fit.value, 9) + 0.0 for fit in fits], **named}

    control = Control("linear ResNets, whose layers start at zero", measured(_residual))
    return Evidence(measured(_network), control)


def critical_width(
    kind: Callable[[int, int, int, int], torch.Tensor], depth: int, seed: int
) -> float:
    """Find the first width of a grid at which four fifths of the networks lie in [1/2, 2].

    Args:
        kind: Draws whitened kernels of a width, a depth, a seed and a number of networks.
        depth: L.
        seed: The seed of the networks.

    Returns:
        The width, or infinity.
    """
    for width in _GRID:
        values = kind(width, depth, seed, _NETWORKS)
        if int(((values > 0.5) & (values < 2)).all(1).sum()) >= _ENOUGH:
            return width
    return math.inf


def _network(width: int, depth: int, seed: int, networks: int = 1) -> torch.Tensor:
    return whitened(width, depth, networks, _source(width, depth, seed))


def _residual(width: int, depth: int, seed: int, networks: int) -> torch.Tensor:
    # The kernel of a linear ResNet is A^T A (x) B B^T at any depth.
    source = _source(width, depth, seed)
    A, B = (_factor(columns, width, networks, source) for columns in (INPUTS, OUTPUTS))
    values: torch.Tensor = torch.linalg.eigvalsh(kronecker(A.mT @ A, B.mT @ B) / width**2)
    return values


def _source(width: int, depth: int, seed: int) -> np.random.Generator:
    # Networks of different widths are different draws.
    return numpy_generator(devices.seed(width=width, depth=depth, seed=seed))


def whitened(width: int, depth: int, networks: int, source: np.random.Generator) -> torch.Tensor:
    """Draw whitened kernels of Gaussian networks, at a cost that does not depend on the width.

    Relative to its mean the kernel at the start is the average over the layers l of A_l (x) B_l,
    with A_l the Gram matrix of the features W_{l-1} ... W_1, and B_l that of W_L ... W_{l+1}. The
    data drop out. A middle layer W meets the features in an orthonormal basis Q, and what is above
    in a basis P, and neither knows W. So W Q and W^T P have independent entries N(0, 1), and share
    the block P^T W Q. Their triangular factors are those of that block, stacked on a Wishart
    factor of the other m - k or m - d rows.

    Args:
        width: m, at least d + k.
        depth: L, at least 2.
        networks: R.
        source: A random generator.

    Returns:
        Eigenvalues in ascending order, shape (R, k d).
    """
    eyes = [torch.eye(size).double().expand(networks, -1, -1) for size in (INPUTS, OUTPUTS)]
    features = [eyes[0], _factor(INPUTS, width, networks, source)]
    above = [eyes[1], _factor(OUTPUTS, width, networks, source)]
    middle = [_meeting(width, networks, source) for _ in range(depth - 2)]
    for below, _ in middle:
        features.append(below @ features[-1])
    for _, over in reversed(middle):
        above.append(over @ above[-1])
    # Each factor is about sqrt(m), and the l-th pair has L - 1 of them.
    scale = math.sqrt(width) ** (depth - 1)
    pairs = zip(features, reversed(above), strict=True)
    terms = [kronecker(F.mT @ F / scale, G.mT @ G / scale) for F, G in pairs]
    values: torch.Tensor = torch.linalg.eigvalsh(torch.stack(terms).mean(0))
    return values


def _meeting(
    width: int, networks: int, source: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    # Triangular factors of W Q and of W^T P, where W is a Gaussian middle layer.
    shared = torch.from_numpy(source.standard_normal((networks, OUTPUTS, INPUTS)))
    rest = _factor(INPUTS, width - OUTPUTS, networks, source)
    over = _factor(OUTPUTS, width - INPUTS, networks, source)
    stacks = (torch.cat([shared, rest], 1), torch.cat([shared.mT, over], 1))
    below, top = (torch.linalg.qr(stack, mode="r").R for stack in stacks)
    return below, top


def _factor(columns: int, rows: int, networks: int, source: np.random.Generator) -> torch.Tensor:
    # Of Gaussian matrices, as `reductions.bartlett` draws them one by one.
    factors = np.triu(source.standard_normal((networks, columns, columns)), 1)
    degrees = rows - np.arange(columns, dtype=float)
    diagonal = np.sqrt(source.chisquare(degrees, (networks, columns)))
    return torch.from_numpy(factors + diagonal[:, :, None] * np.eye(columns))
