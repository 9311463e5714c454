"""One battery for all theorems: tuning, bound, hypotheses, and constants written out by hand."""

from __future__ import annotations

import math

import pytest
import torch

from rootkappa import DeepLinear, datasets, theorems, train
from rootkappa.theorems import Spectrum

KAPPA = 9.0
DATA = datasets.reduce_to_rank(datasets.gaussian(d=5, k=3, n=20, kappa=KAPPA))
DEPTH, K = 3, 3
TOP = DEPTH / K * float(torch.linalg.matrix_norm(DATA.X, 2)) ** 2
WINDOW = 1.2**4 / 0.8**4

# theorem: (step size, momentum, extrapolation, prefactor, factor), each from the paper's formula.
CASES = {
    theorems.GaussianGradientDescent(): (1 / (3 * TOP), 0, 0, 1, 1 - 1 / (4 * 3 * KAPPA)),
    theorems.OrthogonalGradientDescent(): (1 / (2 * TOP), 0, 0, 1, 1 - 1 / (2 * 2 * KAPPA)),
    theorems.OrthogonalHeavyBall(): (1 / TOP, (1 - 1 / 6) ** 2, 0, 8 * 3, 1 - 1 / 12),
    theorems.GaussianNesterov(): (
        1 / (2 * 1.2**4 * TOP),
        (9 * math.sqrt(WINDOW) - 2) / (9 * math.sqrt(WINDOW) + 2),
        (9 * math.sqrt(WINDOW) - 2) / (9 * math.sqrt(WINDOW) + 2),
        24 * 3 * math.sqrt(WINDOW),
        1 - 1 / (6 * math.sqrt(WINDOW)),
    ),
}


@pytest.fixture(params=CASES, ids=lambda theorem: theorem.key)
def theorem(request):
    return request.param


def _network(theorem, width=64):
    return DeepLinear(DATA.X, DATA.Y, width, DEPTH, theorem.initialisation)


def test_numbers_are_those_of_the_paper(theorem):
    eta, beta, gamma, prefactor, factor = CASES[theorem]
    model = _network(theorem)
    assert theorem.tuning(model).coefficients(0) == pytest.approx((eta, beta, gamma), rel=1e-12)
    bound = theorem.bound(model, 7)
    assert float(bound[0]) == pytest.approx(prefactor, rel=1e-12)
    assert float(bound[7]) == pytest.approx(prefactor * factor**7, rel=1e-12)


def test_the_bound_holds_on_a_network_and_fails_for_a_step_too_large(theorem):
    model = _network(theorem)
    method = theorem.tuning(model)
    weights = model.initialise(range(3))
    assert float(theorem.worst_ratio(model, train(model, method, weights, 300)).max()) <= 1
    eta, beta, gamma = method.coefficients(0)
    broken = type(method)(12 * eta, beta, gamma)
    assert float(theorem.worst_ratio(model, train(model, broken, weights, 300)).min()) > 1


def test_given_bounds_replace_those_of_the_theorem(theorem):
    model, own = _network(theorem), Spectrum(0.5, 50.0)
    twin = theorem.tuning(model, own).step_size * 50
    assert twin == pytest.approx(CASES[theorem][0] * theorem.spectrum(model).lambda_max)
    assert theorem.rate(model, own)[1] > theorem.rate(model)[1]


def test_the_report_says_what_is_missing(theorem):
    report = theorem.check(_network(theorem))
    assert report.unmet == ("width of the theorem",)
    assert "fails: width of the theorem: needs" in str(report)
    other = {"gaussian": "orthogonal", "orthogonal": "gaussian"}[theorem.initialisation]
    wrong = DeepLinear(DATA.X, DATA.Y, 64, DEPTH, other)
    assert f"{theorem.initialisation} initialisation" in theorem.check(wrong).unmet


def test_required_widths_follow_the_printed_powers():
    def growth(theorem, **change):
        widths = []
        for kappa, depth in ((4.0, 2), (change.get("kappa", 4.0), change.get("depth", 2))):
            data = datasets.reduce_to_rank(datasets.gaussian(kappa=kappa))
            model = DeepLinear(data.X, data.Y, 10, depth, theorem.initialisation)
            widths.append(theorem.required_width(model))
        return widths[1] / widths[0]

    assert growth(theorems.GaussianNesterov(), depth=8) == pytest.approx(4)
    assert growth(theorems.GaussianNesterov(), kappa=400.0) == pytest.approx(100**5, rel=0.2)
    assert growth(theorems.GaussianGradientDescent(), kappa=400.0) == pytest.approx(100**3, rel=0.2)
    assert growth(theorems.OrthogonalGradientDescent(), depth=8) == pytest.approx(1)
    assert growth(theorems.OrthogonalHeavyBall(), kappa=400.0) == pytest.approx(100**5, rel=0.2)


def test_the_stacked_quantity_starts_at_one_and_holds_two_residuals():
    theorem = theorems.GaussianNesterov()
    model = _network(theorem)
    run = train(model, theorem.tuning(model), model.initialise([0]), 3)
    norms = run.residual_norms[0]
    measured = theorem.measured(run)[0]
    assert float(measured[0]) == 1
    stacked = torch.stack([norms[2], norms[1]]).norm() / (2**0.5 * norms[0])
    assert float(measured[2]) == pytest.approx(float(stacked))


def test_narrow_gaussian_hypotheses():
    theorem = theorems.NarrowGaussianIsStuck(gamma=0.5)
    assert theorem.check(DeepLinear(DATA.X, DATA.Y, 8, 100)).holds
    assert not theorem.check(DeepLinear(DATA.X, DATA.Y, 8, 30)).holds
    with pytest.raises(ValueError, match=r"gamma .* got 2"):
        theorems.NarrowGaussianIsStuck(gamma=2)


def test_a_spectrum_out_of_order_is_refused():
    with pytest.raises(ValueError, match=r"at least lambda_min = 2.0, got 1.0: swap"):
        Spectrum(2.0, 1.0)
