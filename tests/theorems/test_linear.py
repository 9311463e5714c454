"""What theorems on linear networks share, against singular values known by hand."""

from __future__ import annotations

import math

import pytest
import torch

from rootkappa import DeepLinear, LinearResNet
from rootkappa.theorems import (
    GaussianGradientDescent,
    GaussianNesterov,
    OrthogonalGradientDescent,
    OrthogonalHeavyBall,
    ResNetNesterov,
    _linear,
)


def test_the_data_of_a_network(by_hand):
    # sigma(X) = 3, 1 and W* = diag(2, 1); (L/k) sigma^2 with L = 4, k = 2.
    model = by_hand()
    assert _linear.singular_values(model).tolist() == pytest.approx([3, 1])
    assert _linear.solution_norm(model) == pytest.approx(2)
    spectrum = _linear.data_spectrum(model, 0.5, 2.0)
    assert (spectrum.lambda_min, spectrum.lambda_max) == pytest.approx((1, 36))


def test_directions_without_data_are_left_out():
    X = torch.tensor([[3.0, 3.0], [0.0, 0.0]], dtype=torch.float64)
    Y = torch.tensor([[1.0, 3.0]], dtype=torch.float64)
    model = DeepLinear(X, Y, 4, 2)
    assert _linear.singular_values(model).tolist() == pytest.approx([18**0.5])
    assert _linear.fitted(model).tolist() == [pytest.approx([2, 2])]


def test_each_size_is_the_worst_over_the_replicas(two_replicas):
    found = _linear.sizes(two_replicas)
    # ||A|| ||B|| = 12 and 28; sigma_min(A) sigma_min(B) = 5 and 3; X has 3 and 1.
    assert (found.inner, found.least) == pytest.approx((28 * 3, 3))
    assert found.floor == pytest.approx(0, abs=1e-20)
    # B A X = diag(36, 5) and diag(84, 3), against Y = diag(-90, 1).
    assert found.start == pytest.approx(((84 + 90) ** 2 + (3 - 1) ** 2) / 2)
    assert found.excess == found.start


def test_the_spectrum_of_a_residual_network_is_that_of_its_kernel(two_replicas):
    found = _linear.resnet_spectrum(two_replicas)
    model, spectra = two_replicas, []
    for A, B in zip(model.A, model.B, strict=True):
        gram = (A @ model.X).mT @ (A @ model.X)
        spectra.append(torch.linalg.eigvalsh(model.depth * torch.kron(gram, B @ B.mT)))
    values = torch.stack(spectra)
    assert found.lambda_min == pytest.approx(float(values.min()))
    assert found.lambda_max == pytest.approx(float(values.max()))
    # A direction without data has no eigenvalue of the kernel.
    eye, X = torch.eye(2).double(), torch.tensor([[3.0, 4.0], [0.0, 0.0]]).double()
    flat = _linear.resnet_spectrum(LinearResNet(X, X, 2 * eye, eye, 3))
    assert (flat.lambda_min, flat.lambda_max) == pytest.approx((3 * 4 * 25, 3 * 4 * 25))


def test_a_map_that_is_narrower_than_its_space_has_no_least_singular_value():
    eye = torch.eye(3, dtype=torch.float64)
    narrow = LinearResNet(eye, eye, eye[:2], eye[:, :2], 4)
    assert _linear.sizes(narrow).least == 0


def test_a_start_at_the_floor_can_still_divide():
    eye = torch.eye(2, dtype=torch.float64)
    assert _linear.sizes(LinearResNet(eye, eye, eye, eye, 3)).excess >= 0


# On the oblong network: lambda_max = 27/2 and kappa = 4, times 1.2^4 and 1.5^4 where windows count;
# k = 4, r = 2, ||W*||^2 = 25. The width that each asks for, and its step size.
WINDOW = 1.5**4
OBLONG = {
    GaussianGradientDescent: (6 * 2 * 64 * 4 * 26, 2 / 81),
    OrthogonalGradientDescent: (1.25 * 16 * (4 * 26 + math.log(20)), 1 / 27),
    OrthogonalHeavyBall: (4**5 / 9 * (4 * 26 + math.log(20)), 2 / 27),
    GaussianNesterov: (6 * 2 * (4 * WINDOW) ** 5 * 4 * 26, 1 / (27 * 1.2**4)),
}


