"""Real sets by name, in the three forms, against NumPy and scikit-learn."""

from __future__ import annotations

import pytest
import torch
from sklearn.datasets import load_digits, load_wine
from sklearn.decomposition import PCA

from rootkappa import datasets, kernels
from rootkappa.datasets import named
from rootkappa.datasets.bundled import Raw


@pytest.mark.parametrize("name", ["digits", "diabetes", "breast-cancer", "wine"])
def test_theorems_accept_the_inputs(name):
    data = datasets.load(name, n=60)
    assert data.Y.shape == (1, 60)
    kernels.require_unit_inputs(data.X)
    kernels.require_separated(data.X)
    if name != "diabetes":
        assert set(data.Y[0].tolist()) == {-1, 1}


def test_digits_are_the_images_of_two_classes():
    data = datasets.load("digits", n=40, seed=3)
    images, labels = load_digits(return_X_y=True)
    rows = torch.as_tensor(images[labels <= 1])
    cosines = data.X.T @ (rows / rows.norm(dim=1, keepdim=True)).T
    value, index = cosines.max(1)
    assert value.tolist() == pytest.approx([1] * 40)
    assert data.Y[0].tolist() == (2 * labels[labels <= 1][index] - 1).tolist()


def test_samples_of_one_direction_are_taken_once():
    X = torch.tensor([[1.0, 0, 1], [0, 1, 0]], dtype=torch.float64)
    assert datasets.named._first_of_parallel(X).tolist() == [True, True, False]


def test_the_seed_decides_the_draw():
    draws = [datasets.load("wine", n=20, seed=seed).X for seed in (0, 0, 1)]
    assert torch.equal(draws[0], draws[1])
    assert not torch.equal(draws[0], draws[2])


def test_digits_are_the_principal_components():
    data = datasets.load("digits", form="linear", components=8)
    assert data.X.shape == (8, 1797)
    assert data.Y.argmax(0).tolist() == load_digits().target.tolist()
    assert float(data.Y.mean(1).abs().max()) < 1e-15
    pca = PCA(8, svd_solver="full").fit(load_digits().data)
    kappa = pca.explained_variance_[0] / pca.explained_variance_[-1]
    assert data.condition_number == pytest.approx(kappa, rel=1e-9)
    for matrix in (data.X, data.Y):
        assert float(torch.linalg.matrix_norm(matrix, 2)) == pytest.approx(1)


def test_the_number_of_components_dials_the_condition_number():
    kappas = [
        datasets.load("digits", form="linear", components=components).condition_number
        for components in (2, 10, 30)
    ]
    assert kappas == sorted(kappas)
    assert kappas[-1] > 20 * kappas[0]


@pytest.mark.parametrize("name", ["diabetes", "wine", "breast-cancer"])
def test_the_linear_form_has_no_offset(name):
    data = datasets.load(name, form="linear")
    assert float(data.X.mean(1).abs().max()) < 1e-15
    assert float(data.Y.mean(1).abs().max()) < 1e-12
    assert float(torch.linalg.matrix_norm(data.X, 2)) == pytest.approx(1)
    # Features with units are made alike.
    assert data.X.square().sum(1).tolist() == pytest.approx(
        [float(data.X[0].square().sum())] * len(data.X)
    )
    if name == "diabetes":
        assert float(data.Y.square().mean()) == pytest.approx(1)


def test_the_raw_form_is_as_published():
    data = datasets.load("wine", form="raw")
    assert data.X.T.tolist() == load_wine().data.tolist()
    assert data.Y[0].tolist() == load_wine().target.tolist()
    some = datasets.load("wine", 20, 3, form="raw")
    columns = {tuple(column) for column in data.X.T.tolist()}
    assert all(tuple(column) in columns for column in some.X.T.tolist())


def test_a_feature_that_is_constant_stays_zero(monkeypatch):
    X = torch.tensor([[1.0, 2.0, 4.0], [7.0, 7.0, 7.0]]).double()
    raw = Raw(X, torch.tensor([0.0, 1.0, 1.0]).double(), classes=2, images=False)
    monkeypatch.setattr(named, "read_bundled", lambda name: raw)
    assert datasets.load("wine", form="linear").X[1].tolist() == [0, 0, 0]


