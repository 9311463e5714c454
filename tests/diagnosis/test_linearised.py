"""The linearised network against a plain loop over its parameters."""

from __future__ import annotations

import pytest
import torch
from torch.nn.functional import cross_entropy

from rootkappa.diagnosis.linearised import Linearised
from rootkappa.diagnosis.losses import read
from rootkappa.optimizers import gradient_descent, heavy_ball, nesterov

SOURCE = torch.Generator().manual_seed(0)
J = torch.randn(12, 9, generator=SOURCE, dtype=torch.float64)
START = torch.randn(4, 3, generator=SOURCE, dtype=torch.float64)
CLASSES = torch.tensor([0, 1, 2, 1])
LOSS = read("cross_entropy", START, CLASSES)
MODEL = Linearised(J @ J.T, START, LOSS)


@pytest.mark.parametrize(
    "method", [gradient_descent(0.3), heavy_ball(0.2, 0.8), nesterov(0.2, 0.8)]
)
def test_it_is_torch_on_a_linear_model(method):
    theta = torch.zeros(9, dtype=torch.float64, requires_grad=True)
    eta, beta, gamma = method.coefficients(0)
    sgd = torch.optim.SGD([theta], lr=eta, momentum=beta, nesterov=gamma > 0)
    losses = []
    for _ in range(21):
        sgd.zero_grad()
        loss = cross_entropy(START + (J @ theta).view(4, 3), CLASSES)
        losses.append(float(loss.detach()))
        loss.backward()
        sgd.step()
    found = MODEL.train(method, 20).losses
    assert found.tolist() == pytest.approx(losses, rel=1e-10)


def test_it_ends_at_the_tolerance_and_counts_to_it():
    method = gradient_descent(0.3)
    losses, dual, farthest = MODEL.train(method, 1000, 0.1)
    assert torch.equal(dual, farthest)
    assert losses[-1] < 0.1 * losses[0] <= losses[-2]
    assert MODEL.steps_to(method, 0.1, 1000) == len(losses) - 1
    outputs = START + (J @ J.T @ dual.flatten()).view(4, 3)
    assert float(cross_entropy(outputs, CLASSES)) == pytest.approx(float(losses[-1]))


def test_the_farthest_point_is_the_one_that_moves_outputs_most():
    method, theta = heavy_ball(0.02, 0.9), torch.zeros(9, dtype=torch.float64, requires_grad=True)
    sgd, moves = torch.optim.SGD([theta], lr=0.02, momentum=0.9), []
    squares = Linearised(J @ J.T, START, read("squares", START, torch.zeros_like(START)))
    for _ in range(41):
        moves.append(float((J @ theta).detach().norm()))
        sgd.zero_grad()
        ((START + (J @ theta).view(4, 3)).square().sum() / 2).backward()
        sgd.step()
    _, end, farthest = squares.train(method, 40)
    assert moves.index(max(moves)) not in (0, 40)
    for dual, move in ((farthest, max(moves)), (end, moves[-1])):
        assert float((J @ J.T @ dual.flatten()).norm()) == pytest.approx(move, rel=1e-10)


def test_what_does_not_arrive_has_no_count():
    assert MODEL.steps_to(gradient_descent(0.3), 1e-9, 5) is None
    squares = Linearised(J @ J.T, START, read("squares", START, torch.ones_like(START)))
    assert squares.steps_to(gradient_descent(1.0), 1e-9, 1000) is None
