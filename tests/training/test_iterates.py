"""A step on stacked weights against the plain loop, in every order in memory."""

from __future__ import annotations

import pytest
import torch

from rootkappa.draws import generator, normal
from rootkappa.optimizers import Method, gradient_descent, heavy_ball, nesterov, walk
from rootkappa.training.iterates import Coefficients, Iterates, _pick, _subtract_product

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


SIZES = {"left is larger": (5, 3, 4), "right is larger": (2, 3, 7), "thin": (5, 1, 4)}
ETAS = {"one": 0.3, "each its own": torch.tensor([0.1, 0.2, 0.3], dtype=torch.float64)}


@each_order
@pytest.mark.parametrize("eta", ETAS.values(), ids=ETAS)
@pytest.mark.parametrize(("rows", "inner", "cols"), SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("shared", [False, True])
def test_a_product_of_any_size_is_subtracted(order, eta, rows, inner, cols, shared):
    source = generator(9)
    target = _stored(normal((R, rows, cols), source), order)
    left = _stored(normal((R, rows, inner), source), order)
    right = normal((R, inner, cols), source)
    right = right[:1].expand(R, -1, -1) if shared else right
    column = eta[:, None, None] if isinstance(eta, torch.Tensor) else eta
    expected = target - column * torch.einsum("rij,rjk->rik", left, right)
    _subtract_product(target, left, right, column)
    torch.testing.assert_close(target, expected, rtol=1e-12, atol=1e-13)


@each_order
@pytest.mark.parametrize("kept", [[0], [2, 1, 0], [1, 1], [0, 1, 2]])
def test_rows_are_picked_in_the_order_in_memory(order, kept):
    layer = _stored(_start(), order)
    picked = _pick(layer, kept)
    assert torch.equal(picked, layer[kept])
    assert picked.permute(order).is_contiguous()
    assert picked.data_ptr() != layer.data_ptr()


def test_without_momentum_there_are_no_velocities_to_drop_or_stop():
    iterates = Iterates([_start()], moving=False)
    iterates.keep([1])
    assert iterates.velocities == []
    assert torch.equal(iterates.points[0], _start()[[1]])
    moving = Iterates([_start()], moving=True)
    moving.velocities[0] += torch.arange(R, dtype=torch.float64)[:, None, None]
    moving.keep([2, 0])
    assert [float(velocity.mean()) for velocity in moving.velocities[0]] == [2.0, 0.0]


@each_order
def test_replicas_that_stop_at_numbers_of_their_own_lie_where_the_step_led(order):
    methods = STACKS["several methods"]
    iterates = _run(methods, order, range(5), Iterates([_stored(_start(), order)], moving=True))
    moving, velocity = iterates.points[0].clone(), iterates.velocities[0].clone()
    numbers = _coefficients(methods, 4)
    iterates.stop(torch.tensor([True, True, False]), numbers)
    ahead = torch.tensor([0.6, 0.0, 0.0], dtype=torch.float64)[:, None, None]
    expected = torch.cat([(moving - ahead * velocity)[:2], moving[2:]])
    torch.testing.assert_close(iterates.points[0], expected, rtol=1e-13, atol=1e-14)
    assert iterates.velocities[0].abs().amax((1, 2)).gt(0).tolist() == [False, False, True]


def test_steps_in_float32_stay_there():
    iterates = Iterates([_start().float()], moving=True)
    for t in range(STEPS):
        factors = [(iterates.points[0].clone(), A.float().expand(R, -1, -1))]
        iterates.advance(factors, _coefficients(STACKS["Nesterov"], t))
    assert iterates.points[0].dtype == iterates.velocities[0].dtype == torch.float32
    exact = _plain(STACKS["Nesterov"])
    torch.testing.assert_close(iterates.points[0].double(), exact, rtol=1e-4, atol=1e-5)