def test_a_black_image_has_no_direction_and_is_left_out(monkeypatch):
    X = torch.tensor([[1.0, 0.0, 0.0, 3.0], [0.0, 0.0, 2.0, 4.0]]).double()
    raw = Raw(X, torch.tensor([0.0, 1.0, 1.0, 0.0]).double(), classes=2, images=True)
    monkeypatch.setattr(named, "read_bundled", lambda name: raw)
    data = datasets.load("digits", n=3)
    columns = sorted(zip(*data.X.tolist(), data.Y[0].tolist(), strict=True))
    assert columns == [(0.0, 1.0, 1.0), pytest.approx((0.6, 0.8, -1.0)), (1.0, 0.0, -1.0)]


def test_a_component_of_rounding_is_none(monkeypatch):
    # Two features that are orthogonal, the second 1e-14 of the first: rounding at 1000 samples.
    wave = 2 * torch.pi * torch.arange(1000).double() / 1000
    for size, rank in ((1e-14, 1), (1e-12, 2)):
        X = torch.stack([wave.cos(), size * wave.sin()])
        raw = Raw(X, (wave > 3).double(), classes=2, images=True)
        monkeypatch.setattr(named, "read_bundled", lambda name, raw=raw: raw)
        with pytest.raises(ValueError, match=f"digits has {rank} principal components, got 3"):
            datasets.load("digits", form="linear", components=3)


def test_what_is_left_out_is_a_hundred_samples_and_all_components():
    assert datasets.load("digits").X.shape == (64, 100)
    assert datasets.load("digits", form="linear", components=61).X.shape == (61, 1797)


def test_fewer_samples_are_centred_again():
    data = datasets.load("digits", 50, form="linear", components=5)
    assert data.X.shape == (5, 50)
    assert float(data.X.mean(1).abs().max()) < 1e-14


def test_of_parallel_samples_the_first_is_kept_wherever_it_stands():
    X = torch.tensor([[1.0, 1.0, 0.0, 1.0, 0.0], [0.0, 0.0, 1.0, 0.0, 1.0]]).double()
    assert named._first_of_parallel(X).tolist() == [True, False, True, False, False]
    assert named._first_of_parallel(X[:, :3] + 1e-6 * torch.eye(2, 3)).tolist() == [True] * 3


def test_samples_are_drawn_for_those_that_point_the_same_way(monkeypatch):
    # Ten directions, each twice: sixteen draws hold at least eight of them.
    angles = torch.linspace(0, 3, 10).double().repeat(2)
    X = torch.stack([angles.cos(), angles.sin()]) * torch.arange(1, 21)
    raw = Raw(X, torch.arange(20).double() % 2, classes=2, images=True)
    monkeypatch.setattr(named, "read_bundled", lambda name: raw)
    for seed in range(5):
        data = datasets.load("digits", n=8, seed=seed)
        assert data.X.shape == (2, 8)
        assert len({round(float(x), 6) for x in data.X[0]}) == 8
        # Labels alternate from one direction to the next.
        place = (3 * torch.atan2(data.X[1], data.X[0])).round()
        assert data.Y[0].tolist() == (2 * (place % 2) - 1).tolist()
    with pytest.raises(ValueError, match="has 10 samples of different directions, got n = 11"):
        datasets.load("digits", n=11)


BAD = [
    ({"name": "iris"}, ValueError, "unknown data set 'iris': choose one of breast-cancer, "),
    ({"form": "flat"}, ValueError, "unknown form 'flat': choose one of linear, raw, unit"),
    ({"components": 3}, ValueError, "belong to the form 'linear', got components = 3 and form"),
    (
        {"form": "linear", "components": 62},
        ValueError,
        "digits has 61 principal components, got 62",
    ),
    ({"form": "linear", "components": 0}, ValueError, "components must be at least 1, got 0"),
    ({"n": 10**6}, ValueError, "has 360 samples of different directions, got n = 1000000"),
    ({"n": 10**6, "form": "raw"}, ValueError, "there are 1797 samples, got n = 1000000"),
    ({"n": 2.5}, TypeError, "n must be a whole number"),
    ({"seed": "0"}, TypeError, "seed must be a whole number, got '0'"),
]


@pytest.mark.parametrize(("options", "kind", "message"), BAD)
def test_what_is_not_there_is_refused(options, kind, message):
    with pytest.raises(kind, match=message):
        datasets.load(**{"name": "digits"} | options)
