import numpy as np
import pytest

from rootkappa.rates import _laws

T = np.linspace(100.0, 2000.0, 60)


@pytest.mark.parametrize(
    ("logs", "rate"),
    [
        (3 - 0.01 * T, 0.01),
        (-1.0 * np.log(T), 0.0),
        (-1.0 * np.log(T) - 0.002 * T, 0.002),
        (-(T**0.5), 0.0),
        # Onsets relative to the last time, 2000; delta = 5/4.
        (-2 * np.log(T + 2000), 0.0),
        (4 * (T + 1000) ** -0.25, 0.0),
    ],
)
def test_laws_of_the_family_fit_with_their_rate(logs, rate):
    fits = _laws.Fits(_laws.fit(T, logs), expected=1e-6)
    low, high = fits.rates()
    assert _laws.rms(fits.best()) < 1e-9 * np.ptp(logs)
    assert low - 1e-9 <= rate <= high + 1e-9


def test_a_law_against_least_squares():
    """At a rate below the crossing the misfit is that of the line in g alone."""
    logs, slowing = -np.log(T) - 0.001 * T + 0.1 * np.sin(T), np.log(T / T[-1])
    law = _laws._fit(T, slowing, logs)
    design = np.stack([np.ones(60), -slowing, -T], 1)
    weights, (square,), *_ = np.linalg.lstsq(design, logs, rcond=None)
    assert (weights[1:] > 0).all()
    assert law.slowing.rate == pytest.approx(weights[2])
    assert _laws.rms(law.best()) == pytest.approx(np.sqrt(square / 60))


@pytest.mark.parametrize("bend", [0.0, 0.3, 3.0, -3.0])
@pytest.mark.parametrize("factor", [1.05, 2.0, 20.0])
def test_the_rates_that_fit_against_a_scan(bend, factor):
    """At every rate of a fine grid the best A >= 0 is that of a regression through one column."""
    logs = -0.004 * T - bend * np.log(T) + 0.05 * np.sin(T / 90)
    slowing = np.log(T / T[-1])
    law = _laws._fit(T, slowing, logs)
    g = slowing - slowing.mean()

    def miss(rate):
        rest = logs + rate * T
        rest = rest - rest.mean()
        return _laws.rms(rest + max(0.0, -(g @ rest) / (g @ g)) * g)

    grid = np.linspace(0, 0.04, 8001)
    misses = np.array([miss(rate) for rate in grid])
    assert _laws.rms(law.best()) == pytest.approx(misses.min(), rel=1e-4)
    fitting = grid[misses <= factor * misses.min()]
    assert law.rates(factor * misses.min()) == pytest.approx(
        (fitting.min(), fitting.max()), abs=2 * grid[1]
    )


def test_neither_rate_nor_slowing_is_negative():
    rising = _laws._fit(T, np.log(T), 0.01 * T)
    assert rising.rates(1e9)[0] == 0.0
    speeding = _laws._fit(T, np.log(T), -1e-5 * T**2)
    assert _laws.rms(speeding.best()) == pytest.approx(
        _laws.rms(speeding.steady.misses(speeding.steady.rate))
    )


def test_scatter_against_known_noise():
    noise = 0.01 * np.random.default_rng(0).standard_normal((200, 60))
    found = [_laws.scatter(-np.log(T) + draw) for draw in noise]
    assert np.median(found) == pytest.approx(0.01, rel=0.1)


def test_a_bend_counts_as_few_misfits_and_noise_as_many():
    bend = np.cos(2 * np.pi * np.arange(60) / 60)
    noise = np.random.default_rng(0).standard_normal(60)
    assert _laws._independent(bend) < 1.5
    assert _laws._independent(noise) == pytest.approx(20)
