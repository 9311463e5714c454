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
        legendre_iterates(torch.zeros(1), 3)
    for bad, message in ((1.5, "steps must be a whole number"), (None, "got None")):
        with pytest.raises(TypeError, match=message):
            call(3, PRODUCTS, bad)
    for bad, message in ((None, "eta lambda must hold numbers"), ("0.5", "got '0.5'")):
        with pytest.raises(TypeError, match=message):
            call(3, bad, 3)
