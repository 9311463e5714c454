"""The saw-tooth: its closed form, that it is admissible, and where it stops both methods."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from rootkappa import gradient_descent
from rootkappa.draws import generator, normal
from rootkappa.optimizers import GradientRestart, nesterov
from rootkappa.problems import PartitionConstants
from rootkappa.theorems import PartitionNesterov
from rootkappa.theorems.liao2024provable import SawTooth
from rootkappa.theorems.liao2024provable.saw_tooth import SawToothRun

ADVERSARIES = ["out", "slow", "slow velocity", "velocity", "random"]


def _beta(kappa):
    constants = PartitionConstants.strongly_convex(1, kappa)
    return PartitionNesterov(1.0).numbers(constants).beta


@pytest.mark.parametrize(("kappa", "slopes"), [(100, [0.5, 0.9]), (20, [0.7, 1.2])])
@pytest.mark.parametrize("adversary", ["out", "slow"])
def test_it_lowers_the_slow_eigenvalue_by_the_square_of_its_slope(kappa, slopes, adversary):
    problem = SawTooth.geometric(kappa, adversary=adversary)
    beta, t = _beta(kappa), (1 - np.square(slopes)) / kappa
    descent = problem.run(gradient_descent(1 / kappa), slopes, 700 + 5 * kappa).factors()
    assert descent.tolist() == pytest.approx((1 - t) ** 2, abs=3e-4)
    fast = problem.run(nesterov(1 / kappa, beta), slopes, int(60 * math.sqrt(kappa))).factors()
    half = (1 + beta) * (1 - t) / 2
    root = half + np.sqrt(half**2 - beta * (1 - t))
    assert fast.tolist() == pytest.approx(root**2, abs=3e-4)


def test_it_stops_both_methods_where_its_slope_is_the_root_of_mu():
    problem = SawTooth.geometric(20)
    for method in (gradient_descent(1 / 20), nesterov(1 / 20, _beta(20))):
        assert problem.break_point(method, 700, (0.5, 2.0)) == pytest.approx(1, abs=2e-3)
    with pytest.raises(ValueError, match=r"falls at 49 of 49 slopes from 0.1 to 0.2: widen"):
        problem.break_point(method, 100, (0.1, 0.2))


@pytest.mark.parametrize("adversary", ADVERSARIES)
def test_the_curve_is_admissible(adversary):
    problem = SawTooth.geometric(20, adversary=adversary)
    run = problem.run(nesterov(1 / 20, 0.67), [0.5], 60)
    assert bool((run.u.diff(dim=1) > 0).all())
    # Without slope it is a quadratic: the losses at x_k are those of the plain recursion.
    plain = problem.run(gradient_descent(1 / 20), [0.0], 5)
    assert float(plain.losses[0, 3]) == pytest.approx(float(plain.norms[0, 3]) ** 2 / 2)


def test_two_steps_of_the_adversary_out_by_hand():
    # One mode of eigenvalue 1: the curve runs along the residual, whose sign stays.
    problem = SawTooth([1.0])
    eta, beta, G1 = 0.1, 0.5, 0.3
    run = problem.run(nesterov(eta, beta), [G1], 2)
    start = float(run.slow[0, 0])
    rho = abs(start)
    # First step: the iterate moves by -eta rho and u by eta G1 rho, the points by 1 + beta of it.
    one = rho * (1 - (1 + beta) * eta * (1 - G1**2))
    assert float(run.norms[0, 1]) == pytest.approx(one)
    assert float(run.u[0, 1]) == pytest.approx((1 + beta) * eta * G1 * rho)
    iterate = rho * (1 - eta * (1 - G1**2))
    assert float(run.losses[0, 1]) == pytest.approx(iterate**2 / 2)
    velocity = -eta * (1 - G1**2) * (beta * rho + one)
    assert float(run.losses[0, 2]) == pytest.approx((iterate + velocity) ** 2 / 2)
    assert float(run.norms[0, 2]) == pytest.approx(iterate + (1 + beta) * velocity)


@pytest.mark.parametrize("seed", [0, 7])
def test_a_run_starts_at_the_residual_of_a_drawn_point(seed):
    # b first, then x_0, from one generator: the residual is A1 x_0 - b with A1 = diag(roots).
    values = torch.tensor([1.0, 4.0, 25.0], dtype=torch.float64)
    source = generator(seed)
    b, x0 = normal((3,), source), normal((3,), source)
    residual = values.sqrt() * x0 - b
    run = SawTooth(values, seed=seed).run(gradient_descent(0.01), [0.1, 0.2], 3)
    assert run.norms[:, 0].tolist() == pytest.approx([float(residual.norm())] * 2)
    assert run.losses[:, 0].tolist() == pytest.approx([float(residual.square().sum()) / 2] * 2)
    assert run.slow[:, 0].abs().tolist() == pytest.approx([abs(float(residual[0]))] * 2)
    assert run.u[:, 0].tolist() == [0, 0]
    assert bool((run.u.diff(dim=1) > 0).all())


@pytest.mark.parametrize("end", [math.inf, math.nan])
def test_a_run_that_overflows_has_no_finite_factor(end):
    norms = 2.0 ** torch.arange(21, dtype=torch.float64)[None].repeat(2, 1)
    norms[0, 15:] = end
    norms[1, 5:] = end
    factors = SawToothRun(norms, norms, norms, norms).factors()
    assert factors.tolist() == [math.inf, math.inf]


def test_its_constants_are_those_of_an_additive_model():
    k = SawTooth([4.0, 9.0]).constants(0.5)
    assert (k.mu, k.L1, k.L2, k.G1, k.G2) == pytest.approx((4, 9, 1, 0.5, 1.5))


def test_factors_end_at_the_rounding_floor():
    # The first replica falls by 10 a step to its floor at step 12, the second never reaches it.
    steps = torch.arange(31, dtype=torch.float64)
    norms = torch.stack([10.0 ** -steps.clamp(max=13), 0.9**steps, 0.5**steps])
    norms[2, 20:] = math.inf
    run = SawToothRun(norms, norms, norms, norms)
    assert run.factors().tolist() == pytest.approx([0.01, 0.81, math.inf])


@pytest.mark.parametrize("make", [list, np.array, torch.tensor])
def test_numbers_come_as_lists_arrays_or_tensors(make):
    problem = SawTooth(make([1.0, 2.0]))
    run = problem.run(gradient_descent(0.5), make([0.1, 0.2]), 4)
    assert tuple(run.norms.shape) == (2, 5)


VALUES = torch.tensor([5.0, 1.0], dtype=torch.float64)
SAW = SawTooth.geometric(20)
STEP = gradient_descent(0.05)
BAD = [
    (lambda: SawTooth(VALUES), ValueError, r"ascending, got 5"),
    (lambda: SawTooth([0.0, 1.0]), ValueError, r"above 0 and ascending, got 0"),
    (lambda: SawTooth([]), ValueError, r"eigenvalues must be a vector with at least one entry"),
    (lambda: SawTooth(torch.empty(0)), ValueError, r"with at least one entry, got shape \(0,\)"),
    (lambda: SawTooth(None), TypeError, r"eigenvalues must hold numbers, got None"),
    (lambda: SawTooth([1.0], seed="0"), TypeError, r"seed must be a whole number, got '0'"),
    (lambda: SawTooth.geometric(0.5), ValueError, r"kappa must be .* at least 1, got 0.5"),
    (lambda: SawTooth.geometric(20, m=1), ValueError, r"m must be at least 2, got 1"),
    (lambda: SawTooth.geometric(20, adversary="kind"), ValueError, r"unknown adversary 'kind'"),
    (lambda: SAW.run(nesterov(0.1), [1.0], 3), ValueError, r"Nesterov has a schedule"),
    (
        lambda: SAW.run(nesterov(0.1, 0.5).with_restart(GradientRestart()), [1.0], 3),
        ValueError,
        r"Nesterov has a restart rule",
    ),
    (lambda: SAW.run(None, [1.0], 3), TypeError, r"method must be a Method, got None"),
    (lambda: SAW.run(STEP, [1.0], 1).factors(), ValueError, r"1 step, and a factor needs .* 2"),
    (lambda: SAW.break_point(STEP, 9, (2.0, 0.5)), ValueError, r"two slopes in ascending order"),
    (lambda: SAW.break_point(STEP, 9, 2.0), TypeError, r"bracket must be a sequence, got 2.0"),
    (lambda: SAW.run(STEP, [-1.0], 3), ValueError, r"slopes must be at least 0, got -1"),
    (lambda: SAW.run(STEP, [], 3), ValueError, r"slopes must be a vector"),
    (lambda: SAW.run(STEP, [1.0], 0), ValueError, r"steps must be at least 1, got 0"),
    (lambda: SAW.break_point(STEP, 9, (0.0, 2.0)), ValueError, r"bracket must be .* got 0"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "message"), BAD)
def test_bad_problems_are_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_factor_is_read_over_the_second_half_of_the_run():
    # A first half that falls by 2 a step, and a second one that rises by 3: losses by 9.
    norms = torch.tensor([[64.0, 32, 16, 8, 24, 72, 216]], dtype=torch.float64)
    assert SawToothRun(norms, norms, norms, norms).factors().tolist() == pytest.approx([9.0])
    # With 2 steps the second one alone is left, with 3 the last two.
    for columns, factor in ((3, 1 / 4), (4, 1 / 4), (5, 3 / 2 * 1.0)):
        part = norms[:, :columns]
        assert SawToothRun(part, part, part, part).factors().tolist() == pytest.approx([factor])


def test_eigenvalues_in_geometric_order():
    roots = SawTooth.geometric(16.0, m=5).roots
    assert roots.tolist() == pytest.approx([1, 2**0.5, 2, 8**0.5, 4])
    assert SawTooth.geometric(1.0, m=2).roots.tolist() == [1, 1]
    assert len(SawTooth.geometric(20).roots) == 30
    assert (SawTooth.geometric(20).adversary, SawTooth.geometric(20).seed) == ("out", 0)


def _first_teeth(adversary, slope=0.5, eta=0.1):
    """Residuals at the first two points of gradient descent on two modes, and how far u went."""
    run = SawTooth([1.0, 4.0], adversary, seed=3).run(gradient_descent(eta), [slope], 2)
    source = generator(3)
    b, x0 = normal((2,), source), normal((2,), source)
    roots = torch.tensor([1.0, 2.0], dtype=torch.float64)
    rho = roots * x0 - b
    return run, rho, rho - eta * roots.square() * rho, eta * slope * rho.norm()


@pytest.mark.parametrize("adversary", ADVERSARIES)
def test_the_first_tooth_points_where_its_adversary_says(adversary):
    run, rho, moved, u = _first_teeth(adversary)
    step = moved - rho
    # Whatever leads, the mode of least eigenvalue is the first entry.
    towards = {
        "out": rho / rho.norm(),
        "velocity": step / step.norm(),
        "slow": torch.tensor([math.copysign(1, rho[0]), 0.0]).double(),
        "slow velocity": torch.tensor([math.copysign(1, step[0]), 0.0]).double(),
    }
    assert float(run.u[0, 1]) == pytest.approx(float(u))
    if adversary == "random":
        # Some unit vector, scaled by G1 and by how far u went.
        source = generator(3)
        drawn = [normal((2,), source), normal((2,), source), normal((1, 2), source)][2][0]
        towards["random"] = drawn / drawn.norm()
    left = moved + 0.5 * u * towards[adversary]
    assert float(run.norms[0, 1]) == pytest.approx(float(left.norm()))
    assert float(run.slow[0, 1]) == pytest.approx(float(left[0]))
    assert float(run.losses[0, 1]) == pytest.approx(float(left.square().sum()) / 2)


def test_replicas_run_side_by_side_as_alone():
    problem, method = SawTooth.geometric(20, m=4), nesterov(1 / 20, 0.5)
    both = problem.run(method, [0.3, 0.8], 12)
    for row, slope in enumerate([0.3, 0.8]):
        alone = problem.run(method, [slope], 12)
        for name in ("norms", "losses", "slow", "u"):
            found = getattr(both, name)[row]
            torch.testing.assert_close(found, getattr(alone, name)[0], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_units_change_no_factor(scale):
    method, problem = gradient_descent(1 / 9), SawTooth([1.0, 3.0, 9.0])
    plain = problem.run(method, [0.5], 60).factors()
    other = SawTooth([scale, 3 * scale, 9 * scale])
    found = other.run(gradient_descent(1 / 9 / scale), [0.5 * scale**0.5], 60).factors()
    assert found.tolist() == pytest.approx(plain.tolist(), rel=1e-3)


def test_each_round_divides_the_bracket_by_48():
    problem, method = SawTooth.geometric(20, m=8), gradient_descent(1 / 20)
    found = [problem.break_point(method, 300, (0.5, 2.0), rounds) for rounds in (1, 2)]
    # The bracket's ratio is 4: to a relative accuracy of 4^(1/48), half of it on either side.
    assert abs(math.log(found[1] / found[0])) <= math.log(4) / 48 / 2
    for ends in ((0.5, 1.0, 2.0), (0.5,), (1.0, 1.0)):
        with pytest.raises(ValueError, match=r"two slopes in ascending order, got .*: give"):
            problem.break_point(method, 9, ends)
    with pytest.raises(ValueError, match=r"falls at 0 of 49 slopes from 2 to 3: widen"):
        problem.break_point(method, 100, (2.0, 3.0))
    with pytest.raises(ValueError, match="rounds must be at least 1, got 0"):
        problem.break_point(method, 9, (0.5, 2.0), rounds=0)


@pytest.mark.parametrize("scale", [1e-9, 1e9])
def test_the_rounding_floor_is_relative_to_the_start(scale):
    # By 10 a step to 1e-13 of the start, at which it stays.
    norms = scale * 10.0 ** -torch.arange(31, dtype=torch.float64).clamp(max=13)[None]
    assert SawToothRun(norms, norms, norms, norms).factors().tolist() == pytest.approx([0.01])


@pytest.mark.parametrize("end", [math.inf, math.nan])
def test_an_overflow_in_the_last_step_is_one(end):
    norms = 0.5 ** torch.arange(9, dtype=torch.float64)[None]
    norms[0, -1] = end
    assert SawToothRun(norms, norms, norms, norms).factors().tolist() == [math.inf]
