"""A module of PyTorch as one deterministic function of its trainable parameters.

Everything that would make the tangent kernel meaningless is refused here, in one sentence: two
passes that differ, outputs that are no tensor, parameters that are no real numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import torch
from torch import nn
from torch.func import functional_call
from torch.nn.attention import SDPBackend, sdpa_kernel

Parameters = dict[str, torch.Tensor]

_PRECISIONS = (torch.float32, torch.float64)
# Two passes on the same numbers may be summed in another order.
_ROUNDING = 64.0


class ModuleFunction:
    """The outputs of a module on fixed inputs, as a function of its trainable parameters.

    Frozen parameters and buffers stay as they are; tied parameters count once. Nothing of the
    module is changed.

    Args:
        module: The module, in the mode in which it will be trained.
        inputs: One batch, or several; what the module takes as its only argument.

    Raises:
        TypeError: If parameters, inputs or outputs are of a kind that has no tangent kernel.
        ValueError: If two passes differ, something is not finite, or nothing trains.
    """

    def __init__(self, module: nn.Module, inputs: torch.Tensor | Sequence[torch.Tensor]) -> None:
        if not isinstance(module, nn.Module):
            raise TypeError(f"module must be a torch.nn.Module, got {module!r}: give one.")
        self.module = module
        self.batches = _batches(inputs)
        self.parameters = _trainable(module)
        self._fixed = {
            name: value.detach()
            for name, value in module.named_parameters()
            if not value.requires_grad
        }
        self._buffers = {name: value.detach() for name, value in module.named_buffers()}
        _check_numbers(self.parameters, {**self._fixed, **self._buffers})
        _check_inputs(self.batches, self.parameters)
        self.outputs = self._checked()

    @property
    def size(self) -> int:
        """How many trainable parameters there are."""
        return sum(value.numel() for value in self.parameters.values())

    @property
    def dtype(self) -> torch.dtype:
        """The precision of the parameters."""
        return next(iter(self.parameters.values())).dtype

    def __call__(self, parameters: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """Evaluate all batches.

        Args:
            parameters: Values of the trainable parameters.

        Returns:
            The outputs, shape (n, ...).
        """
        return torch.cat([self.on(batch, parameters) for batch in self.batches])

    def on(self, batch: torch.Tensor, parameters: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """Evaluate one batch.

        Args:
            batch: The inputs.
            parameters: Values of the trainable parameters.

        Returns:
            The outputs, shape (n, ...).
        """
        buffers = {name: value.clone() for name, value in self._buffers.items()}
        # Attention's fast kernels have no second derivative, and no forward mode.
        with sdpa_kernel(SDPBackend.MATH):
            found: torch.Tensor = functional_call(
                self.module, {**parameters, **self._fixed, **buffers}, (batch,)
            )
        return found

    @cached_property
    def couples(self) -> bool:
        """Whether a sample's output depends on the others of its batch, as in batch norm."""
        batch = self.batches[0]
        half = len(batch) // 2
        with torch.no_grad():
            whole = self.on(batch, self.parameters)
            for part in (slice(0, 1), slice(0, half), slice(half, len(batch))):
                if len(batch[part]) in (0, len(batch)):
                    continue
                try:
                    alone = self.on(batch[part], self.parameters)
                except (RuntimeError, ValueError):  # batch norm of one sample
                    return True
                if _apart(whole[part], alone) > _tolerance(whole.dtype):
                    return True
        return False

    def _checked(self) -> torch.Tensor:
        kept = [batch.clone() for batch in self.batches]
        with torch.no_grad():
            first = [_tensor(self.on(batch, self.parameters)) for batch in self.batches]
            if not all(map(torch.equal, kept, self.batches)):
                raise ValueError(
                    "the module changes its input in place: let it work on a copy, as by "
                    "inplace=False."
                )
            second = [self.on(batch, self.parameters) for batch in self.batches]
        outputs, again = torch.cat(first), torch.cat(second)
        if not bool(torch.isfinite(outputs).all()):
            raise ValueError(
                "the outputs hold NaN or infinity: start from weights that are finite."
            )
        if len(outputs) != sum(map(len, self.batches)):
            raise ValueError(
                f"the outputs have {len(outputs)} rows for {sum(map(len, self.batches))} samples: "
                "let the module return one row a sample, its first axis."
            )
        gap = _apart(outputs, again)
        if gap > _tolerance(outputs.dtype):
            raise ValueError(
                f"two passes differ by {gap:.1e}, relative: {_randomness(self.module)}"
            )
        self._check_buffers(outputs)
        return outputs

    def _check_buffers(self, outputs: torch.Tensor) -> None:
        # Training hands changed buffers on, a kernel does not.
        buffers = {name: value.clone() for name, value in self._buffers.items()}
        state = {**self.parameters, **self._fixed, **buffers}
        with torch.no_grad(), sdpa_kernel(SDPBackend.MATH):
            passes = [
                torch.cat([functional_call(self.module, state, (batch,)) for batch in self.batches])
                for _ in range(2)
            ]
        gap = _apart(outputs, passes[1])
        if gap > _tolerance(outputs.dtype):
            raise ValueError(
                f"the outputs move by {gap:.1e} from pass to pass, because the module changes its "
                "buffers: call module.eval(), or take the buffer out."
            )


