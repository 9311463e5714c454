"""Ways of writing heavy ball and Nesterov: most are the same method, two start otherwise.

Each form is the naive loop of its source, run on a gradient function. `FORMS` is the book's
table; every row is tested against the family of `method`.

Weight decay w adds w times the stored weights to the gradient. The stored weights are the
evaluation point y_t, with `nesterov=True` too, so the method is the family's on L + w/2 ||.||^2. On
a quadratic that shifts every eigenvalue by w, and the minimiser from H^-1 b to (H + w)^-1 b: a loss
that could reach 0 no longer does. Dampening d scales every gradient by 1 - d except the first, so
the run is heavy ball with step size (1 - d) eta, thrown off with the velocity -(d eta/beta) grad
L(w_0) instead of from rest: the rate of that method, another path. `torch` refuses dampening with
`nesterov=True`. Theorems and reductions of this book assume neither.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from rootkappa.optimizers.method import Method, heavy_ball, nesterov
from rootkappa.optimizers.walk import walk

Gradient = Callable[[torch.Tensor], torch.Tensor]
Run = Callable[[Gradient, torch.Tensor, float, float, int], list[torch.Tensor]]


# The example that the rows with weight decay and dampening show.
_DECAY, _DAMPENING = 0.25, 0.5


@dataclass(frozen=True)
class Form:
    """A way of writing a method.

    Args:
        name: What it is called.
        method: The member of the family that it is, of step size and momentum.
        update: The update in mathematical notation.
        run: The loop: (gradient, start, step size, momentum, steps) to the list of iterates
            0, ..., steps.
        same: Whether its iterates are the family's evaluation points y_t. If not, only their rate
            is, because the start differs.
        weight_decay: w, if it is the family on L + w/2 ||.||^2: add w to every eigenvalue.
    """

    name: str
    method: Callable[[float, float], Method]
    update: str
    run: Run
    same: bool = True
    weight_decay: float = 0.0


def _family(make: Callable[[float, float], Method]) -> Run:
    def run(
        gradient: Gradient, start: torch.Tensor, eta: float, beta: float, steps: int
    ) -> list[torch.Tensor]:
        path = walk(make(eta, beta), lambda layers: [gradient(layers[0])], [start], steps)
        return [now.point[0] for now in path]

    return run


def _polyak(
    gradient: Gradient, start: torch.Tensor, eta: float, beta: float, steps: int
) -> list[torch.Tensor]:
    points = [start, start - eta * gradient(start)]
    for _ in range(steps - 1):
        now, before = points[-1], points[-2]
        points.append((1 + beta) * now - beta * before - eta * gradient(now))
    return points[: steps + 1]


def _two_sequences(
    gradient: Gradient, start: torch.Tensor, eta: float, beta: float, steps: int
) -> list[torch.Tensor]:
    points, before = [start], start
    for _ in range(steps):
        descended = points[-1] - eta * gradient(points[-1])
        points.append(descended + beta * (descended - before))
        before = descended
    return points


def _one_recursion(
    gradient: Gradient, start: torch.Tensor, eta: float, beta: float, steps: int
) -> list[torch.Tensor]:
    points, slopes = [start], [gradient(start)]
    points.append(start - (1 + beta) * eta * slopes[0])
    for _ in range(steps - 1):
        slopes.append(gradient(points[-1]))
        step = beta * (points[-1] - points[-2])
        points.append(points[-1] + step - eta * (1 + beta) * slopes[-1] + eta * beta * slopes[-2])
    return points[: steps + 1]


def _sutskever(
    gradient: Gradient, start: torch.Tensor, eta: float, beta: float, steps: int
) -> list[torch.Tensor]:
    theta, velocity = start, torch.zeros_like(start)
    points = [start]
    for _ in range(steps):
        velocity = beta * velocity - eta * gradient(theta + beta * velocity)
        theta = theta + velocity
        points.append(theta + beta * velocity)
    return points


def _average(
    gradient: Gradient, start: torch.Tensor, eta: float, beta: float, steps: int
) -> list[torch.Tensor]:
    points, mean = [start], torch.zeros_like(start)
    for _ in range(steps):
        mean = beta * mean + (1 - beta) * gradient(points[-1])
        points.append(points[-1] - eta * mean)
    return points


def _torch(**options: Any) -> Run:
    def run(
        gradient: Gradient, start: torch.Tensor, eta: float, beta: float, steps: int
    ) -> list[torch.Tensor]:
        parameter = start.clone().requires_grad_()
        optimizer = torch.optim.SGD([parameter], lr=eta, momentum=beta, **options)
        points = [start]
        for _ in range(steps):
            parameter.grad = gradient(parameter.detach())
            optimizer.step()
            points.append(parameter.detach().clone())
        return points

    return run


def _resting_start(
    gradient: Gradient, start: torch.Tensor, eta: float, beta: float, steps: int
) -> list[torch.Tensor]:
    points, slopes = [start, start], [gradient(start)]
    for _ in range(steps):
        slopes.append(gradient(points[-1]))
        step = beta * (points[-1] - points[-2])
        points.append(points[-1] + step - eta * (1 + beta) * slopes[-1] + eta * beta * slopes[-2])
    return points[1:]


FORMS: tuple[Form, ...] = (
    Form(
        "this book",
        heavy_ball,
        r"$w_{t+1}=w_t+\beta(w_t-w_{t-1})-\eta\nabla L(w_t)$",
        _family(heavy_ball),
    ),
    Form(
        "Polyak",
        heavy_ball,
        r"$w_{t+1}=(1+\beta)w_t-\beta w_{t-1}-\eta\nabla L(w_t)$, $w_1=w_0-\eta\nabla L(w_0)$",
        _polyak,
    ),
    Form(
        "exponential average",
        lambda eta, beta: heavy_ball((1 - beta) * eta, beta),
        r"$m_{t+1}=\beta m_t+(1-\beta)\nabla L(w_t)$, $w_{t+1}=w_t-\eta m_{t+1}$: step size"
        r" $(1-\beta)\eta$",
        _average,
    ),
    Form(
        "torch.optim.SGD(momentum)",
        heavy_ball,
        r"$b_{t+1}=\beta b_t+\nabla L(w_t)$, $w_{t+1}=w_t-\eta b_{t+1}$",
        _torch(),
    ),
    Form(
        "torch.optim.SGD(weight_decay)",
        heavy_ball,
        r"$b_{t+1}=\beta b_t+\nabla L(w_t)+w\,w_t$: heavy ball on $L+\tfrac w2\Vert w\Vert^2$",
        _torch(weight_decay=_DECAY),
        weight_decay=_DECAY,
    ),
    Form(
        "this book",
        nesterov,
        r"$w_{t+1}=w_t+\beta(w_t-w_{t-1})-\eta\nabla L(y_t)$, $y_t=w_t+\beta(w_t-w_{t-1})$",
        _family(nesterov),
    ),
    Form(
        "two sequences (Liu et al.)",
        nesterov,
        r"$v_{t+1}=y_t-\eta\nabla L(y_t)$, $y_{t+1}=v_{t+1}+\beta(v_{t+1}-v_t)$, $v_0=y_0$",
        _two_sequences,
    ),
    Form(
        "one recursion",
        nesterov,
        r"$y_{t+1}=y_t+\beta(y_t-y_{t-1})-\eta(1+\beta)\nabla L(y_t)+\eta\beta\nabla L(y_{t-1})$,"
        r" $y_1=y_0-(1+\beta)\eta\nabla L(y_0)$",
        _one_recursion,
    ),
    Form(
        "Sutskever",
        nesterov,
        r"$u_{t+1}=\beta u_t-\eta\nabla L(\theta_t+\beta u_t)$, $\theta_{t+1}=\theta_t+u_{t+1}$,"
        r" $y_t=\theta_t+\beta u_t$",
        _sutskever,
    ),
    Form(
        "torch.optim.SGD(nesterov=True)",
        nesterov,
        r"$b_{t+1}=\beta b_t+\nabla L(y_t)$, $y_{t+1}=y_t-\eta(\nabla L(y_t)+\beta b_{t+1})$",
        _torch(nesterov=True),
    ),
    Form(
        "torch.optim.SGD(nesterov=True, weight_decay)",
        nesterov,
        r"the same with $\nabla L(y_t)+w\,y_t$: Nesterov on $L+\tfrac w2\Vert w\Vert^2$",
        _torch(nesterov=True, weight_decay=_DECAY),
        weight_decay=_DECAY,
    ),
    Form(
        "torch.optim.SGD(dampening)",
        lambda eta, beta: heavy_ball((1 - _DAMPENING) * eta, beta),
        r"$b_1=\nabla L(w_0)$, $b_{t+1}=\beta b_t+(1-d)\nabla L(w_t)$: step size $(1-d)\eta$ from"
        r" the second step on",
        _torch(dampening=_DAMPENING),
        same=False,
    ),
    Form(
        "one recursion from rest",
        nesterov,
        r"the recursion with $y_{-1}=y_0$ inside it, so $y_1=y_0-\eta\nabla L(y_0)$",
        _resting_start,
        same=False,
    ),
)
