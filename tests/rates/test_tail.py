import math
from dataclasses import dataclass

import numpy as np
import pytest
import torch

from rootkappa import Quadratic, train
from rootkappa.dynamics import spectral_radius
from rootkappa.optimizers import tunings
from rootkappa.optimizers.method import Method, gradient_descent, heavy_ball, nesterov
from rootkappa.rates import RateStatus, free_factor, tail_factor, tail_factors

TUNINGS = {
    "gradient descent": tunings.classical_gradient_descent,
    "gradient descent, 2/(L + mu)": tunings.optimal_gradient_descent,
    "heavy ball": tunings.modular_heavy_ball,
    "heavy ball, optimal": tunings.optimal_heavy_ball,
    "Nesterov": tunings.lazy_nesterov,
    "Nesterov, double root": tunings.classical_nesterov,
    "gamma other": lambda low, high: Method(0.7 / high, 1 - math.sqrt(low / high), 0.4),
    "beta = 0": lambda low, high: Method(0.8 / high, 0.0, 0.5),
    "real slow mode": lambda low, high: tunings.lazy_nesterov(1.6 * low, high),
}
RESOLVED = RateStatus.RESOLVED


def spectrum(kappa, modes=6):
    return torch.logspace(-math.log10(kappa), 0, modes, dtype=torch.float64)


def radius(method, eigenvalues):
    return float(spectral_radius(method, eigenvalues).max())


def rotated(eigenvalues, seed=0):
    source = torch.Generator().manual_seed(seed)
    shape = (len(eigenvalues), len(eigenvalues))
    basis = torch.linalg.qr(torch.randn(shape, generator=source, dtype=torch.float64)).Q
    return (basis * eigenvalues) @ basis.T


@pytest.mark.parametrize("kappa", [4.0, 100.0])
@pytest.mark.parametrize("name", TUNINGS)
def test_exact_on_quadratics(name, kappa, iterate):
    method, eigenvalues = TUNINGS[name](1 / kappa, 1.0), spectrum(kappa)
    rho = radius(method, eigenvalues)
    run = iterate(method, rotated(eigenvalues), math.ceil(math.log(1e-12) / math.log(rho)))
    found = tail_factor(run, method)
    assert found.status == RESOLVED
    assert found.contains(rho)
    assert found.factor == pytest.approx(rho, abs=1e-3 * (1 - rho))
    assert found.free.interval[0] <= rho <= found.free.interval[1]


@pytest.mark.parametrize("name", ["heavy ball", "Nesterov", "beta = 0"])
@pytest.mark.parametrize("kind", [list, np.array, torch.tensor])
def test_one_component_of_any_kind(kind, name, iterate):
    method = TUNINGS[name](0.05, 1.0)
    run = iterate(method, [0.05], 150)[:, 0].tolist()
    run = torch.tensor(run, dtype=torch.float64) if kind is torch.tensor else kind(run)
    found = tail_factor(run, method)
    assert found.contains(radius(method, torch.tensor([0.05], dtype=torch.float64)))
    assert found.interval[1] - found.interval[0] < 1e-5


def test_heavy_ball_has_a_margin_for_rounding(iterate):
    method = tunings.modular_heavy_ball(0.01, 1.0)
    found = tail_factor(iterate(method, rotated(spectrum(100.0)), 500), method)
    assert 0 < found.interval[1] - found.interval[0] < 1e-13
    assert found.contains(math.sqrt(method.momentum))
    assert found.contains(math.nextafter(math.sqrt(method.momentum), 0))


@pytest.mark.parametrize("scale", [1e-6, 1e6, 2.0**-300])
def test_scale_does_not_matter(scale, iterate):
    method = tunings.lazy_nesterov(0.02, 1.0)
    run = iterate(method, rotated(spectrum(50.0)), 300)
    one, other = tail_factor(run, method), tail_factor(scale * run, method)
    assert (other.status, other.window) == (one.status, one.window)
    assert other.interval == pytest.approx(one.interval, rel=1e-9)
    noisy = tail_factor(scale * run, method, noise=scale * 1e-3)
    assert noisy.noise == pytest.approx(tail_factor(run, method, noise=1e-3).noise)


def test_a_short_run_gives_a_lower_bound_and_a_longer_one_both_ends(iterate):
    method, eigenvalues = tunings.lazy_nesterov(0.01, 1.0), spectrum(100.0, 30)
    run = iterate(method, rotated(eigenvalues), 200)
    found = [tail_factor(run[:steps], method) for steps in (15, 60, 200)]
    assert [f.status for f in found] == ["lower bound only", "bracketed", "resolved"]
    assert all(f.contains(radius(method, eigenvalues)) for f in found)
    assert found[0].interval[1] == 1.0
    assert "too short" in found[0].reason
    assert found[2].reason == ""


