import math

import numpy as np
import pytest
import torch
from scipy import stats

from rootkappa.dynamics import modal_response, spectral_radius
from rootkappa.optimizers import tunings
from rootkappa.optimizers.method import Method, gradient_descent, heavy_ball, nesterov
from rootkappa.rates import RateStatus, free_factor
from rootkappa.rates.free import _modulus, _reconcile, cannot_tell

METHODS = [
    gradient_descent(1.0),
    tunings.modular_heavy_ball(0.02, 1.0),
    tunings.lazy_nesterov(0.02, 1.0),
    Method(0.7, 0.8, 0.3),
    Method(0.8, 0.0, 0.5),  # beta = 0 with gamma > 0 remembers too
    heavy_ball(1.0, 0.5),  # real roots: the Casoratian reads sqrt(0.5)
]


@pytest.mark.parametrize("method", METHODS)
def test_one_mode_is_exact(method):
    run = modal_response(method, torch.tensor([0.02], dtype=torch.float64), 200)[0]
    radius = float(spectral_radius(method, torch.tensor([0.02], dtype=torch.float64)))
    memory = method.momentum != 0 or method.extrapolation != 0
    found = free_factor(run, memory=memory)
    assert found.status == RateStatus.RESOLVED
    assert found.factor == pytest.approx(radius, abs=1e-10)
    assert found.interval[0] <= radius <= found.interval[1]


T = np.arange(300.0)
ROTATED = np.array([[0.9, 0.4], [0.0, 0.5]])


@pytest.mark.parametrize(
    ("series", "factor"),
    [
        (0.9**T + 0.5**T, 0.9),
        (0.9**T - 2 * 0.5**T, 0.9),
        (0.9**T * np.cos(0.4 * T), 0.9),
        (np.stack([np.linalg.matrix_power(ROTATED, int(t))[0].sum() for t in T]), 0.9),
        (0.9**T * (1 + 0.1 * T), 0.9),
    ],
)
def test_roots_that_the_casoratian_misreads(series, factor):
    """Its root is sqrt(z1 z2): 0.67 for 0.9 and 0.5, also for the kernel that is not normal."""
    found = free_factor(series)
    assert found.factor == pytest.approx(factor, abs=1e-6)
    assert found.interval[0] <= factor <= found.interval[1]


@pytest.mark.parametrize(
    ("series", "reason"),
    [
        (0.9**T + 1e-3, "not decay|no single mode"),
        (1.01**T, "does not decay"),
        (0.9 ** T[:6], "only 5 steps stand above the noise.*needs 8"),
        (np.random.default_rng(0).standard_normal(300), "no single mode|above the noise"),
    ],
)
def test_what_is_no_decaying_mode_is_not_read(series, reason):
    found = free_factor(series)
    assert found.status == RateStatus.CANNOT_TELL
    assert math.isnan(found.factor)
    assert __import__("re").search(reason, found.reason)


def test_a_second_mode_widens_the_interval():
    run = 0.95**T * np.cos(0.3 * T) + 0.1 * 0.8**T
    found = free_factor(run)
    assert found.interval[0] <= 0.95 <= found.interval[1]
    assert found.interval[1] - found.interval[0] > 1e-4


@pytest.mark.parametrize("level", [1e-3, 1e-6])
@pytest.mark.parametrize("kind", ["reading", "recursion"])
def test_the_interval_covers_against_known_noise(kind, level):
    rng, covered = np.random.default_rng(7), 0
    for _ in range(60):
        noise = level * rng.standard_normal(200)
        if kind == "reading":
            run = 0.93 ** np.arange(200.0) * np.cos(0.3 * np.arange(200.0)) + noise
        else:
            run = [1.0, 0.93 * math.cos(0.3)]
            for shock in noise[2:]:
                size = math.hypot(run[-1], run[-2])
                run.append(1.86 * math.cos(0.3) * run[-1] - 0.93**2 * run[-2] + shock * size)
        found = free_factor(np.asarray(run))
        covered += found.interval[0] <= 0.93 <= found.interval[1]
    assert stats.binom.cdf(covered, 60, 0.93) > 1e-3


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_scale_does_not_matter(scale):
    run = 0.9**T * np.cos(0.4 * T) + 1e-9 * np.random.default_rng(3).standard_normal(300)
    one, other = free_factor(run), free_factor(scale * run)
    assert other.interval == pytest.approx(one.interval, rel=1e-12)
    assert other.window == one.window


def test_along_a_direction(iterate):
    run = iterate(nesterov(1.0, 0.8), [0.02, 0.3, 0.9], 60)
    for i, eigenvalue in enumerate((0.02, 0.3, 0.9)):
        radius = spectral_radius(
            nesterov(1.0, 0.8), torch.tensor([eigenvalue], dtype=torch.float64)
        )
        found = free_factor(run, 5 * torch.eye(3)[i])
        assert found.factor == pytest.approx(float(radius), abs=1e-9)


@pytest.mark.parametrize(
    ("direction", "message"),
    [
        (None, "3 components, each a mixture.*TailFactor.direction"),
        ([1.0, 0.0], r"shape \(3,\) as residuals do, got shape \(2,\)"),
        ([0.0, 0.0, 0.0], "length 0.0"),
        ([math.nan, 0.0, 0.0], "length nan"),
    ],
)
def test_messages(direction, message):
    with pytest.raises(ValueError, match=message):
        free_factor(torch.ones(20, 3), direction)


