import math
from dataclasses import dataclass

import pytest
import torch

from rootkappa.dynamics import modal_response, spectral_radius
from rootkappa.optimizers import tunings
from rootkappa.optimizers.method import Method, gradient_descent, heavy_ball, nesterov
from rootkappa.rates import mode_factor, tail_factor, tail_factors

DEEP = (1e-4, 1e-140)


def products(responses):
    """Norms and lagged products of a run given its modes, shape (N, T + 1)."""
    norms = responses.norm(dim=0)
    lag1, lag2 = torch.full_like(norms, torch.nan), torch.full_like(norms, torch.nan)
    lag1[1:] = (responses[:, 1:] * responses[:, :-1]).sum(0)
    lag2[2:] = (responses[:, 2:] * responses[:, :-2]).sum(0)
    return norms, lag1, lag2


def iterate(method, eigenvalues, steps):
    """The plain iteration, rounding included."""
    before = now = torch.ones_like(eigenvalues)
    read = []
    for t in range(steps + 1):
        eta, beta, gamma = method.coefficients(t)
        y = now + gamma * (now - before)
        read.append(y)
        before, now = now, now + beta * (now - before) - eta * eigenvalues * y
    return products(torch.stack(read, -1))


def spectrum(kappa, modes=6):
    return torch.logspace(-math.log10(kappa), 0, modes, dtype=torch.float64)


TUNINGS = [
    (tunings.classical_gradient_descent, "real", 1e-10),
    (tunings.optimal_gradient_descent, "real", 1e-10),
    (tunings.modular_heavy_ball, "complex", 1e-8),
    (tunings.lazy_nesterov, "complex", 1e-8),
]


@pytest.mark.parametrize("kappa", [4.0, 25.0, 1e2, 1e3, 1e4])
@pytest.mark.parametrize(("tuning", "kind", "accuracy"), TUNINGS)
def test_exact_on_quadratics(kappa, tuning, kind, accuracy):
    method, eigenvalues = tuning(1 / kappa, 1.0), spectrum(kappa)
    radius = float(spectral_radius(method, eigenvalues).max())
    steps = int(min(-310 / math.log(radius), 60000))
    if steps < 3000:
        run = iterate(method, eigenvalues, steps)
    else:
        run = products(modal_response(method, eigenvalues, steps))
    if float(run[0][-1]) > 1e-4 * float(run[0][0]):  # gradient descent at kappa = 1e4
        run = products(modal_response(method, eigenvalues, 200000))
    found = tail_factor(*run, window=DEEP)
    assert found.kind == kind
    assert found.factor == pytest.approx(radius, abs=accuracy)
    assert found.interval[0] - 1e-12 <= radius <= found.interval[1] + 1e-12


@pytest.mark.parametrize("kappa", [16.0, 100.0, 1000.0])
@pytest.mark.parametrize("modes", [1, 6, 30])
def test_heavy_ball_needs_no_long_window(kappa, modes):
    method = tunings.modular_heavy_ball(1 / kappa, 1.0)
    run = iterate(method, spectrum(kappa, modes), int(80 * math.sqrt(kappa)))
    found = tail_factor(*run)
    assert found.factor == pytest.approx(1 - 0.5 / math.sqrt(kappa), abs=1e-12)


@pytest.mark.parametrize(("tuning", "kind", "accuracy"), TUNINGS)
def test_one_mode_is_exact_though_others_are_close(tuning, kind, accuracy):
    eigenvalues = torch.tensor([0.04, 0.0401, 0.0404, 1.0], dtype=torch.float64)
    method = tuning(0.04, 1.0)
    slowest = float(spectral_radius(method, eigenvalues[0]))
    steps = math.ceil(math.log(1e-12) / math.log(slowest))
    found = mode_factor(modal_response(method, eigenvalues, steps)[0])
    assert found.factor == pytest.approx(slowest, abs=accuracy)
    assert found.kind == kind


def test_a_mode_of_whole_numbers_is_refused():
    with pytest.raises(TypeError, match=r"floating-point numbers, got torch.int64"):
        mode_factor(torch.arange(50))


def test_overdamped_modes_are_read_from_the_norms():
    """Below 8/9 lambda_min Nesterov's slowest roots are real, and slower than sqrt q."""
    method = tunings.lazy_nesterov(0.01, 1.0)
    eigenvalues = torch.tensor([0.006, 0.05, 0.4, 1.0], dtype=torch.float64)
    found = tail_factor(*iterate(method, eigenvalues, 1200))
    assert found.kind == "real"
    radius = float(spectral_radius(method, eigenvalues).max())
    assert found.factor == pytest.approx(radius, abs=1e-6)


