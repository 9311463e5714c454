"""A step on stacked weights against the plain loop, in every order in memory."""

from __future__ import annotations

import pytest
import torch

from rootkappa.draws import generator, normal
from rootkappa.optimizers import Method, gradient_descent, heavy_ball, nesterov, walk
from rootkappa.training.iterates import Coefficients, Iterates

R, ROWS, COLS, STEPS = 3, 5, 4, 12
A = torch.diag(torch.linspace(0.1, 1.0, COLS, dtype=torch.float64))
ORDERS = {"rows": (0, 1, 2), "columns": (0, 2, 1), "inputs": (2, 0, 1)}
STACKS = {
    "gradient descent": [gradient_descent(0.3)] * R,
    "heavy ball": [heavy_ball(0.3, 0.5)] * R,
    "Nesterov": [nesterov(0.2, 0.6)] * R,
    "several step sizes": [nesterov(0.1, 0.5), nesterov(0.2, 0.5), nesterov(0.3, 0.7)],
    "several methods": [nesterov(0.2, 0.6), heavy_ball(0.3, 0.5), gradient_descent(0.3)],
    "any two numbers": [Method(0.2, 0.6, 0.3)] * R,
    "a schedule": [nesterov(0.2)] * R,
}


def _start():
    return torch.stack([normal((ROWS, COLS), generator(seed)) for seed in range(R)])


def _stored(layer, order):
    back = [order.index(dim) for dim in range(3)]
    return layer.permute(order).contiguous().permute(back)


def _number(values):
    values = list(values)
    if len(set(values)) == 1:
        return values[0]
    return torch.tensor(values, dtype=torch.float64)[:, None, None]


def _coefficients(methods, t):
    eta, beta, gamma = zip(*(method.coefficients(t) for method in methods), strict=True)
    ahead = [1 + method.coefficients(t + 1)[2] for method in methods]
    back = [-number for number in gamma]
    return Coefficients(*(_number(values) for values in (eta, beta, back, ahead)))


def _run(methods, order, steps=range(STEPS), iterates=None):
    # The gradient of the quadratic 1/2 tr(w A w^T), with the factor A shared by all replicas.
    iterates = iterates or Iterates([_stored(_start(), order)], methods[0].momentum != 0)
    for t in steps:
        left = _stored(iterates.points[0].clone(), order)
        iterates.advance([(left, A.expand(len(left), -1, -1))], _coefficients(methods, t))
    return iterates


def _plain(methods):
    return torch.stack(
        [
            list(walk(method, lambda layers: [layers[0] @ A], [start], STEPS))[-1].point[0]
            for method, start in zip(methods, _start(), strict=True)
        ]
    )


each_order = pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
each_stack = pytest.mark.parametrize("methods", STACKS.values(), ids=STACKS)


@each_order
@each_stack
def test_all_replicas_go_where_the_plain_loop_goes(methods, order):
    ours = _run(methods, order).points[0]
    torch.testing.assert_close(ours, _plain(methods), rtol=1e-12, atol=1e-13)


@each_order
@each_stack
def test_those_that_stay_do_not_notice_those_that_leave(methods, order):
    iterates = _run(methods, order, range(5))
    iterates.keep([2, 0])
    assert iterates.points[0].permute(order).is_contiguous()
    ours = _run([methods[2], methods[0]], order, range(5, STEPS), iterates).points[0]
    torch.testing.assert_close(ours, _plain(methods)[[2, 0]], rtol=1e-12, atol=1e-13)


def test_a_stopped_replica_starts_again_from_where_it_is():
    methods = STACKS["Nesterov"]
    iterates = _run(methods, ORDERS["rows"], range(5))
    moving = iterates.points[0].clone()
    positions = moving - 0.6 * iterates.velocities[0]
    iterates.stop(torch.tensor([False, True, False]), _coefficients(methods, 4))
    assert (iterates.velocities[0] == 0).all(dim=(1, 2)).tolist() == [False, True, False]
    assert torch.equal(iterates.points[0][[0, 2]], moving[[0, 2]])
    torch.testing.assert_close(iterates.points[0][1], positions[1], rtol=1e-14, atol=1e-15)


def test_a_layer_with_empty_factors_stays():
    iterates = Iterates([_start(), _start()], moving=True)
    empty = (A.new_empty(R, ROWS, 0), A.new_empty(R, 0, COLS))
    for t in range(3):
        factors = [(iterates.points[0].clone(), A.expand(R, -1, -1)), empty]
        iterates.advance(factors, _coefficients(STACKS["Nesterov"], t))
    assert torch.equal(iterates.points[1], _start())
    assert not torch.equal(iterates.points[0], _start())