def test_the_share_says_what_may_be_hidden(iterate):
    """A slow mode of 1e-18 of the energy: seen on a clean run, hidden below noise, and said so."""
    method = tunings.lazy_nesterov(0.01, 1.0)
    rho = radius(method, torch.tensor([0.01], dtype=torch.float64))
    start = torch.tensor([1e-9, 1.0, 1.0], dtype=torch.float64)
    run = iterate(method, [0.01, 0.05, 0.8], 400, start)
    assert tail_factor(run, method).contains(rho)
    source = torch.Generator().manual_seed(1)
    noise = 1e-6 * torch.randn(run.shape, generator=source, dtype=torch.float64)
    hidden = tail_factor(run + noise, method)
    assert not hidden.contains(rho)
    assert hidden.share > 1e-18
    assert tail_factor(run + noise, method, share=1e-20).contains(rho)


@pytest.mark.parametrize("floor", [1e-12, 1e-9, 1e-6])
def test_noise_is_found(floor, iterate):
    method, eigenvalues = tunings.lazy_nesterov(0.01, 1.0), spectrum(100.0, 20)
    run = iterate(method, rotated(eigenvalues), 400)
    source = torch.Generator().manual_seed(1)
    noise = torch.randn(run.shape, generator=source, dtype=torch.float64) / 20**0.5
    found = tail_factor(run + floor * run[0].norm() * noise, method)
    assert found.contains(radius(method, eigenvalues))
    assert floor / 3 < found.noise < 10 * floor


def test_single_precision(iterate):
    method, eigenvalues = tunings.lazy_nesterov(0.02, 1.0), spectrum(50.0)
    run = iterate(method, rotated(eigenvalues), 200).float()
    found = tail_factor(run, method)
    assert found.contains(radius(method, eigenvalues))
    assert found.noise > 1e-7


@pytest.mark.parametrize(
    ("wrong", "shows"),
    [
        (Method(1.0, momentum=0.9, name="another beta"), True),
        (heavy_ball(2.0, 0.9025), False),  # heavy ball's radius does not depend on the step
        (nesterov(1.0, 0.9025), True),
        (gradient_descent(1.0), True),
    ],
    ids=["beta", "doubled step", "y for w", "no momentum"],
)
def test_planted_mistakes_show(wrong, shows, iterate):
    """The run is not what it is said to be: no factor, or another one, or a misfit with `free`."""
    said = heavy_ball(1.0, 0.9025)
    found = tail_factor(iterate(wrong, rotated(spectrum(100.0)), 500), said)
    if shows:
        assert found.status == RateStatus.CANNOT_TELL
        assert math.isnan(found.factor)
        assert not found.contains(0.95)
    else:
        assert found.contains(0.95)


def test_a_wrong_name_is_seen_and_the_direction_can_still_be_read(iterate):
    run = iterate(heavy_ball(1.0, 0.81), [0.02, 0.4, 0.9], 300)
    found = tail_factor(run, heavy_ball(1.0, 0.8))
    assert found.status == found.free.status == RateStatus.CANNOT_TELL
    assert "constants" in found.reason
    free = free_factor(run, [1.0, 0.0, 0.0])
    assert free.factor == pytest.approx(0.9, abs=1e-9)


def test_a_plateau_and_a_growing_run_are_named(iterate):
    method = tunings.lazy_nesterov(0.05, 1.0)
    run = iterate(method, rotated(spectrum(20.0)), 600)
    offset = tail_factor(run + 1e-3, method)
    assert (offset.status, "does not decay" in offset.reason) == (RateStatus.CANNOT_TELL, True)
    grows = tail_factor(iterate(gradient_descent(2.1), [1.0, 0.3], 60), gradient_descent(2.1))
    assert (grows.status, "lower the step size" in grows.reason) == (RateStatus.CANNOT_TELL, True)


def test_a_drifting_kernel_widens_the_interval():
    method, eigenvalues = tunings.lazy_nesterov(0.05, 1.0), spectrum(20.0, 8)
    before = now = torch.ones(8, dtype=torch.float64)
    eta, beta, gamma = method.coefficients(0)
    kernel, rows = rotated(eigenvalues), []
    for _ in range(200):
        point = now + gamma * (now - before)
        rows.append(point)
        moved = 1 + 0.1 * float(point.norm()) / 8**0.5
        before, now = now, now + beta * (now - before) - eta * moved * (kernel @ point)
    found = tail_factor(torch.stack(rows), method)
    assert found.contains(radius(method, eigenvalues))
    assert found.window[0] > 0


def test_a_part_of_a_run(iterate):
    method, eigenvalues = tunings.lazy_nesterov(0.02, 1.0), spectrum(50.0)
    run = iterate(method, rotated(eigenvalues), 300)
    found = tail_factor(run[37:], method, from_rest=False)
    assert found.status == RESOLVED
    assert found.contains(radius(method, eigenvalues))


@pytest.mark.parametrize(
    ("method", "options", "message"),
    [
        (nesterov(1.0), {}, "Nesterov has a schedule or a restart rule.*effective_factor"),
        (gradient_descent(1.0), {"tolerance": 0.0}, "tolerance must be a finite number above 0"),
        (gradient_descent(1.0), {"share": -1.0}, "share must be a finite number above 0, got -1"),
        (
            gradient_descent(1.0),
            {"noise": math.nan},
            "noise must be finite and at least 0, got nan",
        ),
    ],
)
def test_messages(method, options, message):
    with pytest.raises(ValueError, match=message):
        tail_factor(0.9 ** torch.arange(50).double(), method, **options)