@pytest.mark.parametrize("kind", OBLONG, ids=lambda kind: kind.__name__)
def test_every_size_has_its_own_place_in_a_width_and_a_step(kind, oblong):
    theorem, (width, step) = kind(), OBLONG[kind]
    model = oblong(theorem.initialisation)
    assert theorem.required_width(model) == pytest.approx(width, rel=1e-12)
    assert theorem.tuning(model).step_size == pytest.approx(step, rel=1e-12)


@pytest.mark.parametrize("kind", OBLONG, ids=lambda kind: kind.__name__)
def test_each_hypothesis_says_what_it_needs_and_what_there_is(kind, oblong):
    theorem = kind()
    found = {item.name: item for item in theorem.check(oblong(theorem.initialisation)).hypotheses}
    assert list(found) == [
        f"{theorem.initialisation} initialisation",
        "width at least max(d, k)",
        "width of the theorem",
    ]
    fact, least, width = found.values()
    assert (fact.needed, fact.measured, fact.up_to_a_constant) == (True, True, False)
    assert (least.needed, least.measured, least.up_to_a_constant) == (4, 64, False)
    assert (width.measured, width.up_to_a_constant) == (64, True)
    assert width.needed == pytest.approx(OBLONG[kind][0])


@pytest.mark.parametrize("kind", OBLONG, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("exact", [False, True])
def test_the_width_holds_from_the_first_whole_number_above_it(kind, oblong, exact):
    theorem = kind()
    width = math.ceil(theorem.required_width(oblong(theorem.initialisation))) - (not exact)
    assert theorem.check(oblong(theorem.initialisation, width)).holds is exact


def test_the_width_of_a_residual_network_counts_every_size_of_the_data(oblong):
    # Least and greatest singular value of B is 1, of A X 1.5 and 3: kappa = 4.
    model = oblong()
    A, B = torch.eye(7, 3, dtype=torch.float64)[None], torch.eye(4, 7, dtype=torch.float64)[None]
    resnet = LinearResNet(model.X, model.Y, A, B, 6)
    assert ResNetNesterov().required_width(resnet) == pytest.approx(2 * 4**5 * 4 * 26)
    report = ResNetNesterov().check(resnet)
    assert [
        (item.name, item.needed is True, item.up_to_a_constant) for item in report.hypotheses
    ] == [
        ("hidden weights start at zero", True, False),
        ("gaussian maps", True, False),
        ("width of the theorem", False, True),
    ]


def test_what_is_refused_of_a_network_without_data():
    zeros = torch.zeros(2, 3, dtype=torch.float64)
    model = DeepLinear(zeros, zeros, 4, 2)
    assert _linear.singular_values(model).tolist() == []
    assert _linear.solution_norm(model) == 0


@pytest.mark.parametrize("turned", [False, True], ids=["many samples", "many dimensions"])
def test_the_longer_side_of_the_data_decides_which_direction_is_rounding(turned):
    # 100 eps is above the level of a 2 x 2 matrix, and below that of one with 300 columns.
    X = torch.zeros(2, 300, dtype=torch.float64)
    X[0, 0], X[1, 1] = 1.0, 100 * torch.finfo(torch.float64).eps
    X = X.T if turned else X
    model = DeepLinear(X, torch.ones(1, X.shape[1]).double(), 400, 2)
    assert _linear.singular_values(model).tolist() == [1.0]
    small = DeepLinear(torch.eye(2).double() * X[:2, :2], torch.ones(1, 2).double(), 4, 2)
    assert len(_linear.singular_values(small)) == 2


def test_what_no_linear_map_fits_is_the_floor():
    # One input, (1, 1): labels (1, 3) are fitted by (2, 2), and 1 is left of the loss.
    X = torch.ones(1, 2, dtype=torch.float64)
    model = LinearResNet(X, torch.tensor([[1.0, 3.0]]).double(), 2 * X[:, :1], X[:, :1], 3)
    found = _linear.sizes(model)
    assert found.floor == pytest.approx(1)
    # The outputs at the start are (2, 2), so that nothing is left to learn above it.
    assert found.start == pytest.approx(1)
    assert 0 < found.excess < 1e-12
    far = LinearResNet(X, torch.tensor([[1.0, 3.0]]).double(), 4 * X[:, :1], X[:, :1], 3)
    assert _linear.sizes(far).start == pytest.approx((9 + 1) / 2)
    assert _linear.sizes(far).excess == pytest.approx(4)


def test_the_loss_at_the_start_is_that_of_the_worst_replica():
    X = torch.eye(2, dtype=torch.float64)
    A = torch.stack([X, 3 * X])
    model = LinearResNet(X, X, A, torch.stack([X, X]), 3)
    # B A X is X and 3 X, against X: half of 2 (3 - 1)^2.
    assert _linear.sizes(model).start == pytest.approx(4)
    assert _linear.sizes(model.select([0])).start == pytest.approx(0, abs=1e-20)


def test_the_norm_of_the_solution_reads_the_least_one():
    # Two inputs along one direction: W* = (3, 4)/5 is the shortest of all that fit.
    X = torch.tensor([[3.0, 6.0], [4.0, 8.0]], dtype=torch.float64)
    model = DeepLinear(X, torch.tensor([[5.0, 10.0]]).double(), 4, 2)
    assert _linear.solution_norm(model) == pytest.approx(1)
    torch.testing.assert_close(_linear.fitted(model), model.Y)


@pytest.mark.parametrize("depth", [1, 2, 9])
def test_the_mean_kernel_is_the_gram_matrix_times_depth_over_outputs(depth, oblong):
    model = oblong(depth=depth)
    gram = torch.linalg.eigvalsh(depth / 4 * model.X.T @ model.X)
    found = _linear.data_spectrum(model)
    assert (found.lambda_min, found.lambda_max) == pytest.approx((float(gram[-2]), float(gram[-1])))
    wide = _linear.data_spectrum(model, 0.25, 9.0)
    assert wide.lambda_min == pytest.approx(found.lambda_min / 4)
    assert wide.lambda_max == pytest.approx(9 * found.lambda_max)


@pytest.fixture
def four():
    """Data of rank 4 among 5 dimensions and 6 samples, with singular values 4, 3, 2 and 1."""
    X = torch.zeros(5, 6, dtype=torch.float64)
    X[torch.arange(4), torch.tensor([3, 0, 5, 1])] = torch.tensor([2.0, 4.0, 1.0, 3.0]).double()
    return X, torch.ones(3, 6, dtype=torch.float64)


def test_of_four_directions_the_first_and_the_last_count(four):
    model = DeepLinear(*four, 8, 6)
    assert _linear.singular_values(model).tolist() == pytest.approx([4, 3, 2, 1])
    found = _linear.data_spectrum(model)
    assert (found.lambda_min, found.lambda_max) == pytest.approx((2 * 1, 2 * 16))
    # kappa = 16, r = 4, stable rank 30/16; every theorem reads them from the same place.
    solved = 1 + _linear.solution_norm(model) ** 2
    log = math.log(4 / 0.1)
    widths = {
        GaussianGradientDescent: 6 * 4 * 16**3 * max(3 * solved, log),
        OrthogonalGradientDescent: 30 / 16 * 16**2 * (3 * solved + log),
        OrthogonalHeavyBall: 16**5 / 16 * (3 * solved + log),
        GaussianNesterov: 6 * 4 * (16 * WINDOW) ** 5 * 3 * solved,
    }
    for kind, width in widths.items():
        assert kind().required_width(model) == pytest.approx(width), kind.__name__


def test_of_four_directions_a_residual_network_counts_the_same(four):
    # A doubles lengths, and sigma(B) = 5, 2 and 1.
    A = 2 * torch.eye(7, 5, dtype=torch.float64)
    B = torch.zeros(3, 7, dtype=torch.float64)
    B[torch.arange(3), torch.tensor([2, 0, 4])] = torch.tensor([2.0, 5.0, 1.0]).double()
    model = LinearResNet(*four, A, B, 3)
    found = _linear.resnet_spectrum(model)
    assert (found.lambda_min, found.lambda_max) == pytest.approx((3 * 2**2, 3 * 40**2))
    sizes = _linear.sizes(model)
    assert (sizes.inner, sizes.least) == pytest.approx((2 * 5 * 4, 2 * 1 * 1))
    kernel = model.tangent_kernel(model.initialise([0]))[0]
    values = torch.linalg.eigvalsh(kernel)
    assert float(values[-1]) == pytest.approx(found.lambda_max)
    assert float(values[values > 1e-9].min()) == pytest.approx(found.lambda_min)
