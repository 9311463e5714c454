"""Products with the Jacobian of a module, at given parameters: J v, J^T v and the kernel's.

J v is the derivative of J^T u in u. Of one batch both graphs are built once and kept, and a product
is two backward passes. Of several batches nothing is kept: forward mode where PyTorch has it, twice
backward where it has not (recurrent layers, some normalisations). Where there is no second
derivative, rows are taken one by one. All ways agree to rounding.
"""

from __future__ import annotations

import warnings
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

import torch

from rootkappa.diagnosis.module import ModuleFunction, Parameters

# Samples whose Jacobians are taken side by side.
_CHUNK = 128
# What PyTorch says, beside NotImplementedError, where it has no forward mode or no second backward
# pass. Other errors, such as memory that is too small, are no reason for a slower way.
_UNSUPPORTED = (
    "autograd.Function with functorch",  # one of the old style
    "doesn't have storage",  # the module goes through NumPy
    "not have been used in the graph",  # its backward pass has no derivative
    "differentiate twice",
    "derivative for",  # "... is not implemented": older versions have no error of its own for it
)
# What it says where the samples of a module cannot be taken side by side.
_UNVECTORISED = (
    "vmap",  # control flow that depends on data, random numbers, functions without a rule
    "Batching rule",
    "match the broadcast shape",  # recurrent layers, which write in place
    "doesn't have storage",
)


@dataclass(frozen=True)
class _Graph:
    # The outputs of one batch, and J^T u as a function of u, from which J g follows.

    leaves: Parameters
    outputs: torch.Tensor
    u: torch.Tensor
    pulled: Parameters