def test_too_few_steps():
    found = tail_factor(0.9 ** torch.arange(5).double(), gradient_descent(0.1))
    assert (found.status, found.reason) == (
        RateStatus.CANNOT_TELL,
        "too few of the 4 steps stand above the noise",
    )


@dataclass
class Run:
    """A trajectory, as far as rates look at it."""

    methods: tuple
    residuals: torch.Tensor | None


def test_every_replica_and_the_name_of_a_bad_one(iterate):
    """The replica that ends first stands first."""
    methods = (heavy_ball(1.0, 0.81), gradient_descent(1.0))
    rows = torch.stack([iterate(m, rotated(spectrum(9.0)), 300) for m in methods])
    rows[0, 120:] = torch.nan
    factors = [found.factor for found in tail_factors(Run(methods, rows))]
    assert factors == pytest.approx([0.9, 8 / 9], abs=1e-9)
    rows[1] = 0.0
    with pytest.raises(ValueError, match=r"replica 1: residuals start at 0"):
        tail_factors(Run(methods, rows))


def test_a_real_trajectory():
    model = Quadratic.with_spectrum(spectrum(16.0))
    method = tunings.lazy_nesterov(1 / 16, 1.0)
    run = train(model, method, model.initialise([0]), 150, keep_residuals=True)
    (found,) = tail_factors(run)
    assert found.contains(radius(method, spectrum(16.0)))
    without = train(model, method, model.initialise([0]), 20)
    with pytest.raises(ValueError, match=r"kept no residuals.*keep_residuals=True"):
        tail_factors(without)


@pytest.mark.parametrize("name", ["gradient descent", "heavy ball", "Nesterov"])
def test_rotations_and_silent_components_change_no_factor(name, iterate):
    method = TUNINGS[name](1 / 20, 1.0)
    run = iterate(method, rotated(spectrum(20.0)), 300)
    basis = torch.linalg.qr(rotated(spectrum(3.0), seed=5)).Q
    plain = tail_factor(run, method)
    for other in (
        run @ basis,
        -run,
        run[:, [5, 0, 3, 1, 4, 2]],
        torch.cat([run, torch.zeros(len(run), 3, dtype=torch.float64)], 1),
    ):
        found = tail_factor(other, method, share=plain.share)
        assert found.status == plain.status
        assert found.factor == pytest.approx(plain.factor, rel=1e-7)
        assert found.interval == pytest.approx(plain.interval, rel=1e-6)


def test_the_slowest_direction_and_the_extreme_values_are_told(iterate):
    eigenvalues = torch.tensor([0.05, 0.3, 1.0], dtype=torch.float64)
    kernel = rotated(eigenvalues, seed=2)
    found = tail_factor(iterate(gradient_descent(0.7), kernel, 300), gradient_descent(0.7))
    assert found.eigenvalues == pytest.approx((0.05, 1.0), abs=1e-6)
    slow = torch.linalg.eigh(kernel).eigenvectors[:, 0]
    assert abs(float(found.direction @ slow)) == pytest.approx(1, abs=1e-6)
    assert found.share == pytest.approx(1e-3 / 3)


def test_ends_belong_to_the_interval_and_nothing_to_one_that_cannot_be_told(iterate):
    found = tail_factor(iterate(gradient_descent(1.0), [0.1, 0.4], 200), gradient_descent(1.0))
    assert all(found.contains(end) for end in (*found.interval, found.factor))
    assert not found.contains(math.nextafter(found.interval[1], 2))
    assert not found.contains(math.nextafter(found.interval[0], 0))
    told = tail_factor(0.9 ** torch.arange(5).double(), gradient_descent(0.1))
    assert not any(told.contains(x) for x in (0.0, 0.9, 1.0, math.nan))


@pytest.mark.parametrize("given", [3, [torch.ones(20)], "run"])
def test_what_is_no_run_is_named(given):
    kind = type(given).__name__
    with pytest.raises(TypeError, match=f"got {kind} as a run: give a Trajectory, as train does"):
        tail_factors(given)


@pytest.mark.parametrize(
    ("residuals", "kind", "message"),
    [
        (torch.ones(20, dtype=torch.int64), TypeError, "floating-point numbers, got int64"),
        (torch.zeros(20), ValueError, "residuals start at 0"),
        (torch.ones(3, 4, 5), ValueError, r"got \(3, 4, 5\).*trajectory to tail_factors"),
        (torch.tensor([1.0, math.nan, 0.5]), ValueError, "NaN or infinity at step 1, inside"),
    ],
)
def test_residuals_that_cannot_be_are_named(residuals, kind, message):
    with pytest.raises(kind, match=message):
        tail_factor(residuals, gradient_descent(0.1))
