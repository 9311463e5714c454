"""Counts of neurons by hand, against Jacobians at points of the ball, and the bound on runs."""

from __future__ import annotations

import pytest
import torch

from rootkappa import TwoLayerReLU, train
from rootkappa.optimizers import gradient_descent, lazy_nesterov, modular_heavy_ball, nesterov
from rootkappa.theorems import ReluMomentum
from rootkappa.theorems.rootkappa2026momentum.relu import band, changeable


def test_counts_by_hand():
    # Samples e_1 and 2 e_2; reach 0.5 and 1. Neurons: free; on the edge of 1, active on 2; on the
    # edge of 1, inactive on 2; on both edges.
    X = torch.tensor([[1.0, 0.0], [0.0, 2.0]], dtype=torch.float64)
    W = torch.tensor([[3.0, 3.0], [0.5, 1.0], [-0.2, -4.0], [0.1, 0.45]], dtype=torch.float64)
    model = TwoLayerReLU(X, X[:1], 4)
    start = [W[None], torch.ones(1, 1, 4, dtype=torch.float64)]
    assert band(model, start, 0.5).tolist() == [[0, 0], [1, 0], [1, 0], [1, 1]]
    assert changeable(model, start, 0.5).tolist() == [[3, 2], [2, 1]]


def test_no_point_of_the_ball_moves_the_kernel_or_its_mean_further(relu, jacobian):
    model, start = relu(width=64)
    theorem, radius = ReluMomentum(), 0.15
    near = theorem.neighbourhood((model, start))
    first = jacobian(model, start)
    worst = {"drift": 0.0, "bend": 0.0}
    for seed in range(30):
        source = torch.Generator().manual_seed(seed)
        push = torch.randn(2, 64, 10, generator=source).double()
        # Half of the points aim at the boundary of one sample.
        if seed % 2:
            x = model.X[:, seed % 5]
            push[:] = -torch.sign(start[0][0] @ x)[:, None] * x
            push[1] *= -1
        push = radius * push / push.norm(dim=2, keepdim=True)
        one, two = (jacobian(model, [start[0] + p, start[1]]) for p in push)
        worst["drift"] = max(
            worst["drift"],
            *(float(torch.linalg.matrix_norm(a @ b.T - first @ first.T, 2))
              for a in (one, two) for b in (one, two)),
        )  # fmt: skip
        D = torch.randn(64, 10, generator=source).double()
        D = torch.cat([(D / D.norm(dim=1, keepdim=True)).flatten(), torch.zeros(64)])
        worst["bend"] = max(worst["bend"], float(((one - two) @ D).norm()))
    assert 0.2 * near.drift(radius) < worst["drift"] <= near.drift(radius)
    assert 0 < worst["bend"] <= near.bend(radius, 1.0)
    assert near.gradient >= float(torch.linalg.matrix_norm(model.X, 2)) / 8 * (1 - 1e-12)


@pytest.mark.parametrize("tuning", [modular_heavy_ball, lazy_nesterov])
def test_the_bound_holds_on_runs_and_every_inequality_has_slack(tuning, relu):
    theorem, problem = ReluMomentum(tuning), relu(width=2**14, size=8e-3)
    assert theorem.check(problem).holds
    report = theorem.along(problem, 30)
    assert report.holds
    assert report["remainder"].needed > 0  # activations did change
    # In a narrower network none does, and what rounding leaves counts as 0.
    assert theorem.along(relu(), 30)["remainder"].needed == 0
    model, start = problem
    run = train(model, theorem.tuning(problem), start, 30)
    assert float(theorem.worst_ratio(problem, run)[0]) < 1
    wrong = train(model, gradient_descent(1e-3), start, 30)
    assert float(theorem.worst_ratio(problem, wrong)[0]) > 1


def _broken(relu):
    model, start = relu()
    X = torch.cat([model.X, model.X[:, :1]], dim=1)
    Y = torch.cat([model.Y, -model.Y[:, :1]], dim=1)
    yield "the kernel of the start is not singular", TwoLayerReLU(X, Y, 2048), start
    yield "fixed outer weights of 1 or -1", model, [start[0], 2 * start[1]]
    outputs = TwoLayerReLU(model.X, torch.cat([model.Y, model.Y]), 2048)
    yield "one output", outputs, [start[0], torch.cat([start[1]] * 2, dim=1)]


