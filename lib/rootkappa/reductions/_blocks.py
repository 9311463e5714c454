"""How many blocks of the Krylov process a run needs.

A narrow network with J blocks leaves out what flows through the blocks beyond. Block j is reached
by j applications of the middle layer, each of which carries the relative distance that weights have
moved. So the share of the outputs that flows through blocks beyond the j-th falls like (C/m)^(j+1)
with the width m; C grows with that distance, and with what a method amplifies on the way: heavy
ball at large kappa needs most. That share is read off a run of the narrow network. Measured over
methods, kappa and widths (tests), the share through the *last* block of a narrow network bounds how
far its outputs ever are from the wide one's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch

from rootkappa import _checks
from rootkappa.architectures import DeepLinear, Weights
from rootkappa.optimizers import Method, Step, walk
from rootkappa.problems import Spectrum

Tuning = Callable[[Spectrum], Method]

_FIRST = 6
# A residual at this share of its start: from there on weights, and shares with them, hardly move.
_CONVERGED = 1e-4
# Steps at which shares are read: all at the start, where they grow fastest, then evenly.
_START = 32
_LATER = 96


@dataclass(frozen=True)
class Chain:
    """A narrow network of many blocks, whose leading parts are those of fewer blocks.

    Args:
        weights: W_1, ..., W_L, each a tensor (R, rows, cols) with the units of its two sides.
        ends: Units of each hidden layer with 0, 1, ... blocks.
    """

    weights: Weights
    ends: list[tuple[int, ...]]

    @property
    def blocks(self) -> int:
        """The number of blocks."""
        return len(self.ends) - 1

    def leading(self, blocks: int) -> Weights:
        """Give the network of fewer blocks, with as many units below as above.

        Args:
            blocks: J.

        Returns:
            Its weights; a unit that only fills up has no weight and never moves.
        """
        size, pad = max(self.ends[blocks]), torch.nn.functional.pad
        narrow = self.cut(blocks)
        shapes = [(size, narrow[0].shape[2]), *[(size, size)] * (len(narrow) - 2)]
        shapes.append((narrow[-1].shape[1], size))
        return [
            pad(layer, (0, cols - layer.shape[2], 0, rows - layer.shape[1]))
            for layer, (rows, cols) in zip(narrow, shapes, strict=True)
        ]

    def cut(self, blocks: int) -> Weights:
        """Give the leading parts of the layers.

        Args:
            blocks: J.

        Returns:
            W_1, ..., W_L with the units of J blocks.
        """
        return leading_parts(self.weights, self.ends[blocks])


def leading_parts(weights: Sequence[torch.Tensor], units: Sequence[int]) -> Weights:
    """Cut layers to the first units of every hidden layer.

    Args:
        weights: W_1, ..., W_L.
        units: How many, a number a hidden layer.

    Returns:
        The same layers with fewer rows and columns.
    """
    ends = zip(weights, [*units, None], [None, *units], strict=True)
    return [layer[:, :rows, :cols] for layer, rows, cols in ends]


@dataclass(frozen=True)
class Run:
    """A run for which blocks are chosen.

    Args:
        methods: A method or a tuning, or several: the one that needs most decides.
        steps: T.
        tolerance: What share of the outputs may flow through the last block.
    """

    methods: Method | Tuning | Sequence[Method | Tuning]
    steps: int
    tolerance: float

    def tuned(self, spectra: Sequence[Spectrum]) -> list[Method]:
        """Give the methods, tunings taken at the widest spectrum of all replicas.

        Args:
            spectra: One a replica.

        Returns:
            The methods.
        """
        least = min(one.lambda_min for one in spectra)
        widest = Spectrum(least, max(one.lambda_max for one in spectra))
        given = (
            [self.methods]
            if callable(self.methods) or isinstance(self.methods, Method)
            else (_checks.sequence("methods", self.methods, "[classical_nesterov]"))
        )
        return [one if isinstance(one, Method) else one(widest) for one in given]


def chosen(
    grow: Callable[[int], Chain],
    network: Callable[[int], DeepLinear],
    run: Run,
    most: int,
    letters: int,
) -> tuple[Chain, int, float]:
    """Choose the least number of blocks that a run needs.

    At depth L it takes L - 2 blocks to win a power of the width. So that many more are taken than
    the first through which no more than the tolerance flows.

    Args:
        grow: Gives a chain of so many blocks.
        network: Gives the narrow network of so many units.
        run: The run.
        most: The largest number of blocks there can be.
        letters: L - 2.

    Returns:
        A chain, how many of its blocks to take, and the share of outputs through the last of them.

    Raises:
        ValueError: If there are not enough blocks, or the run diverges.
    """
    blocks = min(_FIRST * letters, most)
    while True:
        chain = grow(blocks)
        found = shares(chain, network, run)
        seen = found[: len(found) - letters + 1]
        enough = [j for j, share in enumerate(seen) if share <= run.tolerance]
        if enough:
            return chain, enough[0] + letters, found[enough[0]]
        if blocks == most:
            raise ValueError(
                f"a share {found[-1]:.1e} of the outputs flows through the last of {most} blocks, "
                f"more than the tolerance {run.tolerance:.1e}, and the width allows no more: train "
                "the wide network, or raise the tolerance."
            )
        blocks = min(2 * blocks, most)


def shares(chain: Chain, network: Callable[[int], DeepLinear], run: Run) -> list[float]:
    """Give the largest share of the outputs that ever flows through blocks beyond the j-th.

    Args:
        chain: The blocks.
        network: Gives the narrow network of so many units.
        run: The run.

    Returns:
        Shares of the residual at the start for j = 0, ..., J - 1, the largest over methods,
        replicas and steps.

    Raises:
        ValueError: If the run diverges.
    """
    start = chain.leading(chain.blocks)
    model = network(start[0].shape[1])
    found = torch.zeros(chain.blocks).double()
    with torch.no_grad():
        first = model.residual(start).flatten(1).norm(dim=1)
        for method in run.tuned(model.spectra(start)):
            for now in _looks(method, model, start, run.steps):
                parts = _beyond(chain, model, now.point) / first
                found = torch.maximum(found, parts.amax(1).double().cpu())
    if not bool(torch.isfinite(found).all()):
        raise ValueError(
            "the run diverges, so no number of blocks is enough: lower the step size of "
            f"{', '.join(method.name for method in run.tuned(model.spectra(start)))}."
        )
    return [float(share) for share in found]


def _looks(method: Method, model: DeepLinear, start: Weights, steps: int) -> Iterator[Step]:
    every = math.ceil(steps / _LATER)
    first = model.residual(start).flatten(1).norm(dim=1)
    for now in walk(method, model.gradient, start, steps):
        if now.t < _START or now.t % every == 0:
            yield now
            norms = model.residual(now.point).flatten(1).norm(dim=1)
            if not bool((norms > _CONVERGED * first).any()):
                return


def _beyond(chain: Chain, model: DeepLinear, point: Weights) -> torch.Tensor:
    # Norms of outputs less those of the leading blocks alone, at these weights, shape (J, R).
    whole = model.predict(point)
    norms = []
    for units in chain.ends[:-1]:
        outputs = model.X
        for layer in leading_parts(point, units):
            outputs = layer @ outputs
        factor = math.sqrt(model.scale_width) ** (model.depth - 1) * math.sqrt(len(model.Y))
        norms.append((whole - outputs / factor).flatten(1).norm(dim=1))
    return torch.stack(norms)
