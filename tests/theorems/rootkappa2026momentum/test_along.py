"""The inequalities along a run: the remainder against its closed form, and planted mistakes."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch

from rootkappa.dynamics import frozen_residuals
from rootkappa.optimizers import (
    Method,
    classical_gradient_descent,
    gradient_descent,
    heavy_ball,
    lazy_nesterov,
    modular_heavy_ball,
    nesterov,
    walk,
)
from rootkappa.problems import Spectrum
from rootkappa.residuals import residual_path
from rootkappa.theorems import DeepLinearMomentum
from rootkappa.theorems.rootkappa2026momentum import along
from rootkappa.theorems.rootkappa2026momentum.along import NAMES, Budget, followed, remainders
from rootkappa.theorems.rootkappa2026momentum.responses import responses


@pytest.mark.parametrize("tuning", [modular_heavy_ball, lazy_nesterov])
def test_remainders_against_their_closed_form(tuning, orthogonal):
    model, start = orthogonal(width=40)
    method = DeepLinearMomentum(tuning).tuning((model, start))
    path = residual_path(model, method, start, 20)
    found = remainders(method, path.kernel[0], path.residuals[0])
    assert torch.allclose(found, path.remainders[0], atol=1e-12)
    assert float(found[1:].norm()) > 1e-3 * float(path.residuals[0, 0].norm())


def test_steps_and_distances_against_a_plain_loop(orthogonal):
    # Gradient descent, written out; Q rho_1^t bounds step t, from the first on.
    theorem = DeepLinearMomentum(classical_gradient_descent)
    model, start = orthogonal()
    budget, eta = theorem.budget((model, start)), 1 / theorem.spectrum((model, start)).lambda_max
    steps, away, w = [], [], start
    for t in range(25):
        move = [-eta * g for g in model.gradient(w)]
        w = [a + b for a, b in zip(w, move, strict=True)]
        gone = [a - b for a, b in zip(w, start, strict=True)]
        sizes = [sum(float(one.square().sum()) for one in of) ** 0.5 for of in (move, gone)]
        steps.append(sizes[0] / (budget.step * budget.responses.rate**t))
        away.append(sizes[1] / budget.radius)
    found = theorem.along((model, start), 25)
    assert found["step"].needed == pytest.approx(max(steps), rel=1e-6)
    assert found["ball"].needed == pytest.approx(max(away), rel=1e-6)


# One number of the budget made too small, and the inequality that then fails. The ball is reached
# to a tenth and kernels move by far less than the proof allows.
SHRUNK = [("radius", 1e-2, "ball"), ("step", 1e-2, "step"), ("remainder", 1e-9, "remainder"),
          ("drift", 1e-9, "kernel"), ("residual", 1e-2, "residual")]  # fmt: skip


@pytest.mark.parametrize(("number", "share", "broken"), SHRUNK)
def test_each_inequality_can_fail(number, share, broken, orthogonal):
    theorem, (model, start) = DeepLinearMomentum(), orthogonal()
    budget = theorem.budget((model, start))
    small = replace(budget, **{number: share * getattr(budget, number)})
    sound = {one.name: one for one in followed(model, start, budget, theorem.length, 30)}
    found = {one.name: one for one in followed(model, start, small, theorem.length, 30)}
    assert tuple(sound) == NAMES
    assert all(one.holds for one in sound.values())
    assert not found[broken].holds
    unaffected = "residual" if broken != "residual" else "kernel"
    assert found[unaffected] == sound[unaffected]


def test_a_run_that_diverges_is_beyond_every_bound(orthogonal):
    theorem, problem = DeepLinearMomentum(), orthogonal(width=64, size=100.0)
    assert "residual" in theorem.along(problem, 60).unmet


def test_a_run_has_two_steps_at_least(orthogonal):
    with pytest.raises(ValueError, match="steps must be at least 2"):
        DeepLinearMomentum().along(orthogonal(), 1)


def test_remainders_by_hand():
    # A frozen run, with v_t = xi_t - xi_{t-1}: xi_t + beta v_t - eta H (xi_t + gamma v_t).
    method = Method(0.5, 0.25, 0.5)
    kernel = torch.tensor([[2.0]], dtype=torch.float64)
    residuals = torch.tensor([[1.0], [3.0], [-2.0]], dtype=torch.float64)
    # From rest the first step has no velocity: 3 - (1 - 1.5); then -2 - (3 + 0.5 - 4.5 + 0.5).
    assert remainders(method, kernel, residuals).tolist() == [[3.5], [-1.5]]


def test_a_frozen_run_leaves_no_remainder():
    kernel = torch.tensor([[2.0, 0.5], [0.5, 1.0]], dtype=torch.float64)
    xi = torch.tensor([1.0, -2.0], dtype=torch.float64)
    for method in (gradient_descent(0.3), heavy_ball(0.3, 0.5), Method(0.3, 0.4, 0.9)):
        path = frozen_residuals(method, kernel, xi, 12)
        found = remainders(method, kernel, path)
        assert found.shape == (12, 2)
        assert float(found.abs().max()) < 1e-13
    with pytest.raises(ValueError, match="the remainder needs constant numbers"):
        remainders(nesterov(0.1), kernel, path)


def _apart(one, other):
    return [a - b for a, b in zip(one, other, strict=True)]


@pytest.mark.parametrize("steps", [2, 8, 9, 17])
def test_runs_of_any_length_are_looked_at_to_their_end(steps, orthogonal):
    # Points are looked at in blocks of 8; the last one is as good as the first.
    theorem, (model, start) = DeepLinearMomentum(), orthogonal()
    budget = theorem.budget((model, start))
    found = {one.name: one for one in followed(model, start, budget, theorem.length, steps)}
    path = [now.point for now in walk(budget.responses.method, model.gradient, start, steps)]
    away = max(float(theorem.length(_apart(point, start))) for point in path)
    assert found["ball"].needed == pytest.approx(away / budget.radius, rel=1e-6)
    pairs = zip(path[1:], path, strict=False)
    moved = [float(theorem.length(_apart(*pair))) for pair in pairs]
    shares = [size / budget.step / budget.responses.rate**t for t, size in enumerate(moved)]
    assert found["step"].needed == pytest.approx(max(shares), rel=1e-6)
    assert [one.measured for one in found.values()] == [1.0] * 5


def test_the_numbers_of_a_budget():
    # Of Nesterov, whose C is not 1.
    ends = Spectrum(0.02, 1.0)
    found = responses(lazy_nesterov(ends), ends)
    assert found.start > 1.05
    budget = Budget(found, residual=2.0, radius=1.0, step=0.1, drift=0.3, remainder=0.01)
    assert budget.prefactor == pytest.approx(2 * found.start)
    assert budget.spent == pytest.approx(0.02 * found.kick)


def test_what_counts_as_rounding_by_hand():
    # eps sqrt(trace H) |w| / 8 with trace 16 and |w| = 6, in the precision of the kernel.
    start = [torch.tensor([[[2.0, 4.0]]]), torch.tensor([[[4.0]]])]
    for dtype in (torch.float32, torch.float64):
        kernel = torch.diag(torch.tensor([9.0, 7.0])).to(dtype)
        assert along._rounding(kernel, start) == pytest.approx(torch.finfo(dtype).eps * 3)


@pytest.mark.parametrize(
    ("values", "bounds", "needed"),
    [
        ([1.0, 1.0], [2.0, 1.0], 1.0),
        ([1.0, 0.2], [2.0, 1.0], 0.5),
        ([0.0, 0.0], [0.0, 0.0], 0.0),  # where the bound is 0, so must be the value
        ([1e-9, 0.0], [0.0, 0.0], math.inf),
        ([1.0, math.inf], [2.0, 1.0], math.inf),
        ([1.0, math.nan], [2.0, 1.0], math.inf),
        ([1.0, 9.0], [2.0, 1e-6], 0.5),  # below a millionth of its start a bound is not read
        ([1.0, 9.0], [2.0, 3e-6], 3e6),
    ],
)
def test_an_inequality_is_the_largest_share_of_its_bound(values, bounds, needed):
    found = along._inequality("x", torch.tensor(values).double(), torch.tensor(bounds).double())
    assert (found.name, found.measured) == ("x", 1.0)
    assert found.needed == pytest.approx(needed)


def test_kernels_that_are_not_finite_are_beyond_every_bound():
    kernels = torch.stack([torch.eye(2), torch.diag(torch.tensor([3.0, -4.0])), torch.eye(2)])
    kernels[2, 0, 1] = math.nan
    assert along._norms(kernels.double()).tolist() == [1, 4, math.inf]
