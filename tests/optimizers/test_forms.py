"""Every row of the table of equivalent forms, and the rows that differ."""

from __future__ import annotations

import pytest
import torch

from rootkappa import DeepLinear, datasets, heavy_ball, nesterov
from rootkappa.dynamics import modal_response, spectral_radius
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


@pytest.mark.parametrize("ahead", [False, True])
def test_weight_decay_shifts_eigenvalues_and_the_minimiser(ahead):
    name = "torch.optim.SGD(nesterov=True, weight_decay)" if ahead else None
    form = next(f for f in FORMS if f.name == (name or "torch.optim.SGD(weight_decay)"))
    (*_, last) = form.run(_quadratic, torch.zeros_like(TARGET), ETA, BETA, 400)
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


@pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form.name}, {form.method(1, 0).name}")
class TestEveryForm:
    @pytest.mark.parametrize("steps", [0, 1, 2, 7])
    def test_it_gives_the_start_and_one_iterate_a_step(self, form, steps):
        start = torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64)
        kept = start.clone()
        found = form.run(_quadratic, start, ETA, BETA, steps)
        assert len(found) == steps + 1
        assert torch.equal(found[0], kept)
        assert torch.equal(start, kept)

    def test_weights_of_any_shape_are_moved_entry_by_entry(self, form):
        start = torch.arange(6, dtype=torch.float64).reshape(2, 3) - 2
        found = torch.stack(form.run(lambda w: 0.5 * w, start, ETA, BETA, 9))
        flat = torch.stack(form.run(lambda w: 0.5 * w, start.flatten(), ETA, BETA, 9))
        torch.testing.assert_close(found.flatten(1), flat, rtol=1e-14, atol=0)

    def test_at_the_minimiser_nothing_moves(self, form):
        # With weight decay w it is where lambda (x - b) + w x vanishes.
        rest = VALUES * TARGET / (VALUES + form.weight_decay)
        found = torch.stack(form.run(_quadratic, rest, ETA, BETA, 30))
        torch.testing.assert_close(found, rest.expand_as(found), rtol=1e-13, atol=1e-13)


# torch asks for a momentum above 0 with nesterov=True, and reads no dampening without one.
PLAIN = [form for form in FORMS if "nesterov=True" not in form.name and "damp" not in form.name]


@pytest.mark.parametrize("form", PLAIN, ids=lambda form: f"{form.name}, {form.method(1, 0).name}")
def test_without_momentum_a_form_is_gradient_descent(form):
    w = torch.zeros_like(TARGET)
    for point in form.run(_quadratic, w, ETA, 0.0, 20):
        torch.testing.assert_close(point, w, rtol=1e-12, atol=1e-14)
        w = w - ETA * (_quadratic(w) + form.weight_decay * w)


def test_from_rest_inside_the_recursion_it_is_the_other_start_of_the_closed_form():
    (form,) = [form for form in FORMS if form.name == "one recursion from rest"]
    ones = torch.ones_like(VALUES)
    found = torch.stack(form.run(lambda w: VALUES * w, ones, ETA, BETA, 150), 1)
    expected = modal_response(nesterov(ETA, BETA), VALUES, 150, start="recursion")
    torch.testing.assert_close(found, expected, rtol=1e-10, atol=1e-13)


def _first_points(form, slope=3.0):
    # A gradient that is the same everywhere, so that only the buffers differ.
    start = torch.zeros(1, dtype=torch.float64)
    points = form.run(lambda w: torch.full_like(w, slope), start, 0.1, 0.5, 3)
    return [float(point) for point in points]


# Distances in units of eta times the gradient, after 1, 2 and 3 steps, by hand with beta = 1/2:
# heavy ball adds 1, 3/2, 7/4; Nesterov is a step of momentum ahead.
HEAVY, AHEAD = [1, 2.5, 4.25], [1.5, 3.25, 5.125]
ON_A_SLOPE = {
    "exponential average": [0.5, 1.25, 2.125],
    "torch.optim.SGD(dampening)": [1, 2, 3],
    "one recursion from rest": [1, 2.5, 4.25],
}


@pytest.mark.parametrize(
    "form",
    [form for form in FORMS if form.weight_decay == 0],
    ids=lambda form: f"{form.name}, {form.method(1, 0).name}",
)
def test_on_a_constant_slope_the_buffers_are_geometric_sums(form):
    plain = AHEAD if form.method(1, 0).name == "Nesterov" else HEAVY
    expected = [-0.3 * share for share in [0, *ON_A_SLOPE.get(form.name, plain)]]
    assert _first_points(form) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("name", "step_size"),
    [
        ("exponential average", 0.02),
        ("torch.optim.SGD(dampening)", 0.05),
        ("Polyak", 0.1),
        ("Sutskever", 0.1),
    ],
)
def test_the_method_of_a_row_has_the_step_size_of_its_update(name, step_size):
    (form,) = [form for form in FORMS if form.name == name]
    method = form.method(0.1, 0.8)
    assert method.step_size == pytest.approx(step_size, rel=1e-12)
    assert method.momentum == 0.8
    assert method.extrapolation == (0.8 if name == "Sutskever" else 0)
