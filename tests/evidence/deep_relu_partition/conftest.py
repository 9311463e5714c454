"""The oracle: the network, its gradient by automatic differentiation, and Nesterov by a loop."""

from __future__ import annotations

import pytest
import torch


def outputs(model, layers):
    hidden = model.X
    for layer in layers[:-1]:
        hidden = torch.relu(layer @ hidden)
    return layers[-1] @ hidden


@pytest.fixture
def autograd():
    """U as a function of the layers, of one network."""
    return outputs


@pytest.fixture
def plain_loop():
    """The weights of every step, and the residual at every evaluation point."""

    def run(start, eta, beta, steps):
        now = [layer[0] for layer in start.weights]
        before, path, norms = now, [], []
        for _ in range(steps + 1):
            pairs = zip(now, before, strict=True)
            ahead = [(w + beta * (w - v)).requires_grad_() for w, v in pairs]
            residual = outputs(start.model, ahead) - start.model.Y
            slopes = torch.autograd.grad(residual.square().sum() / 2, ahead)
            path.append(now)
            norms.append(float(residual.detach().norm()))
            steps_to = zip(ahead, slopes, strict=True)
            before, now = now, [(w - eta * g).detach() for w, g in steps_to]
        return path, norms

    return run
