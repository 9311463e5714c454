"""JAX: jit(vmap(scan)), the whole training of all runs as one compiled program, in float64."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import torch

from benchmarks.cases import Array, Problem

TITLE = "JAX jit(vmap(scan))"


def prepare(problem: Problem) -> Callable[[], torch.Tensor]:
    jax.config.update("jax_enable_x64", True)
    X, Y = (jnp.asarray(tensor.numpy()) for tensor in (problem.model.X, problem.model.Y))
    weights, constants = (
        [jnp.asarray(layer.numpy()) for layer in layers]
        for layers in (problem.trained, problem.constants)
    )
    numbers = [jnp.asarray(values) for values in (problem.step_sizes, problem.momenta)]

    def loss(weights: list[Array], constants: list[Array]) -> Array:
        return jnp.square(problem.forward(weights, constants, X) - Y).sum() / 2

    def train(weights: list[Array], constants: list[Array], eta: Array, beta: Array) -> Array:
        def step(state: tuple[list[Array], list[Array]], _: None) -> tuple[Array, Array]:
            weights, buffers = state
            now, gradients = jax.value_and_grad(loss)(weights, constants)
            buffers = [beta * b + g for b, g in zip(buffers, gradients, strict=True)]
            weights = [
                w - eta * (g + beta * b)
                for w, g, b in zip(weights, gradients, buffers, strict=True)
            ]
            return (weights, buffers), now

        start = (weights, [jnp.zeros_like(layer) for layer in weights])
        (last, _), losses = jax.lax.scan(step, start, length=problem.steps)
        return jnp.append(losses, loss(last, constants))

    compiled = jax.jit(jax.vmap(train)).lower(weights, constants, *numbers).compile()

    def run() -> torch.Tensor:
        return torch.tensor(jax.device_get(compiled(weights, constants, *numbers)))

    return run
