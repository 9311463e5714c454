"""Made data have the properties that they are asked for."""

from __future__ import annotations

import pytest
import torch

from rootkappa import datasets


@pytest.mark.parametrize("kappa", [1.0, 25.0, 1e6])
def test_the_condition_number_is_exact(kappa):
    assert datasets.gaussian(kappa=kappa).condition_number == pytest.approx(kappa, rel=1e-9)


def test_labels_without_noise_are_interpolated():
    assert datasets.gaussian().interpolation_error < 1e-25
    assert datasets.gaussian(noise=1.0).interpolation_error > 10


def test_points_lie_on_the_sphere():
    X = datasets.sphere(d=6, n=8).X
    torch.testing.assert_close(X.norm(dim=0), torch.ones(8, dtype=torch.float64))
    # Each coordinate of a uniform point has mean square 1/d.
    far = datasets.sphere(d=4, n=20_000).X.square().mean(1)
    assert far.tolist() == pytest.approx([1 / 4] * 4, rel=0.03)
    labels = datasets.sphere(d=4, k=2, n=20_000).Y
    assert labels.mean(1).tolist() == pytest.approx([0, 0], abs=4 / 20_000**0.5)
    assert labels.square().mean(1).tolist() == pytest.approx([1, 1], rel=0.05)


def test_the_noise_has_the_deviation_that_is_asked_for():
    clean, noisy = (datasets.gaussian(k=4, n=5000, noise=noise) for noise in (0.0, 0.5))
    assert torch.equal(clean.X, noisy.X)
    added = noisy.Y - clean.Y
    # By hand: 20000 draws of variance 1/4.
    assert float(added.square().mean()) == pytest.approx(0.25, rel=0.05)
    assert abs(float(added.mean())) < 4 * 0.5 / 20_000**0.5


def test_the_labels_have_the_size_of_the_inputs_over_d():
    # By hand: E ||W* X||_F^2 = k/d ||X||_F^2 for entries N(0, 1/d) of W*.
    ratios = []
    for seed in range(200):
        data = datasets.gaussian(d=8, k=2, n=8, kappa=1.0, seed=seed)
        ratios.append(float(data.Y.square().sum() / data.X.square().sum()))
    assert sum(ratios) / 200 == pytest.approx(2 / 8, rel=0.1)


@pytest.mark.parametrize(("d", "n"), [(2, 2), (10, 50), (50, 200)])
def test_a_condition_number_that_float64_cannot_hold_is_refused(d, n):
    with pytest.raises(
        ValueError, match=f"kappa must be at most .* for n = {n}, got 1e.40"
    ) as told:
        datasets.gaussian(d=d, n=n, kappa=1e40)
    most = float(str(told.value).split("at most ")[1].split(" ")[0])
    assert most == pytest.approx((100 * n * 2.0**-52) ** -2, rel=0.05)
    data = datasets.gaussian(d=d, n=n, kappa=0.9 * most)
    assert data.condition_number == pytest.approx(0.9 * most, rel=0.01)


def test_the_seed_decides():
    assert torch.equal(datasets.gaussian(seed=3).X, datasets.gaussian(seed=3).X)
    assert not torch.equal(datasets.gaussian(seed=3).X, datasets.gaussian(seed=4).X)


def test_all_pairs_have_their_angle():
    data = datasets.paired(0.3, pairs=4, d=6)
    assert data.X.norm(dim=0).tolist() == pytest.approx([1] * 8)
    cosines = (data.X[:, :4] * data.X[:, 4:]).sum(0)
    assert cosines.arccos().tolist() == pytest.approx([0.3] * 4)


SIZES = {datasets.gaussian: (10, 3, 50), datasets.sphere: (20, 1, 50)}


@pytest.mark.parametrize("make", SIZES, ids=lambda make: make.__name__)
def test_sizes_that_are_left_out(make):
    d, k, n = SIZES[make]
    data = make()
    assert (data.X.shape, data.Y.shape) == ((d, n), (k, n))
    pairs = datasets.paired(0.1)
    assert (pairs.X.shape, pairs.Y.shape) == ((8, 12), (1, 12))


BAD = [
    (lambda: datasets.gaussian(d=5, n=4), ValueError, "samples n must be at least 5, got 4"),
    (
        lambda: datasets.gaussian(kappa=0.5),
        ValueError,
        "kappa must be finite and at least 1, got 0.5",
    ),
    (lambda: datasets.gaussian(kappa="9"), TypeError, "kappa must be a number, got '9'"),
    (lambda: datasets.gaussian(noise=-1), ValueError, "noise must be .* at least 0, got -1"),
    (lambda: datasets.sphere(d=0), ValueError, "d must be at least 1, got 0"),
    (lambda: datasets.sphere(n=2.5), TypeError, "n must be a whole number, got 2.5"),
    (lambda: datasets.paired(0.0), ValueError, "angle must lie strictly between 0 .* got 0"),
    (lambda: datasets.paired(4), ValueError, "got 4: choose one, in radians"),
    (lambda: datasets.paired(0.1, d=1), ValueError, "d must be at least 2, got 1"),
    (lambda: datasets.gaussian(seed=-1), ValueError, r"seed must lie in \[0, 2"),
]


@pytest.mark.parametrize(("call", "kind", "message"), BAD)
def test_what_cannot_be_made_is_refused(call, kind, message):
    with pytest.raises(kind, match=message):
        call()


def test_counts_may_be_written_as_floats():
    assert datasets.gaussian(d=3.0, k=2.0, n=1e1).X.shape == (3, 10)
    assert datasets.paired(0.1, pairs=2.0, d=3.0).X.shape == (3, 4)


@pytest.mark.parametrize("kappa", [1.0, 25.0, 1e6])
def test_singular_values_fall_from_one_to_the_root_of_kappa_evenly_in_the_logarithm(kappa):
    values = torch.linalg.svdvals(datasets.gaussian(d=5, n=9, kappa=kappa).X)
    assert values.tolist() == pytest.approx([kappa ** (-j / 8) for j in range(5)], rel=1e-9)