def _batches(inputs: Any) -> list[torch.Tensor]:
    given = [inputs] if isinstance(inputs, torch.Tensor) else list(inputs)
    for batch in given:
        if not isinstance(batch, torch.Tensor):
            raise TypeError(
                f"inputs must be a tensor, or a list of batches, got {type(batch).__name__}: wrap "
                "a module that takes more in one that takes a tensor."
            )
        if batch.ndim == 0 or len(batch) == 0:
            raise ValueError(f"a batch has shape {tuple(batch.shape)}: give at least one sample.")
    if not given:
        raise ValueError("there are no inputs: give at least one sample.")
    return given


def _trainable(module: nn.Module) -> Parameters:
    found = {
        name: value.detach() for name, value in module.named_parameters() if value.requires_grad
    }
    if not found:
        raise ValueError(
            "the module has no parameter that trains, so there is no kernel: set requires_grad."
        )
    return found


def _check_numbers(parameters: Parameters, others: Parameters) -> None:
    for name, value in parameters.items():
        if value.dtype not in _PRECISIONS:
            raise TypeError(
                f"parameter {name!r} is {value.dtype}, which does not carry a spectrum: call "
                "module.float() or module.double()."
            )
    dtypes = sorted({str(value.dtype) for value in parameters.values()})
    if len(dtypes) > 1:
        raise TypeError(f"the parameters are of {' and '.join(dtypes)}: call module.double().")
    for name, value in (parameters | others).items():
        if value.is_floating_point() and not bool(torch.isfinite(value).all()):
            raise ValueError(f"{name!r} holds NaN or infinity: load weights that are finite.")


def _check_inputs(batches: Iterable[torch.Tensor], parameters: Parameters) -> None:
    like = next(iter(parameters.values()))
    for batch in batches:
        if batch.device != like.device:
            raise ValueError(
                f"X is on {batch.device} and the parameters are on {like.device}: call "
                f"X.to({str(like.device)!r})."
            )
        if not batch.is_floating_point():
            continue
        if batch.dtype != like.dtype:
            raise TypeError(
                f"X is {batch.dtype} and the parameters are {like.dtype}: call X.to({like.dtype})."
            )
        if not bool(torch.isfinite(batch).all()):
            raise ValueError("X holds NaN or infinity: clean the data.")


def _tensor(found: Any) -> torch.Tensor:
    if not isinstance(found, torch.Tensor):
        raise TypeError(
            f"the module returns {_kind(found)}, not a tensor: wrap it in a module that returns "
            "the outputs that the loss sees."
        )
    return found


def _kind(found: Any) -> str:
    return f"a {type(found).__name__}"


def _apart(one: torch.Tensor, other: torch.Tensor) -> float:
    size = float(one.double().norm())
    return float((one.double() - other.double()).norm()) / (size or 1.0)


def _tolerance(dtype: torch.dtype) -> float:
    return _ROUNDING * torch.finfo(dtype).eps


def _randomness(module: nn.Module) -> str:
    names = {type(part).__name__ for part in module.modules() if part.training}
    noisy = sorted(name for name in names if "Dropout" in name or "RReLU" in name)
    cause = f"{noisy[0]} is random" if noisy else "the module is random or keeps a state"
    return f"{cause}. Call module.eval() first, or take that part out."
