"""Minibatches: which samples count at a step, and how much."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from rootkappa import _checks, devices
from rootkappa.draws import generator

# Steps drawn at a time. One replica's draws do not depend on how the run is chunked.
_AHEAD = 256


@dataclass(frozen=True)
class Batches:
    """Stochastic gradients: b samples a step, scaled by n/b so that they are unbiased.

    Residuals are still measured on all data.

    Args:
        size: b, at least 1 and at most n.
        seeds: One seed a replica: the order of its batches depends on nothing else.
        sampling: "replacement" draws b independent samples a step, "subset" b different ones a
            step, "epoch" goes through all samples in random order before it shuffles them again
            (the n mod b samples left at the end of an epoch are skipped).

    Raises:
        ValueError: If the size is below 1, a seed is out of range, or the sampling is unknown.
        TypeError: If the size or a seed is not whole.

    Example:
        >>> Batches(2, [0], "epoch").shares(4, [0])(0).shape
        torch.Size([1, 4])
    """

    size: int
    seeds: Sequence[int]
    sampling: str = "replacement"

    def __post_init__(self) -> None:
        """Check size, seeds and sampling."""
        object.__setattr__(self, "size", _checks.count("batch size", self.size))
        object.__setattr__(self, "seeds", tuple(_checks.seeds(self.seeds)))
        _checks.choice("sampling", self.sampling, _SAMPLINGS)

    def fit(self, samples: int, replicas: int) -> None:
        """Check that the batches fit the data and the replicas.

        Args:
            samples: n.
            replicas: R.

        Raises:
            ValueError: If a batch is larger than the data, or there is not one seed a replica.
        """
        if self.size > samples:
            raise ValueError(
                f"batch size {self.size} exceeds the n = {samples} samples: lower it, or train on "
                "all data without batches."
            )
        if len(self.seeds) != replicas:
            raise ValueError(
                f"got {len(self.seeds)} batch seeds for {replicas} replicas: give one each."
            )

    def shares(self, samples: int, rows: Sequence[int]) -> Shares:
        """Start the draws of some replicas.

        Args:
            samples: n.
            rows: Which replicas.

        Returns:
            What gives the weights of the samples, step by step.
        """
        return Shares(self, samples, rows)


class Shares:
    """The weights of all samples at the steps 0, 1, ... of some replicas, to be asked in order.

    Args:
        batches: Size, seeds and sampling.
        samples: n.
        rows: Which replicas.
    """

    def __init__(self, batches: Batches, samples: int, rows: Sequence[int]) -> None:
        self._draw = _SAMPLINGS[batches.sampling]
        self._samples, self._size = samples, batches.size
        seeds = (devices.seed(purpose="batches", seed=batches.seeds[row]) for row in rows)
        self._sources = [generator(seed) for seed in seeds]
        self._first, self._block = 0, torch.empty(len(rows), 0, self._size, dtype=torch.int64)

    def keep(self, kept: Sequence[int]) -> None:
        """Drop the replicas that have ended.

        Args:
            kept: The places of those that go on.
        """
        self._sources = [self._sources[index] for index in kept]
        self._block = self._block[list(kept)]

    def __call__(self, step: int) -> torch.Tensor:
        """Give the weights of the samples at a step.

        Args:
            step: t, the step after the last one asked for, or that one again.

        Returns:
            n/b times how often each sample was drawn, shape (R, n), float64 on the CPU.
        """
        while step >= self._first + self._block.shape[1]:
            self._first += self._block.shape[1]
            draws = [self._draw(self._samples, self._size, source) for source in self._sources]
            self._block = torch.stack(draws)
        chosen = self._block[:, step - self._first]
        shares = torch.zeros(len(chosen), self._samples, dtype=torch.float64)
        scale = torch.tensor(self._samples / self._size, dtype=torch.float64)
        return shares.scatter_add_(1, chosen, scale.expand(chosen.shape))


def _with_replacement(samples: int, size: int, source: torch.Generator) -> torch.Tensor:
    return torch.randint(samples, (_AHEAD, size), generator=source)


def _subsets(samples: int, size: int, source: torch.Generator) -> torch.Tensor:
    return torch.rand(_AHEAD, samples, generator=source).argsort(1)[:, :size]


def _epoch(samples: int, size: int, source: torch.Generator) -> torch.Tensor:
    whole = samples // size
    return torch.randperm(samples, generator=source)[: whole * size].reshape(whole, size)


_SAMPLINGS: dict[str, Callable[[int, int, torch.Generator], torch.Tensor]] = {
    "replacement": _with_replacement,
    "subset": _subsets,
    "epoch": _epoch,
}