class Products:
    """The Jacobian J of all outputs, of which only products are taken.

    Args:
        function: The module.
        parameters: Where; its own parameters if None.
    """

    def __init__(
        self, function: ModuleFunction, parameters: Mapping[str, torch.Tensor] | None = None
    ) -> None:
        self.function = function
        self.parameters = dict(function.parameters if parameters is None else parameters)
        self._ways = [self._kept, self._once, self._twice_backward, self._row_by_row]
        if len(function.batches) > 1:
            del self._ways[0]

    def transposed(self, v: torch.Tensor) -> Parameters:
        """Give J^T v.

        Args:
            v: Shape of the outputs, (n, ...).

        Returns:
            A tensor a parameter, each of the parameter's shape.
        """
        total = {name: torch.zeros_like(value) for name, value in self.parameters.items()}
        for batch, part in self._parts(v):
            leaves, outputs = self._outputs(batch)
            for name, found in self._gradient(outputs, leaves, part).items():
                total[name] += found
        return total

    def forward(self, g: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """Give J g.

        Args:
            g: A tensor a parameter.

        Returns:
            Shape of the outputs, (n, ...).
        """
        return torch.cat([self._forward(batch, g) for batch in self.function.batches])

    def kernel(self, v: torch.Tensor) -> torch.Tensor:
        """Give K v = J J^T v.

        Args:
            v: Shape of the outputs, (n, ...).

        Returns:
            The same shape.
        """
        return self.forward(self.transposed(v))

    def rows(self, samples: Sequence[int]) -> torch.Tensor:
        """Give the rows of J that belong to samples, all outputs of each.

        Args:
            samples: Which samples, in the order of the batches.

        Returns:
            Shape (len(samples) k, p), for k outputs a sample.
        """
        return torch.cat(self._row_parts(samples), 1)

    def gram(self, samples: Sequence[int]) -> torch.Tensor:
        """Give the part of the kernel J J^T that belongs to samples.

        Args:
            samples: Which samples, in the order of the batches.

        Returns:
            Shape (len(samples) k, len(samples) k), float64.
        """
        # A sum over parameters: their rows are never laid side by side.
        parts = self._row_parts(samples)
        return torch.stack([(part @ part.mT).double() for part in parts]).sum(0)

    def _row_parts(self, samples: Sequence[int]) -> list[torch.Tensor]:
        # The rows of J, a tensor (len(samples) k, p_l) a parameter, or all of them together.
        if self.function.couples:
            return [self._rows_of_whole_batches(samples)]
        X = torch.cat([self.function.batches[b][i : i + 1] for b, i in self._places(samples)])
        try:
            with quiet():
                found = torch.func.vmap(self._jacobian_of_one, chunk_size=_CHUNK)(X)
        except RuntimeError as error:
            if not _unsupported(error, _UNVECTORISED):
                raise
            return [torch.cat([self._rows_of(x.unsqueeze(0), range(self._wide)) for x in X])]
        return [part.flatten(0, 1).detach() for part in found.values()]

    @property
    def _wide(self) -> int:
        return self.function.outputs[0].numel()

    def _jacobian_of_one(self, x: torch.Tensor) -> Parameters:
        def outputs(values: Parameters) -> torch.Tensor:
            return self.function.on(x.unsqueeze(0), values).reshape(self._wide)

        found: Parameters = torch.func.jacrev(outputs)(self.parameters)
        return {name: part.reshape(self._wide, -1) for name, part in found.items()}

    def _places(self, samples: Sequence[int]) -> list[tuple[int, int]]:
        # The batch of each sample, and its place there.
        ends = list(accumulate(len(batch) for batch in self.function.batches))
        found = [bisect_right(ends, sample) for sample in samples]
        return [
            (b, sample - (ends[b - 1] if b else 0))
            for b, sample in zip(found, samples, strict=True)
        ]

    def _rows_of_whole_batches(self, samples: Sequence[int]) -> torch.Tensor:
        rows = []
        for b, i in self._places(samples):
            first = i * self._wide
            rows.append(self._rows_of(self.function.batches[b], range(first, first + self._wide)))
        return torch.cat(rows)

    def _rows_of(self, batch: torch.Tensor, indices: Sequence[int]) -> torch.Tensor:
        leaves = self._leaves()
        outputs = self.function.on(batch, leaves).flatten()
        rows = [self._gradient(outputs[i], leaves) for i in indices]
        return torch.stack([torch.cat([part.flatten() for part in row.values()]) for row in rows])

    def _parts(self, v: torch.Tensor) -> list[tuple[torch.Tensor, torch.Tensor]]:
        sizes = [len(batch) for batch in self.function.batches]
        return list(zip(self.function.batches, v.split(sizes), strict=True))

    @cached_property
    def _first(self) -> tuple[Parameters, torch.Tensor]:
        leaves = self._leaves()
        return leaves, self.function.on(self.function.batches[0], leaves)

    def _outputs(self, batch: torch.Tensor) -> tuple[Parameters, torch.Tensor]:
        # One batch keeps its graph; of several, whose loader bounds the memory, none does.
        if len(self.function.batches) == 1:
            return self._first
        leaves = self._leaves()
        return leaves, self.function.on(batch, leaves)

    @cached_property
    def _graph(self) -> _Graph:
        leaves, outputs = self._first
        u = torch.zeros_like(outputs, requires_grad=True)
        return _Graph(leaves, outputs, u, self._gradient(outputs, leaves, u, create_graph=True))

    def _leaves(self) -> Parameters:
        return {name: value.clone().requires_grad_() for name, value in self.parameters.items()}

    def _gradient(
        self,
        outputs: torch.Tensor,
        leaves: Parameters,
        v: torch.Tensor | None = None,
        create_graph: bool = False,
    ) -> Parameters:
        found = torch.autograd.grad(
            outputs,
            list(leaves.values()),
            v,
            retain_graph=True,
            create_graph=create_graph,
            allow_unused=True,
        )
        return {
            name: torch.zeros_like(leaf) if part is None else part
            for (name, leaf), part in zip(leaves.items(), found, strict=True)
        }

    def _forward(self, batch: torch.Tensor, g: Mapping[str, torch.Tensor]) -> torch.Tensor:
        # The first way that PyTorch has for all parts of this module; then it stays with it.
        while True:
            try:
                with quiet():
                    return self._ways[0](batch, g)
            except RuntimeError as error:
                if len(self._ways) == 1 or not _unsupported(error, _UNSUPPORTED):
                    raise
                del self._ways[0]

    def _kept(self, batch: torch.Tensor, g: Mapping[str, torch.Tensor]) -> torch.Tensor:
        # The only batch, whose graph is kept.
        graph = self._graph
        seen = [name for name, part in graph.pulled.items() if part.requires_grad]
        pulled, along = [graph.pulled[name] for name in seen], [g[name] for name in seen]
        (found,) = torch.autograd.grad(pulled, graph.u, along, retain_graph=True)
        return found.detach()

    def _once(self, batch: torch.Tensor, g: Mapping[str, torch.Tensor]) -> torch.Tensor:
        found: torch.Tensor = torch.func.jvp(
            lambda values: self.function.on(batch, values), (self.parameters,), (dict(g),)
        )[1]
        return found.detach()

    def _twice_backward(self, batch: torch.Tensor, g: Mapping[str, torch.Tensor]) -> torch.Tensor:
        # J g is the derivative of <J^T u, g> in u, which is linear in u.
        leaves = self._leaves()
        outputs = self.function.on(batch, leaves)
        u = torch.zeros_like(outputs, requires_grad=True)
        pulled = self._gradient(outputs, leaves, u, create_graph=True)
        total = _inner(pulled, g)
        (found,) = torch.autograd.grad(total, u)
        return found.detach()

    def _row_by_row(self, batch: torch.Tensor, g: Mapping[str, torch.Tensor]) -> torch.Tensor:
        # As many backward passes as there are outputs: for layers that have no second derivative.
        leaves = self._leaves()
        outputs = self.function.on(batch, leaves)
        rows = [_inner(self._gradient(one, leaves), g) for one in outputs.flatten()]
        return torch.stack(rows).view_as(outputs).detach()


def _unsupported(error: RuntimeError, sayings: Sequence[str]) -> bool:
    known = any(words in str(error) for words in sayings)
    return known or isinstance(error, NotImplementedError)


def _inner(one: Mapping[str, torch.Tensor], other: Mapping[str, torch.Tensor]) -> torch.Tensor:
    return torch.stack([(one[name] * other[name]).sum() for name in one]).sum()


@contextmanager
def quiet() -> Iterator[None]:
    """Keep still what torch says of its own inside while it differentiates."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="There is a performance drop because")
        warnings.filterwarnings("ignore", message="`torch.jit.script` is deprecated")
        yield