def test_each_hypothesis_is_broken_once(relu):
    for name, model, start in _broken(relu):
        assert name in ReluMomentum().check((model, start)).unmet
    assert ReluMomentum().check(relu(size=1.0)).unmet == ("2 theta G at most 1",)
    slow = ReluMomentum(lambda spectrum: nesterov(0.95 / spectrum.lambda_max, 0.99))
    assert "beta below rho_1, and rho_1 below 1" in slow.check(relu()).unmet


def test_a_leak_is_refused_in_one_sentence(relu):
    model, start = relu()
    leaky = TwoLayerReLU(model.X, model.Y, 2048, "antisymmetric", leak=0.1)
    with pytest.raises(ValueError, match=r"Theorem 4 is on ReLUs, .* leak=0.1: build it with leak"):
        ReluMomentum().check((leaky, start))


@pytest.mark.parametrize("radius", [0.0, 0.3, 2.0, 50.0])
def test_counts_against_a_plain_loop(radius, relu):
    model, start = relu(width=16)
    W, X = start[0][0], model.X
    near = [[abs(float(w @ x)) <= radius * float(x.norm()) for x in X.T] for w in W]
    active = [[float(w @ x) > 0 for x in X.T] for w in W]
    n = X.shape[1]
    counts = [
        [
            sum(
                (near[r][i] and (near[r][j] or active[r][j]))
                or (near[r][j] and not near[r][i] and active[r][i])
                for r in range(16)
            )
            for j in range(n)
        ]
        for i in range(n)
    ]
    assert band(model, start, radius).tolist() == [[float(b) for b in row] for row in near]
    assert changeable(model, start, radius).tolist() == counts


def test_in_a_large_ball_every_neuron_may_flip_and_in_none_no_one(relu):
    model, start = relu(width=16)
    assert band(model, start, 1e6).sum(0).tolist() == [16] * 5
    assert changeable(model, start, 1e6).tolist() == [[16] * 5] * 5
    assert changeable(model, start, 0.0).tolist() == [[0] * 5] * 5


def test_the_bounds_of_the_neighbourhood_by_hand():
    # Inputs 2 e_1 and e_2, and 3 neurons of which the first is near the first one: s^2 = 1/3.
    X = torch.tensor([[2.0, 0.0], [0.0, 1.0]], dtype=torch.float64)
    model = TwoLayerReLU(X, X[:1], 3)
    W = torch.tensor([[0.1, 9.0], [5.0, 3.0], [-5.0, 3.0]], dtype=torch.float64)
    near = ReluMomentum().neighbourhood((model, [W[None], torch.ones(1, 1, 3).double()]))
    s = 3**-0.5
    assert near.gradient == pytest.approx(s * 2)
    # |x_i . x_j| N_ij is 4 in the corner and 0 elsewhere; N_i ||x_i|| is 2 and 0.
    assert near.drift(0.5) == pytest.approx(4 / 3)
    assert near.bend(0.5, 1.0) == near.bend(0.5, 99.0) == pytest.approx(s * 2)
    assert near.drift(0.05) == near.bend(0.05, 1.0) == 0


def test_the_length_is_that_of_the_longest_neuron_of_each_replica():
    W = torch.zeros(2, 3, 2, dtype=torch.float64)
    W[0, 1], W[1, 2] = torch.tensor([3.0, -4.0]).double(), torch.tensor([0.0, 2.0]).double()
    W[1, 0] = torch.tensor([1.0, 1.0]).double()
    found = ReluMomentum().length([W, 1e9 * torch.ones(2, 1, 3).double()])
    assert found.tolist() == [5, 2]


def test_trained_outer_weights_are_outside_of_the_theorem(relu):
    model, start = relu()
    trained = TwoLayerReLU(model.X, model.Y, 2048, "antisymmetric", train_output=True)
    fact = "fixed outer weights of 1 or -1"
    assert ReluMomentum().check((model, start))[fact].holds
    assert not ReluMomentum().check((trained, start))[fact].holds


def test_one_outer_weight_that_is_not_1_is_enough_to_leave_the_theorem(relu):
    model, start = relu(width=64)
    outer = start[1].clone()
    outer[0, 0, 5] *= -2
    fact = "fixed outer weights of 1 or -1"
    assert not ReluMomentum().check((model, [start[0], outer]))[fact].holds
    outer[0, 0, 5] /= 2
    assert ReluMomentum().check((model, [start[0], outer]))[fact].holds
