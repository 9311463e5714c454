"""The theorems on two-layer ReLU networks: constants by hand, bounds on networks, refused data."""

from __future__ import annotations

import math

import pytest
import torch

from rootkappa import TwoLayerReLU, datasets, kernels, theorems, train

DATA = datasets.sphere(d=8, n=10)
VALUES = torch.linalg.eigvalsh(kernels.relu_limit(DATA.X))
LOW, HIGH = float(VALUES[0]), float(VALUES[-1])
LAMBDA, TOP = 0.75 * LOW, HIGH + LOW / 4
ROOT = math.sqrt(TOP / LAMBDA)

# theorem: (step size, momentum, extrapolation, prefactor, factor), each from the paper's formula.
CASES = {
    theorems.ReluGradientDescent(): (LOW / 100, 0, 0, 1, 1 - LOW**2 / 200),
    theorems.ReluHeavyBall(): (1 / TOP, (1 - 1 / (2 * ROOT)) ** 2, 0, 8 * ROOT, 1 - 1 / (4 * ROOT)),
    theorems.ReluNesterov(): (
        1 / (2 * TOP),
        (3 * ROOT - 2) / (3 * ROOT + 2),
        (3 * ROOT - 2) / (3 * ROOT + 2),
        24 * ROOT,
        1 - 1 / (2 * ROOT),
    ),
}


@pytest.fixture(params=CASES, ids=lambda theorem: type(theorem).__name__)
def theorem(request):
    return request.param


def _network(width=256, X=DATA.X, **options):
    return TwoLayerReLU(X, DATA.Y, width, **options)


def test_numbers_are_those_of_the_paper(theorem):
    eta, beta, gamma, prefactor, factor = CASES[theorem]
    assert theorem.tuning(_network()).coefficients(0) == pytest.approx((eta, beta, gamma))
    bound = theorem.bound(_network(), 7)
    assert float(bound[0]) == pytest.approx(prefactor)
    assert float(bound[7]) == pytest.approx(prefactor * factor**7)


def test_the_bound_holds_on_a_network_and_fails_for_a_step_too_large(theorem):
    model = _network(512)
    method = theorem.tuning(model)
    weights = model.initialise(range(3))
    assert float(theorem.worst_ratio(model, train(model, method, weights, 200)).max()) <= 1
    _, beta, gamma = method.coefficients(0)
    broken = type(method)(12 / HIGH, beta, gamma)
    assert float(theorem.worst_ratio(model, train(model, broken, weights, 200)).min()) > 1


def test_required_widths_are_the_printed_powers():
    model, n, delta = _network(), 10, 0.1
    momentum = LAMBDA**-4 * n**4 * ROOT**4 * math.log(n / delta) ** 3
    assert theorems.ReluNesterov().required_width(model) == pytest.approx(momentum)
    assert theorems.ReluHeavyBall().required_width(model) == pytest.approx(momentum)
    gradient = n**6 / (LOW**4 * delta**3)
    assert theorems.ReluGradientDescent().required_width(model) == pytest.approx(gradient)


@pytest.mark.parametrize(
    "options",
    [{"initialisation": "antisymmetric"}, {"scaling": "mean-field"}, {"train_output": True}],
)
def test_the_report_says_what_is_missing(theorem, options):
    assert theorem.check(_network()).unmet == ("width of the theorem",)
    assert len(theorem.check(_network(**options)).unmet) == 2


def test_data_outside_the_theorem_are_refused(theorem):
    with pytest.raises(ValueError, match="unit norm, and input 0 has norm 2: divide"):
        theorem.spectrum(_network(X=torch.cat([2 * DATA.X[:, :1], DATA.X[:, 1:]], 1)))
    twice = DATA.X.clone()
    twice[:, 7] = twice[:, 2]
    with pytest.raises(ValueError, match=r"inputs 2 and 7 are parallel .* drop one"):
        theorem.check(_network(X=twice))
