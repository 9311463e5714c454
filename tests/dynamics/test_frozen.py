import math

import pytest
import torch

from rootkappa.dynamics import frozen as f
from rootkappa.optimizers import tunings
from rootkappa.optimizers.method import gradient_descent, heavy_ball, nesterov

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
    eta, _, gamma = method.coefficients(0)
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


@pytest.mark.parametrize("method", METHODS, ids=lambda m: f"{m.name} {m.step_size}")
@pytest.mark.parametrize("start", ["rest", "recursion"])
def test_steps_to_is_the_first_step_below(method, start):
    values = torch.tensor([0.02, 0.05, 0.3, 0.9], dtype=torch.float64)
    weights = torch.tensor([0.3, 1.0, -2.0, 0.5], dtype=torch.float64)
    norms = f.frozen_norms(method, values, weights, 4000, start)
    for accuracy in (0.5, 1e-3, 1e-8):
        first = int(torch.nonzero(norms < accuracy * weights.norm())[0])
        assert f.steps_to(method, values, weights, accuracy, start) == first


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


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda v: f.modal_response(METHODS[0], v, torch.tensor([-1])), "at least 0"),
        (lambda v: f.modal_response(METHODS[0], v, 3, start="warm"), "unknown start 'warm'"),
        (lambda v: f.modal_response(nesterov(1.0), v, 3, start="recursion"), "constant numbers"),
        (lambda v: f.frozen_residuals(METHODS[0], v, v, 3), r"\(..., N, N\), got shape \(9,\)"),
        (lambda v: f.frozen_residuals(METHODS[0], torch.eye(3), v, 3), "has 9 entries"),
        (lambda v: f.steps_to(METHODS[0], v, v[:2], 0.1), "same length"),
        (lambda v: f.steps_to(METHODS[0], v, v, 1.0), r"1e-150, 1\), got 1.0"),
        (lambda v: f.steps_to(METHODS[0], v, v, 1e-200), "got 1e-200"),
        (lambda v: f.steps_to(METHODS[0], v, 0 * v, 0.1), "all weights are 0"),
        (lambda v: f.steps_to(METHODS[0], v, v + 1, 0.1), "never reaches 0.1"),
        (lambda v: f.steps_to(gradient_descent(2.5), v, v, 0.1), "lower the step size"),
    ],
)
def test_messages(call, message):
    with pytest.raises(ValueError, match=message):
        call(GRID)


def test_device_follows_the_eigenvalues(place):
    device, dtype = place
    if device == "mps":
        pytest.skip("mps has no float64, in which the closed form is computed")
    eigenvalues = GRID.to(device, dtype)
    response = f.modal_response(METHODS[3], eigenvalues, 50)
    assert response.device == eigenvalues.device
    oracle = f.modal_response(METHODS[3], eigenvalues.double().cpu(), 50)
    torch.testing.assert_close(response.cpu(), oracle, rtol=0, atol=1e-13)
