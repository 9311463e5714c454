"""The limit kernel against quadrature and Monte Carlo; its laws; refused inputs."""

from __future__ import annotations

import math

import pytest
import torch

from rootkappa import TwoLayerReLU, datasets, kernels
from rootkappa.draws import generator, haar

DATA = datasets.sphere(d=5, n=6)


@pytest.mark.parametrize("leak", [0.0, 0.3])
def test_the_limit_is_the_mean_of_neurons(leak):
    model = TwoLayerReLU(DATA.X, DATA.Y, width=200_000, leak=leak)
    error = model.tangent_kernel(model.initialise([0]))[0] - kernels.relu_limit(DATA.X, leak=leak)
    assert float(error.abs().max()) < 4 * 0.5 / 200_000**0.5


def test_two_inputs_in_the_plane_are_integrated_exactly():
    # The direction of a Gaussian in the plane is uniform: count the arc where both are active.
    angles = torch.linspace(0, 2 * math.pi, 200_001, dtype=torch.float64)[:-1]
    neurons = torch.stack([angles.cos(), angles.sin()])
    for theta in (0.3, 2.0):
        X = torch.tensor([[1, math.cos(theta)], [0, math.sin(theta)]], dtype=torch.float64)
        both = (neurons.T @ X > 0).all(1).double().mean()
        assert float((kernels.relu_limit(X) / (X.T @ X))[0, 1]) == pytest.approx(
            float(both), abs=1e-4
        )


def test_stacked_data_give_stacked_kernels():
    other = datasets.sphere(d=5, n=6, seed=1).X
    together = kernels.relu_limit(torch.stack([DATA.X, other]))
    torch.testing.assert_close(together[1], kernels.relu_limit(other))
    squares = kernels.relu_mean_square(torch.stack([DATA.X, other]), 8)
    assert float(squares[1]) == pytest.approx(float(kernels.relu_mean_square(other, 8)))


@pytest.mark.parametrize("leak", [0.0, 0.3])
@pytest.mark.parametrize("initialisation", ["gaussian", "antisymmetric"])
def test_the_mean_square_law_at_a_small_width(initialisation, leak):
    model = TwoLayerReLU(DATA.X, DATA.Y, 4, initialisation, leak=leak)
    limit = kernels.relu_limit(DATA.X, leak=leak)
    deviation = model.tangent_kernel(model.initialise(range(4000))) - limit
    squares = deviation.square().sum((1, 2))
    paired = initialisation == "antisymmetric"
    exact = kernels.relu_mean_square(DATA.X, 4, paired=paired, leak=leak)
    assert abs(float(squares.mean() - exact)) < 4 * float(squares.std()) / 4000**0.5


@pytest.mark.parametrize("angle", [1e-9, 1e-3, 0.4, 1.5])
def test_a_pair_has_the_eigenvalue_of_its_angle(angle):
    X = torch.tensor([[1, math.cos(angle)], [0, math.sin(angle)]], dtype=torch.float64)
    least = float(torch.linalg.eigvalsh(kernels.relu_limit(X))[0])
    assert least == pytest.approx(kernels.pair_eigenvalue(angle), rel=1e-6)


def test_opposite_inputs_are_harmless_up_to_d_pairs():
    X = datasets.sphere(d=3, n=4).X
    least = [
        float(torch.linalg.eigvalsh(kernels.relu_limit(torch.cat([X, -X[:, :pairs]], 1)))[0])
        for pairs in (3, 4)
    ]
    assert least[0] > 1e-3
    assert abs(least[1]) < 1e-12


def _with_column(column):
    return torch.cat([DATA.X, column[:, None]], dim=1)


REFUSED = [
    (lambda: kernels.relu_limit(_with_column(0 * DATA.X[:, 4])), "X has a zero column"),
    (lambda: kernels.relu_limit([1.0, 2.0]), r"X must have shape \(..., d, n\), got \(2,\)"),
    (lambda: kernels.pair_eigenvalue(0), r"angle must lie in \(0, pi/2\] radians, got 0"),
    (lambda: kernels.require_separated(_with_column(2 * DATA.X[:, 4])), "inputs 4 and 6 are par"),
    (lambda: kernels.require_separated(_with_column(0 * DATA.X[:, 4])), "input 6 is zero"),
    (lambda: kernels.require_separated(DATA.X[:, [0, 0]]), "inputs 0 and 1 are parallel"),
    (lambda: kernels.require_unit_inputs(_with_column(3 * DATA.X[:, 0])), "input 6 has norm 3"),
    (lambda: kernels.require_unit_inputs(_with_column(DATA.X[:, 0] / 3)), "input 6 has norm 0.333"),
    (lambda: kernels.require_unit_inputs(DATA.X * (1 + 1e-5)), "input . has norm 1"),
    (lambda: kernels.pair_eigenvalue(2.0), r"angle must lie in \(0, pi/2\] radians, got 2.0"),
    (lambda: kernels.relu_mean_square(DATA.X, 0), "width must be at least 1, got 0"),
    (lambda: kernels.relu_limit(DATA.X, leak=1), r"leak must lie in \[0, 1\), got 1.0: use 0"),
    (lambda: kernels.relu_mean_square(DATA.X, 8, leak=-1), r"leak must lie in \[0, 1\), got -1"),
]


