"""How far the kernel moves, against kernels formed by hand."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from rootkappa.diagnosis.laziness import Kernels, curved, excursions, largest, laziness
from rootkappa.diagnosis.losses import Squares
from rootkappa.diagnosis.module import ModuleFunction
from rootkappa.diagnosis.products import Products
from tests.diagnosis.zoo import FLAT, TARGET, jacobian, perceptron


def _moved(module, g):
    copy = perceptron(outputs=1)
    copy.load_state_dict(module.state_dict())
    with torch.no_grad():
        for name, value in copy.named_parameters():
            value += g[name]
    return copy


def test_everything_is_what_the_kernel_at_the_other_place_says():
    module = perceptron()
    function = ModuleFunction(module, FLAT)
    products, loss = Products(function), Squares(function.outputs, TARGET, 1.0)
    dual = torch.cos(torch.arange(12.0, dtype=torch.float64)).view(12, 1) / 10
    J = jacobian(module, FLAT)
    K = J @ J.T
    values, vectors = torch.linalg.eigh(K)
    kernels = Kernels(function, 1e9)
    before, top = kernels.at(products), (float(values[-1]), vectors[:, -1:])
    found = laziness(products, loss, dual, top, kernels, before)
    g = products.transposed(dual)
    there = _moved(module, g)
    K1 = jacobian(there, FLAT) @ jacobian(there, FLAT).T
    line = K @ dual
    gone = (there(FLAT) - module(FLAT)).detach()
    assert found.outputs == 12
    moved = excursions(products, {"here": dual, "twice": 2 * dual}, kernels, before)
    assert moved["here"] == pytest.approx(found.drift)
    assert moved["twice"] > found.drift
    assert found.drift == pytest.approx(float((K1 - K).norm() / K.norm()))
    assert found.top == pytest.approx(float(torch.linalg.eigvalsh(K1)[-1] / values[-1]))
    assert found.output_gap == pytest.approx(float((gone - line).norm() / line.norm()))
    size = sum(float(p.detach().square().sum()) for p in module.parameters()) ** 0.5
    assert found.weight_move == pytest.approx(float((J.T @ dual).norm()) / size)


def test_a_linear_module_does_not_move():
    function = ModuleFunction(nn.Linear(6, 1).double(), FLAT)
    products, loss = Products(function), Squares(function.outputs, TARGET, 1.0)
    top = (largest(products, loss, TARGET), TARGET)
    kernels = Kernels(function, 1e9)
    found = laziness(products, loss, TARGET, top, kernels, kernels.at(products))
    assert max(found.drift, found.output_gap) < 1e-12
    assert found.top == pytest.approx(1.0)


def test_little_memory_takes_few_samples():
    function = ModuleFunction(perceptron(outputs=2), FLAT)
    assert len(Kernels(function, 1e9).samples) == 12
    few = Kernels(function, 3 * 8 * function.size * 6)
    assert len(few.samples) == 3
    kernel = few.at(Products(function))
    blocks = [kernel[i : i + 2, i : i + 2] for i in (0, 2, 4)]
    wanted = max(float(torch.linalg.eigvalsh(block)[-1]) for block in blocks)
    assert few.largest_block(kernel) == pytest.approx(wanted)
    assert len(Kernels(function, 1.0).samples) == 1


def test_the_curved_kernel_and_its_largest_eigenvalue():
    module = perceptron()
    function = ModuleFunction(module, FLAT)
    products, loss = Products(function), Squares(function.outputs, TARGET, 0.25)
    J = jacobian(module, FLAT)
    torch.testing.assert_close(curved(products, loss, TARGET), 0.25 * J @ J.T @ TARGET)
    wanted = float(torch.linalg.eigvalsh(0.25 * J @ J.T)[-1])
    assert largest(products, loss, torch.ones_like(TARGET)) == pytest.approx(wanted, rel=1e-6)
