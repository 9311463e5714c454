"""Lanczos' spectrum against the exact one, and the dual against gradient flow."""

from __future__ import annotations

import pytest
import torch

from rootkappa.diagnosis.losses import read
from rootkappa.diagnosis.measure import by_lanczos, exactly, whole_kernel
from rootkappa.diagnosis.module import ModuleFunction
from rootkappa.diagnosis.products import Products
from tests.diagnosis.zoo import FLAT, TARGET, jacobian, perceptron


def _parts(loss="mse", Y=TARGET, outputs=1):
    module = perceptron(outputs=outputs)
    function = ModuleFunction(module, FLAT)
    found = read(loss, function.outputs, Y)
    leaf = function.outputs.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(found.value(leaf), leaf)
    return module, Products(function), found, found.newton(gradient)


@pytest.mark.parametrize("memory", [1e9, 2 * 8 * 129 * 5, 1.0])
def test_the_kernel_does_not_depend_on_its_blocks(memory):
    module, products, _, _ = _parts()
    J = jacobian(module, FLAT)
    torch.testing.assert_close(whole_kernel(products, memory), J @ J.T)


def test_both_ways_see_the_same():
    module, products, loss, residual = _parts()
    exact, kernel = exactly(products, loss, residual, 1e9, progress=False)
    known = by_lanczos(products, loss, residual, 1e-2, 200, progress=False)
    J = jacobian(module, FLAT)
    torch.testing.assert_close(kernel, J @ J.T)
    values = torch.linalg.eigvalsh(2 / 12 * J @ J.T)
    torch.testing.assert_close(exact.spectrum.values, values[values > exact.spectrum.cut])
    assert known.spectrum.settled
    assert known.spectrum.effective_kappa(1e-2) == pytest.approx(
        exact.spectrum.effective_kappa(1e-2), rel=1e-6
    )
    for one, other in zip(exact.top(TARGET.shape), known.top(TARGET.shape), strict=True):
        torch.testing.assert_close(torch.as_tensor(one).abs(), torch.as_tensor(other).abs())


@pytest.mark.parametrize("way", ["exact", "krylov"])
def test_the_dual_is_where_gradient_flow_ends(way):
    module, products, loss, residual = _parts()
    modes = (
        exactly(products, loss, residual, 1e9, progress=False)[0]
        if way == "exact"
        else by_lanczos(products, loss, residual, 1e-2, 200, progress=False)
    )
    t = modes.spectrum.flow_time(1e-2)
    dual = modes.dual(loss, torch.exp(-modes.krylov.values * t), TARGET.shape)
    J = jacobian(module, FLAT)
    start = (module(FLAT) - TARGET).detach()
    end = start + J @ (J.T @ dual)
    assert float(end.square().sum() / start.square().sum()) == pytest.approx(1e-2, rel=1e-6)
    # Gradient flow in many small steps arrives at the same outputs.
    flow = torch.linalg.matrix_exp(-2 / 12 * J @ J.T * t)
    torch.testing.assert_close(end, flow @ start, rtol=1e-6, atol=1e-9)


def test_curvature_enters_on_both_sides():
    classes = torch.arange(12) % 3
    module, products, loss, residual = _parts("cross_entropy", classes, outputs=3)
    exact, _ = exactly(products, loss, residual, 1e9, progress=False)
    J = jacobian(module, FLAT)
    A = torch.autograd.functional.hessian(
        lambda f: torch.nn.functional.cross_entropy(f.view(12, 3), classes),
        module(FLAT).detach().flatten(),
    )
    values = torch.linalg.eigvals(A @ J @ J.T).real.sort().values
    assert exact.spectrum.lambda_max == pytest.approx(float(values[-1]))


def test_few_products_are_told_as_not_settled():
    _, products, loss, residual = _parts()
    assert not by_lanczos(products, loss, residual, 1e-6, 4, progress=False).spectrum.settled
