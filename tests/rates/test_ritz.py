import numpy as np
import pytest

from rootkappa.rates._ritz import _Span, ritz


def columns(rng, noise, values=(0.1, 0.5, 0.9, 1.0)):
    """U, H U and what noise does to them, in units of the noise."""
    basis = np.linalg.qr(rng.standard_normal((4, 4)))[0]
    u = rng.standard_normal((4, 12))
    v = basis @ np.diag(values) @ basis.T @ u
    draw = rng.standard_normal((2, 4, 12)) * noise / 2
    scale = max(noise, 1e-14)
    return (u + draw[0]) / scale, (v + draw[1]) / scale, basis


def test_exact_without_noise():
    u, v, basis = columns(np.random.default_rng(0), 0.0)
    found = ritz(u, v, 1.0)
    assert (found.least.value, found.greatest.value) == pytest.approx((0.1, 1.0), abs=1e-12)
    assert abs(found.least.vector @ basis[:, 0]) == pytest.approx(1, abs=1e-9)
    assert abs(found.greatest.vector @ basis[:, 3]) == pytest.approx(1, abs=1e-9)
    assert found.inflation == 1


@pytest.mark.parametrize("noise", [1e-8, 1e-5, 1e-3])
def test_reach_holds_against_known_noise(noise):
    """4.5 deviations, and not many more: no error above the reach, and half of them over 1/20."""
    rng, errors = np.random.default_rng(1), []
    for _ in range(60):
        u, v, _ = columns(rng, noise)
        found = ritz(u, v, 1.5)
        errors.append(abs(found.least.value - 0.1) / found.least.reach)
    assert max(errors) < 1
    assert np.median(errors) > 1 / 20


def test_noise_is_raised_until_it_explains_the_misfit():
    u, v, _ = columns(np.random.default_rng(2), 1e-6)
    quiet = ritz(u * 1e3, v * 1e3, 1.0)  # as if the noise were a thousand times smaller
    assert 100 < quiet.inflation < 10000


def test_nothing_above_the_noise():
    assert ritz(np.ones((3, 6)), np.ones((3, 6)), 1.0) is None


def symmetric_least_squares(a, b):
    """The symmetric h with least ||h a - b||, by a plain regression on its entries."""
    size = len(a)
    places = [(i, j) for i in range(size) for j in range(i, size)]
    columns = []
    for i, j in places:
        unit = np.zeros((size, size))
        unit[i, j] = unit[j, i] = 1.0
        columns.append((unit @ a).ravel())
    entries = np.linalg.lstsq(np.stack(columns, 1), b.ravel(), rcond=None)[0]
    h = np.zeros((size, size))
    for (i, j), entry in zip(places, entries, strict=True):
        h[i, j] = h[j, i] = entry
    return h


def test_the_kernel_is_the_symmetric_one_closest_to_the_data():
    rng = np.random.default_rng(4)
    u, v = rng.standard_normal((3, 9)), rng.standard_normal((3, 9))
    span = _Span(u, v, 1.0)
    kernel, weights = span.kernel(3)
    np.testing.assert_allclose(
        span.basis @ kernel @ span.basis.T, symmetric_least_squares(u, v), rtol=1e-9
    )
    squares = np.linalg.svd(u, compute_uv=False) ** 2
    np.testing.assert_allclose(weights, 1 / (squares[:, None] + squares), rtol=1e-12)


def test_a_misfit_counts_what_a_symmetric_kernel_leaves_over_its_freedom():
    rng = np.random.default_rng(5)
    u, v = rng.standard_normal((3, 9)), rng.standard_normal((3, 9))
    left = np.linalg.norm(v - symmetric_least_squares(u, v) @ u)
    freedom = (3 * 9 - 6) / 3
    assert _Span(u, v, 2.0).misfit(3) == pytest.approx(left / (2 * np.sqrt(freedom)))
    h = np.diag([1.0, 2.0, 5.0])
    assert _Span(u, h @ u, 2.0).misfit(3) < 1e-12


def test_one_component_has_one_value():
    u = 1e6 * 0.9 ** np.arange(20.0)[None]
    found = ritz(u, 0.3 * u, 1.0)
    assert found.least.value == found.greatest.value == pytest.approx(0.3)
    assert found.least.vector.tolist() == [pytest.approx(1.0, abs=1e-12)] or (
        found.least.vector.tolist() == [pytest.approx(-1.0, abs=1e-12)]
    )


@pytest.mark.parametrize(("threshold", "rank"), [(0.5, 3), (1.5, 2), (2.0, 1), (9.0, 0)])
def test_directions_are_kept_above_a_threshold(threshold, rank):
    assert _Span(np.diag([3.0, 2.0, 1.0]), np.eye(3), 1.0).rank(threshold) == rank


def test_the_sharpest_of_several_cuts_counts_on_each_side():
    # Of the weak direction the value is known least, and noise of the strong ones does not hide it.
    u = np.diag([1e9, 1e5, 300.0])
    v = np.diag([0.5, 0.9, 0.1]) @ u
    found = ritz(np.repeat(u, 4, axis=1), np.repeat(v, 4, axis=1), 1.0)
    assert found.least.value == pytest.approx(0.1)
    assert found.greatest.value == pytest.approx(0.9)
    assert abs(found.least.vector).argmax() == 2
    assert abs(found.greatest.vector).argmax() == 1
    assert found.greatest.reach < found.least.reach
