"""Small modules of many kinds, and data for them."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.functional import softmax

N = 12


def _draw(*shape, seed=0):
    source = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=source, dtype=torch.float64)


FLAT, SERIES, IMAGES = _draw(N, 6), _draw(N, 5, 6), _draw(N, 1, 6, 6)
TOKENS = torch.arange(N * 5).reshape(N, 5) % 11
TARGET = torch.sin(FLAT[:, :1])


class Calls(nn.Module):
    """A function of some modules and the input."""

    def __init__(self, function, *parts):
        super().__init__()
        self.parts, self.function = nn.ModuleList(parts), function

    def forward(self, x):
        return self.function(self.parts, x)


def _last(parts, x):
    return parts[1](parts[0](x)[0][:, -1])


def _attention(parts, x):
    return parts[1](parts[0](x, x, x)[0].mean(1))


def _mixture(parts, x):
    shares = softmax(parts[0](x), -1).unsqueeze(-1)
    return (shares * torch.stack([expert(x) for expert in parts[1:]], 1)).sum(1)


def _switched(parts, x):
    hidden = parts[0](x)
    return parts[1](torch.tanh(1.5 * hidden if x.ndim > 7 else hidden))


def _tied():
    first, second = nn.Linear(6, 6), nn.Linear(6, 6)
    second.weight = first.weight
    return nn.Sequential(first, nn.Tanh(), second, nn.Tanh(), nn.Linear(6, 1))


def _frozen():
    module = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 1))
    module[0].weight.requires_grad_(False)
    return module


def _normed(norm):
    return nn.Sequential(nn.Linear(6, 8), norm, nn.GELU(), nn.Linear(8, 1))


# Module and inputs; the target is the same for all.
ZOO = {
    "linear": (lambda: nn.Linear(6, 1), FLAT),
    "frozen": (_frozen, FLAT),
    "tied": (_tied, FLAT),
    "layer norm": (lambda: _normed(nn.LayerNorm(8)), FLAT),
    "batch norm": (lambda: _normed(nn.BatchNorm1d(8)), FLAT),
    "batch norm, eval": (lambda: _normed(nn.BatchNorm1d(8)).eval(), FLAT),
    "convolution": (
        lambda: nn.Sequential(nn.Conv2d(1, 3, 3), nn.SiLU(), nn.Flatten(), nn.Linear(48, 1)),
        IMAGES,
    ),
    "pooling": (
        lambda: nn.Sequential(nn.Conv2d(1, 3, 3), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(12, 1)),
        IMAGES,
    ),
    "lstm": (lambda: Calls(_last, nn.LSTM(6, 4, batch_first=True), nn.Linear(4, 1)), SERIES),
    "gru": (lambda: Calls(_last, nn.GRU(6, 4, batch_first=True), nn.Linear(4, 1)), SERIES),
    "attention": (
        lambda: Calls(_attention, nn.MultiheadAttention(6, 2, batch_first=True), nn.Linear(6, 1)),
        SERIES,
    ),
    "encoder": (
        lambda: Calls(
            lambda parts, x: parts[1](parts[0](x).mean(1)),
            nn.TransformerEncoderLayer(6, 2, 8, dropout=0.0, batch_first=True),
            nn.Linear(6, 1),
        ),
        SERIES,
    ),
    "tokens": (
        lambda: nn.Sequential(nn.Embedding(11, 3), nn.Flatten(), nn.Linear(15, 1)),
        TOKENS,
    ),
    "bag": (lambda: nn.Sequential(nn.EmbeddingBag(11, 4), nn.Tanh(), nn.Linear(4, 1)), TOKENS),
    "bilinear": (lambda: Calls(lambda parts, x: parts[0](x, x), nn.Bilinear(6, 6, 1)), FLAT),
    "mixture": (
        lambda: Calls(_mixture, nn.Linear(6, 2), nn.Linear(6, 1), nn.Linear(6, 1)),
        FLAT,
    ),
    "control flow": (lambda: Calls(_switched, nn.Linear(6, 4), nn.Linear(4, 1)), FLAT),
}


def perceptron(width=16, activation=nn.Tanh, outputs=1, seed=0):
    """A network with one hidden layer."""
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(6, width), activation(), nn.Linear(width, outputs)).double()


def jacobian(module, inputs):
    """J by a backward pass for each output: naive and obviously right."""
    parameters = [p for p in module.parameters() if p.requires_grad]
    outputs = module(inputs).flatten()
    rows = []
    for one in outputs:
        found = torch.autograd.grad(one, parameters, retain_graph=True, allow_unused=True)
        filled = [
            torch.zeros_like(p) if g is None else g for p, g in zip(parameters, found, strict=True)
        ]
        rows.append(torch.cat([g.flatten() for g in filled]))
    return torch.stack(rows)
