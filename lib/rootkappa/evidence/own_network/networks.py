"""The population: 77 networks on the digits, on diabetes and on made data, by name and seed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import nn

SAMPLES = 60
SEEDS = (0, 1, 2)
DATA = ("digits", "diabetes", "made")
ACTIVATIONS: Mapping[str, type[nn.Module]] = {"tanh": nn.Tanh, "relu": nn.ReLU, "gelu": nn.GELU}
# Attention and recurrence read a sample as so many tokens.
_TOKENS = 8


class Scaled(nn.Module):
    """A network times a number.

    Args:
        network: The network.
        scale: The number.
    """

    def __init__(self, network: nn.Module, scale: float) -> None:
        super().__init__()
        self.network, self.scale = network, scale

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Give the outputs.

        Args:
            x: Samples.

        Returns:
            One number a sample.
        """
        out: torch.Tensor = self.scale * self.network(x)
        return out


class _Residual(nn.Module):
    def __init__(self, inputs: int, width: int, activation: str) -> None:
        super().__init__()
        self.first = nn.Linear(inputs, width)
        self.blocks = nn.ModuleList([nn.Linear(width, width) for _ in range(3)])
        self.last = nn.Linear(width, 1)
        self.activation = ACTIVATIONS[activation]()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = self.first(x)
        for block in self.blocks:
            h = h + self.activation(block(h))
        out: torch.Tensor = self.last(h)
        return out


class _Attention(nn.Module):
    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self.embedding = nn.Linear(inputs // _TOKENS, width)
        self.attention = nn.MultiheadAttention(width, 2, batch_first=True)
        self.last = nn.Linear(width, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = self.embedding(_tokens(x))
        out: torch.Tensor = self.last((h + self.attention(h, h, h)[0]).mean(1))
        return out


class _Recurrent(nn.Module):
    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self.cell = nn.GRU(inputs // _TOKENS, width, batch_first=True)
        self.last = nn.Linear(width, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.last(self.cell(_tokens(x))[0][:, -1])
        return out


class _Convolutional(nn.Module):
    def __init__(self, _: int, width: int, activation: str) -> None:
        super().__init__()
        make = ACTIVATIONS[activation]
        self.layers = nn.Sequential(
            *(nn.Conv2d(1, width, 3, padding=1), make(), nn.AvgPool2d(2)),
            *(nn.Conv2d(width, 2 * width, 3, padding=1), make()),
            *(nn.Flatten(), nn.Linear(32 * width, 1)),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.layers(x.reshape(-1, 1, 8, 8))
        return out


class _Theory(nn.Module):
    # Two layers as the theorems have them: N(0, 1) weights, scaled in the forward pass.
    def __init__(self, inputs: int, width: int, activation: str) -> None:
        super().__init__()
        self.A = nn.Parameter(torch.randn(width, inputs))
        self.b = nn.Parameter(torch.randn(1, width))
        self.activation = ACTIVATIONS[activation]()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        hidden = self.activation(x @ self.A.T / x.shape[1] ** 0.5)
        out: torch.Tensor = hidden @ self.b.T / self.A.shape[0] ** 0.5
        return out


@dataclass(frozen=True)
class Entry:
    """A network of the population.

    Args:
        data: What it is trained on.
        make: From the number of inputs to a module; draws the weights from torch's own generator.
    """

    data: str
    make: Callable[[int], nn.Module]


def _perceptron(width: int, depth: int, activation: str) -> Callable[[int], nn.Module]:
    def make(inputs: int) -> nn.Module:
        layers: list[nn.Module] = []
        for _ in range(depth):
            layers += [nn.Linear(inputs, width), ACTIVATIONS[activation]()]
            inputs = width
        return nn.Sequential(*layers, nn.Linear(inputs, 1))

    return make


def _scaled(make: Callable[[int], nn.Module], scale: float) -> Callable[[int], nn.Module]:
    return lambda inputs: Scaled(make(inputs), scale)


def _entries() -> Iterator[tuple[str, Entry]]:
    for data in DATA:
        for act in ACTIVATIONS:
            for width, depth, c in (
                *((64, 1, 1), (400, 1, 1), (100, 2, 1)),
                *((100, 2, 10), (400, 1, 10)),
            ):
                made = _scaled(_perceptron(width, depth, act), c)
                yield f"mlp {act} {width}x{depth} c{c} {data}", Entry(data, made)
            yield f"ntk {act} 400 {data}", Entry(data, partial(_Theory, width=400, activation=act))
            made = _scaled(partial(_Residual, width=64, activation=act), 3)
            yield f"res {act} 64 c3 {data}", Entry(data, made)
    for c in (1, 10):
        for act in ACTIVATIONS:
            made = _scaled(partial(_Convolutional, width=16, activation=act), c)
            yield f"cnn {act} 16 c{c} digits", Entry("digits", made)
        for data in ("digits", "made"):
            yield f"att 32 c{c} {data}", Entry(data, _scaled(partial(_Attention, width=32), c))
            yield f"gru 32 c{c} {data}", Entry(data, _scaled(partial(_Recurrent, width=32), c))


NETWORKS: Mapping[str, Entry] = dict(_entries())


def data(name: str, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Give 60 samples with their labels.

    Args:
        name: "digits" for threes and eights, "diabetes", or "made".
        seed: The seed of made data; the others are what they are.

    Returns:
        X, shape (60, d), and Y, shape (60, 1).
    """
    if name == "digits":
        digits = _loaded("digits")
        kept = [i for i, digit in enumerate(digits.target) if digit in (3, 8)][:SAMPLES]
        labels = [[1.0] if digits.target[i] == 3 else [-1.0] for i in kept]
        X = torch.tensor(digits.images[kept] / 16, dtype=torch.float64)
        return X.flatten(1), torch.tensor(labels, dtype=torch.float64)
    if name == "diabetes":
        table = _loaded("diabetes")
        y = torch.tensor(table.target[:SAMPLES], dtype=torch.float64)
        return torch.tensor(table.data[:SAMPLES]) * 20, ((y - y.mean()) / y.std()).unsqueeze(1)
    source = torch.Generator().manual_seed(1000 + seed)
    X = torch.randn(SAMPLES, 8, generator=source, dtype=torch.float64)
    return X, torch.sin(X[:, :1]) + X[:, 1:2] * X[:, 2:3] / 2


def _loaded(name: str) -> Any:
    from sklearn import datasets  # half a second, with pandas where that is installed

    return getattr(datasets, f"load_{name}")()


def build(name: str, seed: int) -> tuple[nn.Module, torch.Tensor, torch.Tensor]:
    """Make a network of the population with its data, in double precision.

    Args:
        name: A key of `NETWORKS`.
        seed: The seed of weights and made data. A stored population must stay what it is, so that
            no shift moves them.

    Returns:
        The module, X and Y.
    """
    entry = NETWORKS[name]
    X, Y = data(entry.data, seed)
    with torch.random.fork_rng(devices=[]), _double():
        torch.manual_seed(7919 * seed + sum(map(ord, name)))
        return entry.make(X.shape[1]), X, Y


@contextmanager
def _double() -> Iterator[None]:
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def _tokens(x: torch.Tensor) -> torch.Tensor:
    return x.reshape(len(x), _TOKENS, x.shape[1] // _TOKENS)