def test_tolerance():
    with pytest.raises(ValueError, match="tolerance must be a finite number above 0, got -1"):
        free_factor(0.9**T, tolerance=-1)


@pytest.mark.parametrize("smaller", [0.3, 0.8, 0.9])
@pytest.mark.parametrize("steps", [400, 3000])
def test_the_larger_root_is_told_when_the_smaller_has_died_out(smaller, steps):
    t = np.arange(float(steps))
    found = free_factor(0.99**t + 2 * smaller**t)
    assert found.status == RateStatus.RESOLVED
    assert found.interval[0] - 1e-12 <= 0.99 <= found.interval[1] + 1e-12
    assert found.factor == pytest.approx(0.99, abs=1e-6)


def test_a_slow_wave_with_noise_is_not_read_as_one_root():
    t, noise = np.arange(3000.0), np.random.default_rng(0).normal(size=3000)
    found = free_factor(0.999**t * np.cos(0.01 * t) + 1e-3 * noise)
    assert found.status == RateStatus.CANNOT_TELL or abs(found.factor - 0.999) < 1e-4


@pytest.mark.parametrize("memory", [True, False])
def test_signs_that_alternate_have_a_negative_root(memory):
    found = free_factor((-0.9) ** T[:120], memory=memory)
    assert found.factor == pytest.approx(0.9, abs=1e-9)
    assert found.coefficients[0] < 0 or memory


def test_without_memory_the_second_coefficient_is_zero():
    found = free_factor(3 * 0.8 ** T[:60], memory=False)
    assert found.coefficients == (pytest.approx(0.8), 0.0)
    assert (found.status, found.window) == (RateStatus.RESOLVED, (0, 59))


@pytest.mark.parametrize("seed", range(3))
def test_where_the_smaller_root_has_died_out_the_larger_is_read_of_the_second_half(seed):
    # With more noise than this, rounding decides which of the two fits is told.
    noise = 1e-9 * np.random.default_rng(seed).standard_normal(300)
    found = free_factor(0.95**T * (1 + noise))
    assert found.factor == pytest.approx(0.95, abs=1e-8)
    assert found.coefficients == (found.factor, 0.0)
    assert 100 < found.window[0] < found.window[1] < 300


def test_a_narrower_tolerance_is_not_resolved():
    noise = 1e-4 * np.random.default_rng(2).standard_normal(300)
    run = 0.95**T * np.cos(0.3 * T) + noise
    wide, narrow = (free_factor(run, tolerance=share) for share in (0.5, 1e-4))
    assert (wide.status, narrow.status) == (RateStatus.RESOLVED, RateStatus.BRACKETED)
    assert wide.interval == narrow.interval
    assert "noisy or not one mode" in narrow.reason


@pytest.mark.parametrize("kind", [list, np.array, torch.tensor])
def test_a_run_of_any_kind_ends_with_nan(kind):
    values = [*(0.9 ** T[:60]), math.nan, math.nan]
    series = torch.tensor(values, dtype=torch.float64) if kind is torch.tensor else kind(values)
    assert free_factor(series).factor == pytest.approx(0.9, abs=1e-9)


@pytest.mark.parametrize(
    ("series", "options", "kind", "message"),
    [
        (0.9**T, {"tolerance": 0.0}, ValueError, "tolerance must be .* above 0, got 0"),
        (np.zeros(30), {}, ValueError, "residuals start at 0"),
        (np.ones(30, dtype=int), {}, TypeError, "residuals must hold floating-point numbers"),
        (
            np.ones((30, 2)),
            {"direction": np.array([1, 0])},
            TypeError,
            "direction must hold floating-point",
        ),
    ],
)
def test_series_and_options_that_cannot_be_are_named(series, options, kind, message):
    with pytest.raises(kind, match=message):
        free_factor(series, **options)


@pytest.mark.parametrize(
    ("p", "q", "modulus"),
    [(1.4, 0.45, 0.9), (-1.4, 0.45, 0.9), (0.0, 0.81, 0.9), (1.8, 0.81, 0.9), (0.9, 0.0, 0.9)],
    ids=["real", "negative", "imaginary", "double", "one"],
)
def test_the_larger_modulus_of_two_roots(p, q, modulus):
    assert float(_modulus(np.array(p), np.array(q))) == pytest.approx(modulus)
    assert max(abs(np.roots([1, -p, q]))) == pytest.approx(modulus, abs=1e-7)


def test_halves_that_disagree_widen_the_interval_around_the_later_one():
    assert _reconcile((0.9, 0.89, 0.91), (0.92, 0.905, 0.93)) == (0.9, 0.89, 0.91)
    found = _reconcile((0.9, 0.89, 0.91), (0.95, 0.94, 0.96))
    assert found == pytest.approx((0.95, 0.89, 1.01))
    assert _reconcile((0.95, 0.94, 0.96), (0.9, 0.89, 0.91)) == pytest.approx((0.9, 0.84, 0.96))


def test_what_cannot_be_told_has_a_reason_and_no_numbers():
    found = cannot_tell("it was too short")
    assert (found.status, found.reason) == (RateStatus.CANNOT_TELL, "it was too short")
    assert found.window == (0, 0)
    assert all(math.isnan(x) for x in (found.factor, *found.interval, *found.coefficients))
