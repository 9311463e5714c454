"""A plain loop over all weights, and random networks for it: the oracle of the reduction."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rootkappa.reductions.frozen_live.bounds import Bounds
from rootkappa.reductions.frozen_live.forecast import Flow, within_reach
from rootkappa.reductions.frozen_live.network import FrozenLive, Start
from rootkappa.reductions.frozen_live.neurons import Block
from rootkappa.reductions.frozen_live.passes import survey


class Plain(list):
    """Blocks that lie in a list."""

    def __init__(self, blocks):
        super().__init__(blocks)
        self.width = sum(len(block.W) * (1 + (block.twins is not None)) for block in blocks)


class Network(NamedTuple):
    X: np.ndarray
    y: np.ndarray
    W: np.ndarray
    a: np.ndarray
    scale: float
    leak: float = 0.0

    @property
    def neurons(self):
        half = len(self.W) // 2
        return Plain(
            [Block(0, self.W[:half], self.a[:half]), Block(half, self.W[half:], self.a[half:])]
        )

    def hidden(self, W=None):
        return (self.W if W is None else W) @ self.X

    def slopes(self, W=None):
        return np.where(self.hidden(W) >= 0, 1.0, self.leak)

    def outputs(self, W=None):
        return self.scale * (self.slopes(W) * self.hidden(W)).T @ self.a

    def kernel(self, W=None):
        open_ = (self.slopes(W)[:, :, None] * self.a[:, None]).reshape(len(self.a), -1)
        k = self.a.shape[1]
        return self.scale**2 * np.kron(self.X.T @ self.X, np.ones((k, k))) * (open_.T @ open_)


def network(m, n, k=1, d=5, loud=1.0, seed=0, signs=True, leak=0.0):
    source = np.random.default_rng(seed)
    X = source.standard_normal((d, n))
    a = source.standard_normal((m, k))
    return Network(
        X / np.linalg.norm(X, axis=0),
        loud * source.standard_normal((n, k)),
        source.standard_normal((m, d)),
        np.sign(a) if signs else a,
        m**-0.5,
        leak,
    )


def trained(net, numbers, steps, shares=None):
    """Residuals, shape (T + 1, n, k), last weights, and the pairs that were ever off."""
    W, V, first, xis = net.W.copy(), 0 * net.W, net.hidden() >= 0, []
    ever = np.zeros_like(first)
    for t in range(steps):
        ever |= (net.hidden(W) >= 0) != first
        xis.append(net.outputs(W) - net.y)
        xi = xis[-1] if shares is None else shares[t][:, None] * xis[-1]
        slope = net.scale * (net.slopes(W) * (net.a @ xi.T)) @ net.X.T
        eta, beta, gamma = numbers(t)
        old, V = V, beta * V - eta * slope
        W = W - gamma * old + (1 + numbers(t + 1)[2]) * V
    ever |= (net.hidden(W) >= 0) != first
    return np.array([*xis, net.outputs(W) - net.y]), W, ever


def reduced(net, method, steps, shares=None, bounds=None):
    """The reduced network at t = 0."""
    bounds = bounds or Bounds(net.X, net.leak)
    f, H = survey(net.neurons, bounds, net.scale)
    shares = np.ones((steps, len(net.y))) if shares is None else shares
    path = Flow.resting(method, f - net.y, H).path(shares)[0]
    start = Start(net.neurons, bounds, net.scale, net.y, f, H)
    return FrozenLive(start, method, within_reach(path, bounds), shares)


def walked(network, steps):
    """Its residuals, shape (T + 1, n, k)."""
    found = [network.residual]
    for t in range(1, steps + 1):
        network.advance(t)
        found.append(network.residual)
    return np.array(found)
