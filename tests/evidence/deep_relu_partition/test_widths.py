"""Attempts against a plain loop, G1 by automatic differentiation, and widths by hand."""

from __future__ import annotations

import math

import pytest
import torch

from rootkappa.evidence.deep_relu_partition import drawn, patience, widths


@pytest.mark.parametrize(("seed", "layers", "width"), [(0, 3, 96), (0, 4, 96)])
def test_an_attempt_is_a_plain_loop(plain_loop, seed, layers, width):
    start = drawn(seed, layers, width)
    method = start.nesterov()
    steps = min(patience(start.constants), 600)
    norms = plain_loop(start, method.step_size, method.momentum, steps)[1]
    assert widths.attempt(start).works is (min(norms) < 1e-3 * norms[0])


def test_the_control_by_automatic_differentiation(autograd):
    start = drawn(0, 3, 40)
    layers = [layer[0] for layer in start.weights]

    def by_hidden(*hidden):
        return autograd(start.model, [*hidden, layers[-1]])[0]

    parts = torch.autograd.functional.jacobian(by_hidden, tuple(layers[:-1]))
    G1 = torch.linalg.matrix_norm(torch.cat([part.flatten(1) for part in parts], 1), 2)
    values = torch.linalg.svdvals(torch.relu(layers[1] @ torch.relu(layers[0] @ start.model.X)))
    assert widths.attempt(start).control == pytest.approx(float(G1 / values[-1]), rel=1e-9)


def test_frozen_layers_save_a_narrow_network():
    narrow = drawn(0, 4, 96)
    assert not widths.attempt(narrow).works
    assert widths.attempt(narrow, frozen=True).works


def test_the_working_width_is_the_least_of_a_run_of_successes(monkeypatch):
    good = {512: True, 256: True, 128: False, 64: True, 32: True}
    monkeypatch.setattr(widths, "drawn", lambda seed, layers, width, labels: width)
    monkeypatch.setattr(widths, "_accelerates", good.__getitem__)
    assert widths.working_width(0) == 256
    good[512] = False
    assert widths.working_width(0) == math.inf


def test_loud_labels_make_it_fail():
    assert widths._accelerates(drawn(0, 3, 512))
    assert not widths._accelerates(drawn(0, 3, 512, labels=30.0))


WORKS, FAILS = widths.Attempt(0.5, True), widths.Attempt(0.8, False)


def test_the_least_failure_and_how_far_successes_reach_beyond_it():
    assert widths._least_failure([WORKS, FAILS, widths.Attempt(0.7, False)]) == 0.7
    assert widths._least_failure([WORKS]) == math.inf
    assert widths._overlap([[WORKS, FAILS], [widths.Attempt(0.6, True)]]) == pytest.approx(0.75)
    assert widths._overlap([[WORKS]]) == 0.0
    assert widths._overlap([[widths.Attempt(1.6, True)], [FAILS]]) == pytest.approx(2.0)


def test_widths_are_told_in_units_of_their_scale():
    assert widths._over([64, math.inf], [32.0, 8.0]) == [2.0, math.inf]


def test_controls_are_fitted_over_the_wide_networks(monkeypatch):
    def attempt(key, frozen=False):
        layers, width = key
        control = 10 * width**-0.75
        return widths.Attempt(control, frozen or (layers == 3 and width >= 256))

    monkeypatch.setattr(widths, "drawn", lambda seed, *key: key)
    monkeypatch.setattr(widths, "attempt", attempt)
    found = widths.control_parameter([0, 1])
    assert found.measured["exponent"][0] == pytest.approx(-0.75)
    assert found.measured["least_failure"] == pytest.approx([10 * 512**-0.75] * 2)
    assert found.measured["overlap"] == pytest.approx((256 / 512) ** -0.75)
    assert found.control.measured["overlap"] == 0.0
