"""Margins of strong aiming by hand."""

from __future__ import annotations

import pytest
import torch

from rootkappa.evidence.deep_relu_partition import aim, drawn


def test_the_margin_by_hand(plain_loop, autograd):
    start = drawn(0, 3, 96)
    found, method = aim.margins(start), start.nesterov(0.25)
    steps = int(start.train(method, 1000, 1e-6).stopped_at)
    path, norms = plain_loop(start, method.step_size, method.momentum, steps)
    pairs = [list(zip(a, b, strict=True)) for a, b in zip(path, [path[0], *path], strict=False)]
    points = [[w + method.momentum * (w - v) for w, v in pair] for pair in pairs]
    margins = []
    for t in range(0, steps, 10):
        if norms[t] <= 1e-3 * norms[0]:
            continue
        layers = [layer.clone().requires_grad_() for layer in points[t]]
        loss = (autograd(start.model, layers) - start.model.Y).square().sum() / 2
        slopes = torch.autograd.grad(loss, layers)
        away = [w - end for w, end in zip(points[t], points[-1], strict=True)]
        inner = sum(float((g * a).sum()) for g, a in zip(slopes, away, strict=True))
        square = sum(float(a.square().sum()) for a in away)
        margins.append((inner - loss.item()) / (start.constants.mu / 2 * square))
    assert found.own == pytest.approx(min(margins), rel=1e-6)


def test_units_in_another_order_are_another_minimiser():
    found = aim.margins(drawn(1, 3, 256))
    assert found.works
    assert found.own > 1 > 0.1 > found.other


def test_a_run_without_a_minimiser_has_no_margin():
    assert aim.margins(drawn(1, 4, 96), c=1.0).own == -float("inf")


def test_networks_that_do_not_work_have_no_margin_and_disagreements_are_counted(monkeypatch):
    made = {
        (3, 256): [aim.Margins(2.0, 0.1, True), aim.Margins(3.0, 0.2, False)],
        (3, 48): [
            aim.Margins(1.0, 0.0, True),
            aim.Margins(1.0, 0.0, False),
            aim.Margins(0.9, 0.0, True),
        ],
        (4, 48): [aim.Margins(-1.0, 0.0, False), aim.Margins(0.5, 0.0, True)],
    }
    calls = {key: iter([*found, *found[-1:]]) for key, found in made.items()}
    monkeypatch.setattr(aim, "drawn", lambda seed, *key: key)
    monkeypatch.setattr(aim, "margins", lambda key: next(calls[key]))
    found = aim.aiming_where_it_works([0, 1, 2])
    assert found.measured == {
        "margin_working": [2.0, -float("inf"), -float("inf")],
        "margin_failing": [-1.0, 0.5, 0.5],
        "disagreements": 2,
    }
    assert found.control.measured == {"margin_working": [0.1, 0.2, 0.2]}


def test_rows_of_an_observer_are_layers_again():
    start = drawn(0, 3, 24)
    rows = torch.cat([aim._flat(start.weights), aim._flat([2 * w for w in start.weights])])
    for layer, found in zip(start.weights, aim._layers(start, rows), strict=True):
        assert torch.equal(found, torch.cat([layer, 2 * layer]))