def test_a_double_root_widens_the_interval():
    method = heavy_ball(1.0, 0.81)
    run = iterate(method, torch.tensor([0.01], dtype=torch.float64), 400)
    found = tail_factor(*run)
    assert found.factor == pytest.approx(0.9, abs=1e-4)
    assert found.interval[1] - 0.9 > 3e-3


@pytest.mark.parametrize("tuning", [tunings.modular_heavy_ball, tunings.lazy_nesterov])
def test_energy_alone_is_honest(tuning):
    method, eigenvalues = tuning(0.01, 1.0), spectrum(100.0, 4)
    norms, _, _ = iterate(method, eigenvalues, 600)
    found = tail_factor(norms)
    radius = float(spectral_radius(method, eigenvalues).max())
    assert found.kind == "energy"
    assert found.interval[0] <= radius <= found.interval[1]
    assert found.interval[1] - found.interval[0] < 0.03


@pytest.mark.parametrize("floor", [1e-9, 1e-12])
@pytest.mark.parametrize(("tuning", "kind", "_"), TUNINGS)
def test_a_rounding_floor_is_left_out(floor, tuning, kind, _):
    method, eigenvalues = tuning(1 / 25, 1.0), spectrum(25.0, 3)
    source = torch.Generator().manual_seed(1)
    modes = modal_response(method, eigenvalues, 1500)
    noise = floor * torch.randn(modes.shape, generator=source, dtype=torch.float64)
    found = tail_factor(*products(modes + noise))
    radius = float(spectral_radius(method, eigenvalues).max())
    assert found.factor == pytest.approx(radius, abs=3e-3)
    assert float(modes.norm(dim=0)[found.window[1]]) > floor


@pytest.mark.parametrize(
    "wrong",
    [
        Method(1.0, momentum=0.9, name="another beta"),
        heavy_ball(2.0, 0.9025),
        nesterov(1.0, 0.9025),
    ],
    ids=["beta", "doubled step", "y for w"],
)
def test_planted_mistakes_show(wrong):
    """Heavy ball's tail is sqrt beta = 0.95; only the doubled step keeps it, and by the theory."""
    found = tail_factor(*iterate(wrong, spectrum(100.0), 800))
    assert (abs(found.factor - 0.95) < 1e-8) == (wrong.step_size == 2.0)


def test_doubled_step_shows_without_momentum():
    single, double = (
        tail_factor(*iterate(gradient_descent(eta), spectrum(16.0), 900)).factor
        for eta in (0.9, 1.8)
    )
    assert 1 - double == pytest.approx(2 * (1 - single), rel=1e-8)


@dataclass
class Run:
    residual_norms: torch.Tensor
    lag1: torch.Tensor
    lag2: torch.Tensor


def test_every_replica_and_the_name_of_a_bad_one():
    methods = [gradient_descent(1.0), heavy_ball(1.0, 0.81)]
    rows = [iterate(method, spectrum(9.0), 600) for method in methods]
    rows[0][0][500:] = torch.nan  # stopped early
    run = Run(*(torch.stack(parts) for parts in zip(*rows, strict=True)))
    factors = [found.factor for found in tail_factors(run)]
    assert factors == pytest.approx([8 / 9, 0.9], abs=1e-9)
    run.residual_norms[1] = 1.0
    with pytest.raises(ValueError, match=r"replica 1: the residual falls only to 1 of its start"):
        tail_factors(run)


DECAY = 0.9 ** torch.arange(400, dtype=torch.float64)


@pytest.mark.parametrize(
    ("norms", "options", "message"),
    [
        (torch.ones(50), {}, "falls only to 1 of its start in 49 steps.*train longer"),
        (1 / DECAY, {}, "falls only to 1 of its start"),
        (DECAY[::40], {}, "only [0-9] steps lie between.*widen the window"),
        (DECAY[:93], {}, "rate needs 8"),
        (DECAY[None], {}, r"shape \(T \+ 1,\), got \(1, 400\)"),
        (DECAY.clone().index_fill_(0, torch.tensor([9]), torch.nan), {}, "1 NaN or infinite"),
        (DECAY.clone().index_fill_(0, torch.tensor([9]), torch.inf), {}, "1 NaN or infinite"),
        (-DECAY, {}, "at least 0 and start above 0"),
        (DECAY, {"window": (1e-11, 1e-4)}, "upper > lower"),
        (DECAY, {"lag2": DECAY[:5]}, r"lag2 has shape \(5,\) and norms \(400,\)"),
    ],
)
def test_messages(norms, options, message):
    with pytest.raises(ValueError, match=message):
        tail_factor(norms, **options)
