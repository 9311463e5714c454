import math

import pytest
import torch

from rootkappa.dynamics import frozen_norms
from rootkappa.optimizers import tunings
from rootkappa.rates import linear_or_sublinear

T = torch.arange(4000, dtype=torch.float64)


def quartic(steps=4000, eta=0.05):
    """Gradient descent on x^4 / 4."""
    x, read = 1.0, []
    for _ in range(steps):
        read.append(abs(x))
        x -= eta * x**3
    return torch.tensor(read, dtype=torch.float64)


def quadratic(tuning, kappa, steps):
    eigenvalues = torch.logspace(-math.log10(kappa), 0, 8, dtype=torch.float64)
    return frozen_norms(tuning(1 / kappa, 1.0), eigenvalues, torch.ones(8), steps)


def noisy(norms):
    source = torch.Generator().manual_seed(2)
    return norms * torch.exp(0.1 * torch.randn(len(norms), generator=source, dtype=torch.float64))


CASES = {
    "slow exponential": (0.999**T, "linear"),
    "fast exponential": (0.9**T, "linear"),
    "noisy exponential": (noisy(0.999**T), "linear"),
    "1/t": (1 / (1 + T), "sublinear"),
    "1/t^2": ((1 + T) ** -2, "sublinear"),
    "1/sqrt t, noisy": (noisy((1 + T) ** -0.5), "sublinear"),
    "power law, then exponential": ((1 + T) ** -1 * 0.995**T, "linear"),
    "exponential, then power law": (0.9**T + 1e-3 / (1 + T), "sublinear"),
    "x^4": (quartic(), "sublinear"),
    "Nesterov on a quadratic": (quadratic(tunings.lazy_nesterov, 100.0, 500), "linear"),
    "heavy ball on a quadratic": (quadratic(tunings.optimal_heavy_ball, 400.0, 600), "linear"),
    "gradient descent": (quadratic(tunings.classical_gradient_descent, 50.0, 1000), "linear"),
    "constant": (torch.ones(500, dtype=torch.float64), "undecided"),
    "hardly falls": (0.9999 ** T[:1000], "undecided"),
}


@pytest.mark.parametrize("case", CASES)
def test_verdict(case):
    norms, expected = CASES[case]
    found = linear_or_sublinear(norms)
    assert found.verdict == expected
    if expected != "undecided":
        assert (found.exponential.miss < found.power_law.miss) == (expected == "linear")


def test_rates_of_pure_laws():
    assert linear_or_sublinear(0.99 ** T[:1000]).exponential.rate == pytest.approx(0.99, abs=1e-6)
    assert linear_or_sublinear((1 + T) ** -1.5).power_law.rate == pytest.approx(1.5, abs=5e-3)


def test_nan_after_the_end_is_dropped():
    norms = 0.99**T
    norms[2000:] = torch.nan
    assert linear_or_sublinear(norms).window[1] == 1999


@pytest.mark.parametrize(
    ("norms", "options", "message"),
    [
        (0.9 ** T[:6], {}, "only 5 steps.*record more steps"),
        (0.9**T, {"skip": 1.0}, r"skip must lie in \[0, 1\), got 1.0"),
        (torch.zeros(50), {}, "start above 0"),
        (torch.ones(2, 50), {}, r"got \(2, 50\)"),
    ],
)
def test_messages(norms, options, message):
    with pytest.raises(ValueError, match=message):
        linear_or_sublinear(norms, **options)
