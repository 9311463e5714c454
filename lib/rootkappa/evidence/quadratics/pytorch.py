"""The family of methods beside torch.optim.SGD, on ReLU networks."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from rootkappa import draws, optimizers
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control
from rootkappa.optimizers import Method, heavy_ball, nesterov, walk

Layers = list[torch.Tensor]


@measures("quadratics/torch-equivalence")
def torch_equivalence(seeds: Sequence[int], steps: int = 2000) -> Evidence:
    """Train ReLU networks by the walker and in PyTorch, and compare points and velocities.

    Args:
        seeds: The seeds of the draws.
        steps: How many steps to train.

    Returns:
        The evidence.
    """
    problem = _Network(seeds)
    schedule = optimizers.NesterovSchedule()
    pairs = {
        (make(1.0, 0.0).name, momentum): problem.differences(make(0.003, rule), steps)
        for momentum, rule in (("0.9", 0.9), ("(t - 1)/(t + 2)", schedule))
        for make in (heavy_ball, nesterov)
    }

    def largest(*keys: tuple[str, str]) -> dict[str, list[float]]:
        found = torch.stack([pairs[key] for key in keys]).amax(0)
        return dict(zip(("parameters", "buffers"), found.tolist(), strict=True))

    control = largest(("Nesterov", "(t - 1)/(t + 2)"))
    return Evidence(
        largest(("heavy ball", "0.9"), ("Nesterov", "0.9")),
        Control("Nesterov with momentum $(t-1)/(t+2)$", control),
        shown={"pairs": pairs},
    )


class _Network:
    # A two-layer ReLU network of 32 hidden units on 20 samples for each seed, side by side.

    def __init__(self, seeds: Sequence[int]) -> None:
        sources = [draws.generator(seed) for seed in seeds]

        def stacked(*shape: int) -> torch.Tensor:
            return torch.stack([draws.normal(shape, source) for source in sources])

        X = stacked(20, 4)
        self.X, self.Y = X / X.norm(dim=-1, keepdim=True), stacked(20, 1)
        self.start = [stacked(32, 4) / 4, stacked(1, 32) / 4]

    def gradient(self, layers: Layers) -> Layers:
        # Of half the squared error, by hand.
        inner, outer = layers
        hidden = self.X @ inner.mT
        active = hidden.clamp(min=0)
        residual = active @ outer.mT - self.Y
        return [(residual @ outer * (hidden > 0)).mT @ self.X, residual.mT @ active]

    def in_torch(self, method: Method, steps: int) -> tuple[torch.Tensor, torch.Tensor]:
        # Points and buffers of torch.optim.SGD, whose momentum is set at each step.
        inner, outer = layers = [layer.clone().requires_grad_() for layer in self.start]
        extrapolates = method.coefficients(steps)[2] > 0
        sgd = torch.optim.SGD(layers, lr=method.step_size, momentum=0.9, nesterov=extrapolates)
        points, buffers = [_flat(layers)], []
        for t in range(steps):
            # Above 0: at momentum 0 PyTorch would forget the buffer.
            sgd.param_groups[0]["momentum"] = max(method.coefficients(t)[1], 1e-300)
            sgd.zero_grad()
            (((self.X @ inner.mT).relu() @ outer.mT - self.Y).square().sum() / 2).backward()
            sgd.step()
            points.append(_flat(layers))
            buffers.append(_flat([sgd.state[layer]["momentum_buffer"] for layer in layers]))
        return torch.stack(points), torch.stack(buffers)

    def differences(self, method: Method, steps: int) -> torch.Tensor:
        # The largest relative ones of points and of velocities, shape (2, seeds).
        ours = list(walk(method, self.gradient, self.start, steps))
        points = torch.stack([_flat(now.point) for now in ours])
        velocities = torch.stack([_flat(now.velocity) for now in ours[1:]])
        theirs, buffers = self.in_torch(method, steps)
        at_points = (points - theirs).norm(dim=-1) / theirs.norm(dim=-1)
        at_buffers = (velocities + method.step_size * buffers).norm(dim=-1).amax(0)
        return torch.stack([at_points.amax(0), at_buffers / velocities.norm(dim=-1).amax(0)])


def _flat(layers: Layers) -> torch.Tensor:
    return torch.cat([layer.detach().flatten(1) for layer in layers], -1)