@pytest.mark.parametrize(("call", "message"), REFUSED)
def test_refused_inputs_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_inputs_that_do_no_harm_pass():
    kernels.require_separated(_with_column(-DATA.X[:, 0]))
    kernels.require_separated(DATA.X[:, :1])
    close = torch.tensor([[1.0, math.cos(1e-9)], [0.0, math.sin(1e-9)]], dtype=torch.float64)
    kernels.require_separated(close)
    kernels.require_unit_inputs(DATA.X * (1 + 1e-8))


def test_the_limit_kernel_knows_lengths_and_angles_alone():
    Q = haar(5, 5, generator(1))
    H = kernels.relu_limit(DATA.X)
    torch.testing.assert_close(kernels.relu_limit(Q @ DATA.X), H)
    lengths = torch.linspace(0.1, 30, 6, dtype=torch.float64)
    longer = kernels.relu_limit(DATA.X * lengths)
    torch.testing.assert_close(longer, lengths[:, None] * H * lengths)
    order = [4, 2, 0, 5, 1, 3]
    torch.testing.assert_close(kernels.relu_limit(DATA.X[:, order]), H[order][:, order])


def test_the_limit_kernel_by_hand():
    # Every unit is active on half of the sphere, and on an input or on its opposite.
    H = kernels.relu_limit(DATA.X)
    torch.testing.assert_close(H.diagonal(), DATA.X.square().sum(0) / 2)
    both = kernels.relu_limit(torch.cat([DATA.X, -DATA.X], 1))
    torch.testing.assert_close(both[:6, :6] - both[:6, 6:], DATA.X.T @ DATA.X / 2)
    assert float(torch.linalg.eigvalsh(both)[0]) > -1e-12
    X = torch.tensor([[1.0, 0.5], [0.0, math.sqrt(0.75)]], dtype=torch.float64)
    assert kernels.relu_limit(X).tolist() == [
        pytest.approx([1 / 2, 1 / 6]),
        pytest.approx([1 / 6, 1 / 2]),
    ]


@pytest.mark.parametrize("paired", [False, True])
def test_the_mean_square_falls_with_the_width(paired):
    first = float(kernels.relu_mean_square(DATA.X, 4, paired=paired))
    for width in (8, 64, 4096):
        ours = float(kernels.relu_mean_square(DATA.X, width, paired=paired))
        assert ours == pytest.approx(first * 4 / width)
    # Pairs of units that are copies are half as many.
    assert float(kernels.relu_mean_square(DATA.X, 8, paired=True)) == pytest.approx(
        2 * float(kernels.relu_mean_square(DATA.X, 8))
    )
    larger = kernels.relu_mean_square(3 * DATA.X, 4, paired=paired)
    assert float(larger) == pytest.approx(81 * first)


def test_the_eigenvalue_of_a_pair_grows_with_its_angle():
    angles = [1e-6, 0.01, 0.3, 1.0, math.pi / 2]
    found = [kernels.pair_eigenvalue(angle) for angle in angles]
    assert found == sorted(found)
    assert found[-1] == pytest.approx(1 / 2)
    assert found[0] == pytest.approx(1e-6 / (2 * math.pi), rel=1e-4)


def test_with_a_leak_the_kernel_is_that_of_the_square_and_of_the_angle_by_hand():
    # On one input slopes are 1 or alpha with equal chance; on opposite ones always one of each.
    limit = kernels.relu_limit(torch.tensor([[1.0, -1.0]]).double(), leak=0.5)
    assert limit.tolist() == [pytest.approx([5 / 8, -1 / 2]), pytest.approx([-1 / 2, 5 / 8])]
    square = float(kernels.relu_mean_square(torch.ones(1, 1).double(), 1, leak=0.5))
    assert square == pytest.approx((3 / 8) ** 2)
