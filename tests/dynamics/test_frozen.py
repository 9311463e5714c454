"""The solved recursion against the iteration itself, and step counts against a scan."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from rootkappa.dynamics import frozen as f
from rootkappa.dynamics.companion import oscillatory_interval
from rootkappa.optimizers import (
    GradientRestart,
    HigherMomentum,
    Method,
    gradient_descent,
    heavy_ball,
    nesterov,
    tunings,
)
from rootkappa.problems import Spectrum

METHODS = [gradient_descent(1.9), heavy_ball(0.3, 0.5), heavy_ball(1.0, 0.25), nesterov(0.5, 0.8)]
# Zero, a double root of heavy_ball(1, 1/4), the root 0 of gradient descent, and a range.
GRID = torch.tensor([0.0, 1e-4, 1e-3, 0.01, 0.1, 0.25, 0.4, 0.8, 1.0], dtype=torch.float64)


def iterate(method, eigenvalues, steps):
    """The method as it is defined, on L = 1/2 sum lambda w^2, read at the evaluation point."""
    before = now = torch.ones_like(eigenvalues)
    read = []
    for t in range(steps + 1):
        eta, beta, gamma = method.coefficients(t)
        y = now + gamma * (now - before)
        read.append(y)
        before, now = now, now + beta * (now - before) - eta * eigenvalues * y
    return torch.stack(read, -1)


def test_response_is_the_iteration(any_method):
    found, oracle = f.modal_response(any_method, GRID, 400), iterate(any_method, GRID, 400)
    torch.testing.assert_close(found, oracle, rtol=1e-9, atol=2e-13)


def test_the_other_start(method):
    response = f.modal_response(method, GRID, 60, start="recursion")
    eta, beta, gamma = method.coefficients(0)
    p, q = 1 + beta - (1 + gamma) * eta * GRID, beta - gamma * eta * GRID
    before = now = torch.ones_like(GRID)
    for t in range(61):
        torch.testing.assert_close(response[:, t], now, rtol=1e-9, atol=1e-13)
        before, now = now, p * now - q * before


@pytest.mark.parametrize("momentum", [0.5, 0.8, 0.9])
@pytest.mark.parametrize("ulps", [-3, -2, -1, 0, 1, 2])
def test_a_mode_that_is_gone_after_two_steps(momentum, ulps):
    # At eta lambda = 1 Nesterov's companion matrix is nilpotent, and its determinant all rounding.
    value = 1 + ulps * 2.0**-53
    response = f.modal_response(nesterov(1.0, momentum), [value], 3)[0]
    expected = [1.0, 1 - (1 + momentum) * value, 0.0, 0.0]
    assert response.tolist() == pytest.approx(expected, abs=1e-14)


def test_far_times_need_no_loop():
    kappa = 1e6
    method = gradient_descent(1.0)
    far = f.modal_response(
        method, torch.tensor([1 / kappa], dtype=torch.float64), torch.tensor([10**7])
    )
    assert float(far) == pytest.approx(math.exp(1e7 * math.log1p(-1 / kappa)), rel=1e-12)


def test_residuals_follow_the_kernel(any_method):
    method = any_method
    source = torch.Generator().manual_seed(0)
    factor = torch.randn(2, 5, 3, generator=source, dtype=torch.float64)
    kernel = factor @ factor.mT
    kernel = kernel / torch.linalg.matrix_norm(kernel, 2)[:, None, None]
    residual = torch.randn(2, 5, generator=source, dtype=torch.float64)
    eta, _, gamma = method.coefficients(1)
    one = residual - (1 + gamma) * eta * (kernel @ residual[..., None])[..., 0]
    found = f.frozen_residuals(method, kernel, residual, 1)
    torch.testing.assert_close(found, torch.stack([residual, one], 1), rtol=0, atol=1e-13)
    values, vectors = torch.linalg.eigh(kernel)
    spectrum = (values.clamp(min=0), vectors)
    weights = (vectors.mT @ residual[..., None])[..., 0]
    times = torch.tensor([3, 17])
    rows = f.frozen_residuals(method, spectrum, residual, times)
    norms = f.frozen_norms(method, spectrum[0], weights, times)
    torch.testing.assert_close(rows.norm(dim=-1), norms, rtol=1e-12, atol=0)


@pytest.mark.parametrize("start", ["rest", "recursion"])
def test_steps_to_is_the_first_step_below(method, start):
    values = torch.tensor([0.02, 0.05, 0.3, 0.9], dtype=torch.float64)
    weights = torch.tensor([0.3, 1.0, -2.0, 0.5], dtype=torch.float64)
    norms = f.frozen_norms(method, values, weights, 6000, start)
    for accuracy in (0.5, 1e-3, 1e-8):
        first = int(torch.nonzero(norms < accuracy * weights.norm())[0])
        assert f.steps_to(method, values, weights, accuracy, start) == first


@pytest.mark.parametrize(("beta", "gamma"), [(0.73, 2.7), (0.9, 1.09), (0.2, 0.9), (0.0, 0.7)])
def test_the_skip_never_passes_a_low_of_a_single_mode(beta, gamma):
    # Beyond the oscillatory interval both roots are real, and a mode can dip through 0 and rise.
    low = oscillatory_interval(Method(1.0, beta, gamma))[1]
    limit = (2 + 2 * beta) / (1 + 2 * gamma)
    for share in np.linspace(0.01, 0.9, 8) ** 2:
        method = Method(low + share * (limit - low), beta, gamma)
        sizes = f.modal_response(method, [1.0], 40)[0].abs().tolist()
        lows = [t for t in range(1, 41) if 1e-12 < sizes[t] < (1 - 1e-6) * min(sizes[:t])]
        for t in lows[:9]:
            assert f.steps_to(method, [1.0], [1.0], sizes[t] * (1 + 1e-7)) == t


def test_the_skip_never_passes_the_first_step():
    source = np.random.default_rng(5)
    for _ in range(8):
        beta, gamma = source.uniform(0, 0.98), source.choice([0, 1, 3]) * source.uniform()
        method = Method(source.uniform(0.2, 0.99) * (2 + 2 * beta) / (1 + 2 * gamma), beta, gamma)
        values, weights = 10 ** source.uniform(-1, 0, 3), source.normal(size=3)
        norms = f.frozen_norms(method, values, weights, 6000)
        for accuracy in (0.9, 0.1, 1e-4):
            (first, *_) = torch.nonzero(norms < accuracy * norms[0])
            assert f.steps_to(method, values, weights, accuracy) == int(first)


def test_a_mode_that_overshoots_before_it_falls():
    # q = 0 and u_1 = 1 - 1.5 * 1.9 = -1.85, then u_{t+1} = -0.9 u_t.
    method, value = Method(1.0, 0.95, 0.5), [1.9]
    assert f.modal_response(method, value, 2).flatten().tolist() == pytest.approx([1, -1.85, 1.665])
    assert f.steps_to(method, value, [1.0], 0.9) == 8
    assert f.steps_to(method, value, [1.0], 0.999) == 7


def test_a_change_of_units_changes_nothing(any_method, scale, rescaled):
    found = f.modal_response(rescaled(any_method, scale), scale * GRID, 50)
    torch.testing.assert_close(found, f.modal_response(any_method, GRID, 50), rtol=1e-9, atol=1e-12)
    if any_method.is_constant:
        values, weights = GRID[3:6] * 0.97, torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64)
        steps = f.steps_to(any_method, values, weights, 1e-5)
        other = rescaled(any_method, scale)
        assert f.steps_to(other, scale * values, scale * weights, 1e-5) == steps
        assert f.steps_to(any_method, values, 1e200 * weights, 1e-5) == steps
    kernel = torch.diag(torch.tensor([0.0, 0.3, 1.0])).double()
    start = torch.tensor([1.0, 2.0, -1.0]).double()
    plain = f.frozen_residuals(any_method, kernel, start, 20)
    scaled = f.frozen_residuals(rescaled(any_method, scale), scale * kernel, scale * start, 20)
    torch.testing.assert_close(scaled / scale, plain, rtol=1e-9, atol=1e-12)


def test_steps_in_any_order(any_method):
    every = f.modal_response(any_method, GRID, 40)
    wanted = [17, 3, 40, 3, 0]
    for steps in (wanted, np.array(wanted), torch.tensor(wanted), torch.tensor(wanted).double()):
        assert torch.equal(f.modal_response(any_method, GRID, steps), every[:, wanted])
    assert f.modal_response(any_method, GRID, []).shape == (len(GRID), 0)
    assert f.modal_response(any_method, GRID, range(3, 6)).shape == (len(GRID), 3)
    assert torch.equal(f.modal_response(any_method, GRID, 40.0), every)


def test_a_spectrum_stands_for_its_eigenvalues(method):
    kernel = torch.diag(torch.tensor([0.0, 0.2, 0.9])).double()
    spectrum, xi = Spectrum.of(kernel), torch.tensor([0.0, 3.0, 4.0]).double()
    norms = f.frozen_norms(method, spectrum, xi[1:], 30)
    torch.testing.assert_close(norms, f.frozen_residuals(method, kernel, xi, 30).norm(dim=-1))
    assert f.steps_to(method, spectrum, [3.0, 4.0], 0.01) == int(
        torch.nonzero(f.frozen_norms(method, spectrum, xi[1:], 4000) < 0.05)[0]
    )


def test_step_counts_scale_as_kappa_and_its_root():
    counts = []
    for kappa in (1e4, 1e6):
        values = torch.logspace(-math.log10(kappa), 0, 30, dtype=torch.float64)
        methods = (
            tunings.classical_gradient_descent(1 / kappa, 1.0),
            tunings.modular_heavy_ball(1 / kappa, 1.0),
            tunings.lazy_nesterov(1 / kappa, 1.0),
        )
        counts.append([f.steps_to(m, values, torch.ones(30), 1e-6) for m in methods])
    slopes = [math.log(b / a) / math.log(100) for a, b in zip(*counts, strict=True)]
    assert slopes == pytest.approx([1, 0.5, 0.5], abs=2e-3)


RULED = heavy_ball(0.5, 0.5).with_restart(GradientRestart())
BAD = [
    (lambda v: f.modal_response(METHODS[0], v, [-1]), "steps must lie in 0..2.53, got -1 to -1"),
    (lambda v: f.modal_response(METHODS[0], v, 3, start="warm"), "unknown start 'warm'"),
    (lambda v: f.modal_response(nesterov(1.0), v, 3, start="recursion"), "constant numbers"),
    (lambda v: f.modal_response(RULED, v, 3), "has a restart rule, which depends on the whole run"),
    (lambda v: f.frozen_residuals(METHODS[0], v, v, 3), r"\(N, N\), got shape \(9,\)"),
    (lambda v: f.frozen_residuals(METHODS[0], torch.eye(3), v, 3), "has 9 entries"),
    (lambda v: f.frozen_norms(METHODS[0], v, v[:2], 3), "one weight an eigenvalue"),
    (lambda v: f.steps_to(METHODS[0], v, v[:2], 0.1), "same length"),
    (lambda v: f.steps_to(METHODS[0], torch.ones(2, 2), torch.ones(2, 2), 0.1), "be a vector"),
    (lambda v: f.steps_to(METHODS[0], v, v, 1.0), r"1e-150, 1\), got 1.0"),
    (lambda v: f.steps_to(METHODS[0], v, v, 1e-200), "got 1e-200"),
    (lambda v: f.steps_to(METHODS[0], v, v, math.nan), "accuracy must be a finite number, got nan"),
    (lambda v: f.steps_to(METHODS[0], v, 0 * v, 0.1), "all weights are 0"),
    (lambda v: f.steps_to(METHODS[0], v, v + 1, 0.1), "never reaches 0.1"),
    (lambda v: f.steps_to(METHODS[0], v[1:] * 1e-300, v[1:], 0.1), "needs over 10+ st"),
    (lambda v: f.steps_to(gradient_descent(2.5), v, v, 0.1), "lower the step size"),
    (lambda v: f.steps_to(METHODS[0], [1e-13], [1.0], 0.1), r"needs over 10+ steps: raise the acc"),
]


@pytest.mark.parametrize(("call", "message"), BAD)
def test_messages(call, message):
    with pytest.raises(ValueError, match=message):
        call(GRID)


def test_counting_refuses_methods_whose_numbers_change(changing):
    method, why = changing
    with pytest.raises(ValueError, match=f"exact count of steps needs constant .* has a {why}: g"):
        f.steps_to(method, GRID[1:], GRID[1:], 0.1)


KINDS = [
    (lambda: f.modal_response(HigherMomentum(0.1, 0.5), GRID, 3), r"Method, got HigherMomentum\("),
    (lambda: f.modal_response(METHODS[0], GRID, 1.5), "steps must be a whole number, got 1.5"),
    (lambda: f.modal_response(METHODS[0], GRID, [0.5]), "steps must be whole numbers, got 0.5"),
    (lambda: f.modal_response(METHODS[0], None, 3), "eigenvalues must hold numbers, got None"),
    (lambda: f.frozen_norms(METHODS[0], GRID, None, 3), "weights must hold numbers, got None"),
    (lambda: f.frozen_residuals(METHODS[0], None, GRID, 3), "kernel must hold numbers, got None"),
    (lambda: f.steps_to(METHODS[0], GRID, GRID, "1e-6"), "accuracy must be a number, got '1e-6'"),
]


@pytest.mark.parametrize(("call", "message"), KINDS)
def test_other_kinds(call, message):
    with pytest.raises(TypeError, match=message):
        call()


def test_device_follows_the_eigenvalues(place):
    device, dtype = place
    if device == "mps":
        pytest.skip("mps has no float64, in which the closed form is computed")
    eigenvalues = GRID.to(device, dtype)
    response = f.modal_response(METHODS[3], eigenvalues, 50)
    assert response.device == eigenvalues.device
    oracle = f.modal_response(METHODS[3], eigenvalues.double().cpu(), 50)
    torch.testing.assert_close(response.cpu(), oracle, rtol=0, atol=1e-13)


def test_the_first_responses_by_hand():
    # eta lambda = 1/2, beta = 1/2, gamma = 1/4: p = 7/8 and q = 3/8.
    method = Method(0.25, 0.5, 0.25)
    rest = f.modal_response(method, [2.0], 3)[0].tolist()
    assert rest == pytest.approx([1, 3 / 8, 21 / 64 - 3 / 8, (-3 / 64) * 7 / 8 - 9 / 64])
    recursion = f.modal_response(method, [2.0], 2, start="recursion")[0].tolist()
    assert recursion == pytest.approx([1, 1 / 2, 7 / 16 - 3 / 8])


@pytest.mark.parametrize("shape", [(), (1,), (2, 3)])
def test_responses_have_the_shape_of_the_eigenvalues_and_the_steps(any_method, shape):
    values = torch.full(shape, 0.5, dtype=torch.float32)
    for steps, length in ((0, 1), (3, 4), ([5, 2], 2), ([], 0)):
        found = f.modal_response(any_method, values, steps)
        assert (found.shape, found.dtype) == ((*shape, length), torch.float64)


def test_a_mode_without_curvature_stays(any_method):
    assert f.modal_response(any_method, [0.0], 50)[0].tolist() == pytest.approx([1] * 51, abs=1e-9)


def test_norms_of_several_starts_and_spectra():
    method, values = heavy_ball(0.3, 0.5), torch.tensor([[0.5, 2.0], [1.0, 1.5]]).double()
    weights = torch.tensor([[3.0, -4.0], [0.0, 2.0]]).double()
    found = f.frozen_norms(method, values, weights, 6)
    assert found.shape == (2, 7)
    assert found[:, 0].tolist() == pytest.approx([5, 2])
    u = f.modal_response(method, values, 6)
    expected = [
        [math.hypot(*(w * r).tolist()) for r in m.T] for w, m in zip(weights, u, strict=True)
    ]
    torch.testing.assert_close(found, torch.tensor(expected).double())


@pytest.mark.parametrize("start", ["rest", "recursion"])
def test_both_starts_reach_the_residuals_and_the_norms(start):
    method, values, xi = nesterov(0.5, 0.8), [0.2, 0.9], [3.0, 4.0]
    one = (1.8 if start == "rest" else 1.0) * 0.5
    step = [3 * (1 - one * 0.2), 4 * (1 - one * 0.9)]
    kernel = torch.diag(torch.tensor(values, dtype=torch.float64))
    found = f.frozen_residuals(method, kernel, xi, 1, start)
    assert found[1].tolist() == pytest.approx(step)
    assert f.frozen_norms(method, values, xi, [1], start).tolist() == pytest.approx(
        [math.hypot(*step)]
    )
