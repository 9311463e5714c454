"""Every row of the table of equivalent forms, and the rows that differ."""

from __future__ import annotations

import pytest
import torch

from rootkappa import DeepLinear, datasets, heavy_ball
from rootkappa.dynamics import spectral_radius
from rootkappa.optimizers import FORMS, walk

STEPS, ETA, BETA = 200, 0.15, 0.8
VALUES = torch.tensor([0.02, 0.3, 1.0], dtype=torch.float64)
TARGET = torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64)


def _quadratic(w):
    return VALUES * (w - TARGET)


def _network():
    data = datasets.gaussian(d=4, k=2, n=6, kappa=9)
    model = DeepLinear(data.X, data.Y, width=8, depth=2)
    weights = model.initialise([0])
    sizes = [layer.numel() for layer in weights]

    def gradient(flat):
        layers = [
            part.reshape(layer.shape)
            for part, layer in zip(flat.split(sizes), weights, strict=True)
        ]
        return torch.cat([layer.flatten() for layer in model.gradient(layers)])

    return gradient, torch.cat([layer.flatten() for layer in weights])


PROBLEMS = {"network": _network, "quadratic": lambda: (_quadratic, torch.zeros_like(TARGET))}


def _points(method, gradient, start, decay=0.0):
    """The family on L + decay/2 ||.||^2, read at its evaluation points."""
    path = walk(method, lambda layers: [gradient(layers[0]) + decay * layers[0]], [start], STEPS)
    return torch.stack([now.point[0] for now in path])


@pytest.fixture(params=PROBLEMS)
def problem(request):
    return PROBLEMS[request.param]()


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_the_form_is_the_family_read_at_its_evaluation_point(form, problem):
    gradient, start = problem
    found = torch.stack(form.run(gradient, start, ETA, BETA, STEPS))
    ours = _points(form.method(ETA, BETA), gradient, start, form.weight_decay)
    assert found.shape == ours.shape
    misses = (found - ours).norm(dim=1) / ours.norm(dim=1).max()
    assert bool(misses[1:6].max() < 1e-12) is form.same
    assert bool(misses[:-1].max() < 1e-12) is form.same


@pytest.mark.parametrize("nesterov", [False, True])
def test_weight_decay_shifts_eigenvalues_and_the_minimiser(nesterov):
    name = "torch.optim.SGD(nesterov=True, weight_decay)" if nesterov else None
    form = next(f for f in FORMS if f.name == (name or "torch.optim.SGD(weight_decay)"))
    (*_, last) = form.run(_quadratic, torch.zeros_like(TARGET), ETA, BETA, 3000)
    w = form.weight_decay
    torch.testing.assert_close(last, VALUES * TARGET / (VALUES + w))
    far = form.run(_quadratic, 5 * TARGET, ETA, BETA, 60)
    shifted = form.run(lambda x: VALUES * x, 5 * TARGET - last, ETA, BETA, 60)
    torch.testing.assert_close(far[-1] - last, shifted[-1], rtol=1e-11, atol=1e-14)


def test_dampening_is_heavy_ball_thrown_off():
    (form,) = [f for f in FORMS if "dampening" in f.name]
    damped, start = form.method(ETA, BETA), torch.zeros_like(TARGET)
    d = 1 - damped.step_size / ETA
    assert damped == heavy_ball((1 - d) * ETA, BETA)
    found = form.run(_quadratic, start, ETA, BETA, 50)
    w, v = start, -(d * ETA / BETA) * _quadratic(start)
    for point in found:
        torch.testing.assert_close(point, w, rtol=1e-12, atol=1e-14)
        v = BETA * v - damped.step_size * _quadratic(w)
        w = w + v
    # The rate is that of the damped step, and not that of the full one.
    left = torch.stack(form.run(lambda x: VALUES[:1] * x, torch.ones(1).double(), ETA, BETA, 900))
    factor = float(left[-1] / left[-101]) ** 0.01
    assert factor == pytest.approx(float(spectral_radius(damped, VALUES[:1])), abs=1e-9)
    assert abs(factor - float(spectral_radius(heavy_ball(ETA, BETA), VALUES[:1]))) > 1e-3


def test_torch_refuses_dampening_with_nesterov():
    with pytest.raises(ValueError, match="zero dampening"):
        torch.optim.SGD([torch.ones(1)], lr=0.1, momentum=0.9, nesterov=True, dampening=0.5)


def test_the_table_has_one_row_a_source():
    assert len({(form.method(0.1, 0.5).name, form.name) for form in FORMS}) == len(FORMS)
    assert [form.name for form in FORMS if not form.same] == [
        "torch.optim.SGD(dampening)",
        "one recursion from rest",
    ]
