"""What small batches leave of the gain of momentum, measured afresh on small networks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import torch
from torch import nn

from rootkappa import draws
from rootkappa.diagnosis import diagnose
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control

SAMPLES, _INPUTS, _WIDTH = 40, 8, 64
# Multiplies the output, so that theory speaks.
_SCALE = 4.0
_TOLERANCE = 0.01
_FEWEST = 2
BATCHES = (_FEWEST, 10, 20, SAMPLES)
# Step sizes as shares of the recommended one: the best counts for each batch and method.
SHARES = (1.0, 0.5, 0.25, 0.125, 0.0625, 0.03125)
_MOST = 2000
_DIVERGED = 1e4


class Small(nn.Module):
    """Two layers of tanh.

    Args:
        inner: Weights of the inner layer, shape (64, 8).
        outer: Weights of the outer one, shape (1, 64).
    """

    def __init__(self, inner: torch.Tensor, outer: torch.Tensor) -> None:
        super().__init__()
        self.inner, self.outer = nn.Parameter(inner), nn.Parameter(outer)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Give the outputs.

        Args:
            x: Samples, shape (n, 8).

        Returns:
            Shape (n, 1).
        """
        return _forward(x, self.inner, self.outer)[1]


def _forward(
    x: torch.Tensor, inner: torch.Tensor, outer: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    # Hidden units and outputs, of one network or of many.
    hidden = torch.tanh(x @ inner.mT / _INPUTS**0.5)
    return hidden, _SCALE * hidden @ outer.mT / _WIDTH**0.5


@dataclass(frozen=True)
class Drawn:
    """A network with its data, and the numbers recommended for it.

    Args:
        X: Samples, shape (40, 8).
        Y: Labels, shape (40, 1).
        weights: Inner and outer layer.
        numbers: (lr, momentum) of gradient descent and of heavy ball.
        critical: The batch from which on momentum should pay, as diagnosed.
    """

    X: torch.Tensor
    Y: torch.Tensor
    weights: tuple[torch.Tensor, torch.Tensor]
    numbers: tuple[tuple[float, float], tuple[float, float]]
    critical: float


def drawn(seed: int) -> Drawn:
    """Draw data and a network of two layers, and diagnose it.

    Args:
        seed: The seed of both.

    Returns:
        The network.
    """
    source = draws.generator(seed)
    X = draws.normal((SAMPLES, _INPUTS), source)
    Y = torch.sin(X[:, :1]) + X[:, 1:2] * X[:, 2:3] / 2
    weights = (draws.normal((_WIDTH, _INPUTS), source), draws.normal((1, _WIDTH), source))
    found = diagnose(Small(*weights), X, Y, tolerance=_TOLERANCE)
    told = [found.torch_kwargs(name) for name in ("gradient descent", "heavy ball")]
    slow, fast = ((entry["lr"], entry["momentum"]) for entry in told)
    return Drawn(X, Y, weights, (slow, fast), found.critical_batch)


def steps(networks: Sequence[Drawn], batch: int, seeds: Sequence[int]) -> torch.Tensor:
    """Count steps to the tolerance, for both methods, each with the best of some step sizes.

    Args:
        networks: The networks, which are trained side by side.
        batch: How many samples a step sees, drawn anew at each step.
        seeds: The seed of each network's batches; all runs on a network see the same.

    Returns:
        Steps of gradient descent and of heavy ball, shape (2, networks); infinite where none
        arrives in 2000 steps.
    """
    shares = SHARES if batch < SAMPLES else SHARES[:1]
    sources = [draws.generator(seed) for seed in seeds]
    runs = _Runs.of(networks, shares)
    group = torch.arange(len(runs.rate)) // len(shares)
    found = torch.full((2 * len(networks),), torch.inf, dtype=torch.float64)
    start = runs.loss()[0]
    for t in range(_MOST + 1):
        loss, hidden, residual = runs.loss()
        found[group[loss < _TOLERANCE * start]] = t
        # The first of a group to arrive is its best.
        kept = torch.isinf(found[group]) & (loss < _DIVERGED * start)
        if not bool(kept.any()):
            break
        seen = _chosen(batch, sources)[runs.network[kept]]
        start, group = start[kept], group[kept]
        runs = runs.where(kept).moved(hidden[kept], residual[kept] * seen / batch)
    return found.view(len(networks), 2).mT


@dataclass(frozen=True)
class _Runs:
    # Networks, methods and step sizes side by side, with velocities as torch.optim.SGD has them.
    X: torch.Tensor
    Y: torch.Tensor
    inner: torch.Tensor
    outer: torch.Tensor
    inner_velocity: torch.Tensor
    outer_velocity: torch.Tensor
    rate: torch.Tensor
    momentum: torch.Tensor
    network: torch.Tensor

    @classmethod
    def of(cls, networks: Sequence[Drawn], shares: Sequence[float]) -> _Runs:
        index = [(i, m, s) for i in range(len(networks)) for m in (0, 1) for s in shares]
        chosen = [networks[i] for i, _, _ in index]
        X, Y = (torch.stack([getattr(n, name) for n in chosen]) for name in ("X", "Y"))
        inner, outer = (torch.stack([n.weights[k] for n in chosen]) for k in (0, 1))
        numbers = [networks[i].numbers[m] for i, m, _ in index]
        rates = [rate * s for (rate, _), (_, _, s) in zip(numbers, index, strict=True)]
        rate, momentum = (
            torch.tensor(values, dtype=X.dtype).view(-1, 1, 1)
            for values in (rates, [beta for _, beta in numbers])
        )
        still = torch.zeros_like(inner), torch.zeros_like(outer)
        of = torch.tensor([i for i, _, _ in index])
        return cls(X, Y, inner, outer, *still, rate, momentum, of)

    def loss(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        hidden, outputs = _forward(self.X, self.inner, self.outer)
        residual = outputs - self.Y
        return residual.square().mean((1, 2)), hidden, residual

    def where(self, kept: torch.Tensor) -> _Runs:
        return _Runs(*(getattr(self, entry.name)[kept] for entry in fields(self)))

    def moved(self, hidden: torch.Tensor, residual: torch.Tensor) -> _Runs:
        slope = 2 * _SCALE / _WIDTH**0.5 * residual
        inner = ((slope * self.outer) * (1 - hidden.square())).mT @ self.X / _INPUTS**0.5
        inner = self.momentum * self.inner_velocity + inner
        outer = self.momentum * self.outer_velocity + slope.mT @ hidden
        return replace(
            self,
            inner=self.inner - self.rate * inner,
            outer=self.outer - self.rate * outer,
            inner_velocity=inner,
            outer_velocity=outer,
        )


def _chosen(batch: int, sources: Sequence[torch.Generator]) -> torch.Tensor:
    # 1 for the samples that a step sees, shape (networks, n, 1).
    drawn = [torch.rand(SAMPLES, generator=one, dtype=torch.float64) for one in sources]
    mask = torch.zeros(len(sources), SAMPLES, dtype=torch.float64)
    return mask.scatter_(1, torch.stack(drawn).argsort(1)[:, :batch], 1.0).unsqueeze(-1)


@measures("own-network/batch-eats-gain")
def batch_eats_gain(seeds: Sequence[int]) -> Evidence:
    """Train small networks with batches of 2 to 40 of 40 samples, and say what momentum gains.

    Args:
        seeds: The seeds of data, weights and batches.

    Returns:
        The evidence.
    """
    networks = [drawn(seed) for seed in seeds]
    counts = {batch: steps(networks, batch, seeds) for batch in BATCHES}
    gains = {batch: slow / fast for batch, (slow, fast) in counts.items()}
    whole = gains[SAMPLES]
    kept = {batch: ((gain - 1) / (whole - 1)).tolist() for batch, gain in gains.items()}
    control = Control("batches of all samples", {"kept": kept[SAMPLES]})
    shown = {"gains": gains, "critical": [network.critical for network in networks]}
    return Evidence({"kept": kept[_FEWEST]}, control, shown=shown)
