"""Ways of writing heavy ball and Nesterov that are the same method, and one that is not.

Each form is the naive loop of its source, run on a gradient function. `FORMS` is the book's
table; every row is tested against the family of `method`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from rootkappa.optimizers.method import Method, heavy_ball, nesterov
from rootkappa.optimizers.walk import walk

Gradient = Callable[[torch.Tensor], torch.Tensor]
Run = Callable[[Gradient, torch.Tensor, float, float, int], list[torch.Tensor]]


@dataclass(frozen=True)
class Form:
    """A way of writing a method.

    Args:
        name: What it is called.
        method: "heavy ball" or "Nesterov".
        update: The update in mathematical notation.
        same: Whether its iterates are the family's evaluation points y_t.
        run: The loop: (gradient, start, step size, momentum, steps) to the list of iterates
            0, ..., steps.
    """

    name: str
    method: str
    update: str
    same: bool
    run: Run


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
    return points


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
    return points


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


def _torch(nesterov: bool) -> Run:
    def run(
        gradient: Gradient, start: torch.Tensor, eta: float, beta: float, steps: int
    ) -> list[torch.Tensor]:
        parameter = start.clone().requires_grad_()
        optimizer = torch.optim.SGD([parameter], lr=eta, momentum=beta, nesterov=nesterov)
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
        "heavy ball",
        r"$w_{t+1}=w_t+\beta(w_t-w_{t-1})-\eta\nabla L(w_t)$",
        True,
        _family(heavy_ball),
    ),
    Form(
        "Polyak",
        "heavy ball",
        r"$w_{t+1}=(1+\beta)w_t-\beta w_{t-1}-\eta\nabla L(w_t)$, $w_1=w_0-\eta\nabla L(w_0)$",
        True,
        _polyak,
    ),
    Form(
        "torch.optim.SGD(momentum)",
        "heavy ball",
        r"$b_{t+1}=\beta b_t+\nabla L(w_t)$, $w_{t+1}=w_t-\eta b_{t+1}$",
        True,
        _torch(False),
    ),
    Form(
        "this book",
        "Nesterov",
        r"$w_{t+1}=w_t+\beta(w_t-w_{t-1})-\eta\nabla L(y_t)$, $y_t=w_t+\beta(w_t-w_{t-1})$",
        True,
        _family(nesterov),
    ),
    Form(
        "two sequences (Liu et al.)",
        "Nesterov",
        r"$v_{t+1}=y_t-\eta\nabla L(y_t)$, $y_{t+1}=v_{t+1}+\beta(v_{t+1}-v_t)$, $v_0=y_0$",
        True,
        _two_sequences,
    ),
    Form(
        "one recursion",
        "Nesterov",
        r"$y_{t+1}=y_t+\beta(y_t-y_{t-1})-\eta(1+\beta)\nabla L(y_t)+\eta\beta\nabla L(y_{t-1})$,"
        r" $y_1=y_0-(1+\beta)\eta\nabla L(y_0)$",
        True,
        _one_recursion,
    ),
    Form(
        "Sutskever",
        "Nesterov",
        r"$u_{t+1}=\beta u_t-\eta\nabla L(\theta_t+\beta u_t)$, $\theta_{t+1}=\theta_t+u_{t+1}$,"
        r" $y_t=\theta_t+\beta u_t$",
        True,
        _sutskever,
    ),
    Form(
        "torch.optim.SGD(nesterov=True)",
        "Nesterov",
        r"$b_{t+1}=\beta b_t+\nabla L(y_t)$, $y_{t+1}=y_t-\eta(\nabla L(y_t)+\beta b_{t+1})$",
        True,
        _torch(True),
    ),
    Form(
        "one recursion from rest",
        "Nesterov",
        r"the recursion with $y_{-1}=y_0$ inside it, so $y_1=y_0-\eta\nabla L(y_0)$",
        False,
        _resting_start,
    ),
)
