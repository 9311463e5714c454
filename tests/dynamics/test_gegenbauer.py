"""The exact discrete solutions against the recursion, and against each other."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import special

from rootkappa import nesterov
from rootkappa.dynamics import modal_response, two_factor_response
from rootkappa.dynamics.gegenbauer import gegenbauer_response, legendre_iterates
from rootkappa.optimizers import NesterovSchedule

PRODUCTS = torch.tensor([1e-3, 0.05, 0.5, 0.99], dtype=torch.float64)


@pytest.mark.parametrize("r", [0.7, 2.0, 3.0, 6.0])
def test_gegenbauer_is_the_recursion(r):
    recursion = modal_response(nesterov(1.0, NesterovSchedule(r)), PRODUCTS, 400)
    assert float((gegenbauer_response(r, PRODUCTS, 400) - recursion).abs().max()) < 1e-12
    shifted = modal_response(nesterov(1.0, NesterovSchedule(r + 1)), PRODUCTS, 400)
    assert float((gegenbauer_response(r, PRODUCTS, 400) - shifted).abs().max()) > 1e-2


def test_legendre_is_the_recursion():
    recursion = (1 - PRODUCTS).unsqueeze(-1) * modal_response(nesterov(1.0), PRODUCTS, 399)
    assert float((legendre_iterates(PRODUCTS, 400) - recursion).abs().max()) < 1e-12


def test_scipy_knows_the_polynomials():
    x = (1 - PRODUCTS).sqrt()
    for k in (1, 5, 37):
        value = special.eval_gegenbauer(k, 2.5, x.numpy()) / special.eval_gegenbauer(k, 2.5, 1.0)
        ours = gegenbauer_response(5.0, PRODUCTS, k)[:, k]
        torch.testing.assert_close(ours, x**k * torch.as_tensor(value), rtol=1e-11, atol=1e-14)


def test_r_two_is_elementary():
    theta = torch.asin(PRODUCTS.sqrt()).unsqueeze(-1)
    k = torch.arange(1, 401).double()
    exact = (1 - PRODUCTS).sqrt().unsqueeze(-1) ** k * torch.sin((k + 1) * theta)
    exact = exact / ((k + 1) * torch.sin(theta))
    torch.testing.assert_close(
        gegenbauer_response(2, PRODUCTS, 400)[:, 1:], exact, atol=1e-12, rtol=0
    )
    sharp = two_factor_response(2, PRODUCTS, 400, sharp=True)
    torch.testing.assert_close(sharp[:, 1:], exact, atol=1e-12, rtol=0)


@pytest.mark.parametrize("sharp", [False, True])
@pytest.mark.parametrize("r", [3.0, 4.5, 6.0])
def test_the_two_factors_miss_by_second_order(r, sharp):
    misses = []
    for product in (1e-2, 1e-2 / 4):
        y, steps = torch.tensor([product], dtype=torch.float64), int(20 / product**0.5)
        difference = gegenbauer_response(r, y, steps) - two_factor_response(r, y, steps, sharp)
        misses.append(float(difference.abs().max()))
    assert 3.7 < misses[0] / misses[1] < 4.3


@pytest.mark.parametrize("call", [gegenbauer_response, two_factor_response])
def test_lists_and_the_ends_of_the_range(call):
    torch.testing.assert_close(
        call(np.float64(3), PRODUCTS.tolist(), 5.0), call(3, PRODUCTS.numpy(), np.int64(5))
    )
    assert call(3.0, [1.0], 3)[0, 1:].tolist() == [0, 0, 0]
    torch.testing.assert_close(call(3.0, [0.0], 3), torch.ones(1, 4).double())
    assert call(3.0, [[0.5], [0.2]], 0).shape == (2, 1, 1)


def _legendre(_, products, steps):
    return legendre_iterates(products, steps)


@pytest.mark.parametrize("call", [gegenbauer_response, two_factor_response, _legendre])
def test_products_of_any_shape(call):
    products = torch.linspace(0.1, 0.9, 6).double()
    flat, folded = call(3.0, products, 4), call(3.0, products.reshape(2, 3), 4)
    torch.testing.assert_close(folded, flat.reshape(2, 3, -1), rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("call", [gegenbauer_response, two_factor_response])
def test_messages(call):
    with pytest.raises(ValueError, match=r"friction r must be .* above 0, got 0"):
        call(0, PRODUCTS, 3)
    with pytest.raises(ValueError, match=r"\[0, 1\], got 0.002 to 1.98: use a step size"):
        call(3, 2 * PRODUCTS, 3)
    with pytest.raises(ValueError, match="above 0, got 0: a mode without curvature"):
        legendre_iterates(torch.tensor([0.5, 0.0]), 3)
    for bad, message in ((1.5, "steps must be a whole number"), (None, "got None")):
        with pytest.raises(TypeError, match=message):
            call(3, PRODUCTS, bad)
    for bad, message in ((None, "eta lambda must hold numbers"), ("0.5", "got '0.5'")):
        with pytest.raises(TypeError, match=message):
            call(3, bad, 3)


def test_the_first_polynomials_by_hand():
    # y_0 = 1, y_1 = q, y_2 = q ((r + 2) q - 1)/(r + 1), with q = 1 - eta lambda.
    for r, product in ((3.0, 0.75), (0.5, 0.2), (6.0, 0.9)):
        q = 1 - product
        expected = [1, q, q * ((r + 2) * q - 1) / (r + 1)]
        found = gegenbauer_response(r, [product], 2)
        assert found[0].tolist() == pytest.approx(expected, rel=1e-12)
        assert gegenbauer_response(r, [product], 1)[0].tolist() == pytest.approx(expected[:2])
        assert gegenbauer_response(r, [product], 0).tolist() == [[1]]


@pytest.mark.parametrize("product", [1e-3, 0.3, 1.0])
def test_legendre_iterates_by_the_plain_loop(product):
    # x_{k+1} = q y_k, y_k = x_k + (k - 1)/(k + 2) (x_k - x_{k-1}).
    before = now = 1.0
    expected = []
    for k in range(12):
        y = now + max(k - 1, 0) / (k + 2) * (now - before)
        before, now = now, (1 - product) * y
        expected.append(now)
    found = legendre_iterates([product], 12)
    assert found.shape == (1, 12)
    assert found[0].tolist() == pytest.approx(expected, abs=1e-11)


@pytest.mark.parametrize("sharp", [False, True])
@pytest.mark.parametrize("r", [1.0, 3.0])
def test_the_two_factors_by_their_bessel_function(r, sharp):
    # q^(k/2) Gamma(nu + 1) (2/z)^nu J_nu(z), z = (k + r/2) theta and nu = (r - 1)/2.
    product, nu = 0.4, (r - 1) / 2
    theta = np.arcsin(np.sqrt(product))
    z = (np.arange(8) + r / 2) * theta
    expected = (1 - product) ** (np.arange(8) / 2) * special.gamma(nu + 1)
    expected = expected * (2 / z) ** nu * special.jv(nu, z)
    if sharp:
        expected = expected * (theta / np.sin(theta)) ** (r / 2)
    found = two_factor_response(r, [product], 7, sharp)
    assert found[0].tolist() == pytest.approx(expected.tolist(), rel=1e-11, abs=1e-14)


@pytest.mark.parametrize("call", [gegenbauer_response, two_factor_response, _legendre])
def test_single_precision_and_views_are_read_in_double(call):
    products = torch.tensor([[0.1, 0.2], [0.3, 0.4]], dtype=torch.float32).T
    assert not products.is_contiguous()
    found = call(3.0, products, 4)
    assert found.dtype == torch.float64
    torch.testing.assert_close(found, call(3.0, products.double().contiguous(), 4))


@pytest.mark.parametrize("call", [gegenbauer_response, two_factor_response, _legendre])
def test_no_mode_is_no_response(call):
    found = call(3.0, torch.empty(0), 4)
    assert found.shape == (0, 4 if call is _legendre else 5)


@pytest.mark.parametrize("products", [[-1e-9], [0.5, 1 + 1e-9], [-1.0, 0.5]])
@pytest.mark.parametrize("call", [gegenbauer_response, two_factor_response, _legendre])
def test_products_outside_of_their_range_are_refused(call, products):
    ends = rf"\[0, 1\], got {min(products)} to {max(products)}: use a step size of at most 1/lambda"
    with pytest.raises(ValueError, match=ends):
        call(3.0, products, 4)


def test_legendre_iterates_start_with_the_first_step():
    with pytest.raises(ValueError, match="steps must be at least 1, got 0"):
        legendre_iterates(PRODUCTS, 0)
    for call in (gegenbauer_response, two_factor_response):
        with pytest.raises(ValueError, match="steps must be at least 0, got -1"):
            call(3.0, PRODUCTS, -1)
