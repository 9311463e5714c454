"""Tangent kernels: by automatic differentiation, and their spectra.

The closed form of every architecture is its method `tangent_kernel`; `empirical` is the naive
oracle that it is tested against.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from rootkappa import _checks
from rootkappa.architectures import Model, vectorise
from rootkappa.problems import Spectrum

_MODEL = "an architecture with its data"


def empirical(model: Model, weights: Sequence[torch.Tensor]) -> torch.Tensor:
    """Compute J J^T from the Jacobian that automatic differentiation gives.

    Args:
        model: Any architecture.
        weights: One tensor (R, rows, cols) a layer.

    Returns:
        Kernels on column-major vec(U), shape (R, k n, k n).

    Raises:
        ValueError: If the weights do not fit the model.
    """
    # mypy takes no abstract class where a type is asked for.
    _checks.instance("model", model, Model, _MODEL)  # type: ignore[type-abstract]
    kernels = []
    for replica in zip(*model.fitting(weights), strict=True):

        def outputs(*layers: torch.Tensor) -> torch.Tensor:
            return vectorise(model.predict([layer[None] for layer in layers]))[0]

        jacobian = torch.autograd.functional.jacobian(outputs, replica)
        flat = torch.cat([block.flatten(1) for block in jacobian], dim=1)
        kernels.append(flat @ flat.mT)
    return torch.stack(kernels)


def spectra(kernels: torch.Tensor) -> list[Spectrum]:
    """Give the spectrum of every kernel of a stack, each by itself.

    Ranks are counted a kernel at a time, so that no replica changes what is said of another. Where
    the Jacobian is at hand, `Model.spectra` keeps twice as many digits.

    Args:
        kernels: Symmetric positive semidefinite matrices, shape (R, N, N).

    Returns:
        R spectra.

    Raises:
        ValueError: If they are no stack of square matrices, or one is not symmetric, not positive
            semidefinite, or zero, saying which.

    Example:
        >>> [one.kappa for one in spectra([[[2.0, 0.0], [0.0, 8.0]], [[0.0, 0.0], [0.0, 3.0]]])]
        [4.0, 1.0]
    """
    return [_spectrum(kernel, index) for index, kernel in enumerate(_stack(kernels))]


def condition_number(kernels: torch.Tensor) -> torch.Tensor:
    """Give lambda_max / lambda_min over the non-zero spectrum, of every kernel by itself.

    Args:
        kernels: Symmetric positive semidefinite matrices, shape (..., N, N).

    Returns:
        Condition numbers, shape (...), in the dtype of the kernels.

    Raises:
        ValueError: As `spectra`.

    Example:
        >>> float(condition_number([[2.0, 0.0], [0.0, 8.0]]))
        4.0
    """
    given = _checks.floating("kernels", kernels)
    if given.ndim < 2 or given.numel() == 0:
        raise ValueError(f"kernels must have shape (..., N, N), got {tuple(given.shape)}: reshape.")
    kappas = [one.kappa for one in spectra(given.reshape(-1, *given.shape[-2:]))]
    return given.new_tensor(kappas).reshape(given.shape[:-2])


def _stack(kernels: torch.Tensor) -> torch.Tensor:
    given = _checks.floating("kernels", kernels)
    if given.ndim != 3:
        raise ValueError(
            f"kernels must be a stack (R, N, N), got shape {tuple(given.shape)}: pass a single "
            "one to Spectrum.of, or add an axis with kernel[None]."
        )
    return given


def _spectrum(kernel: torch.Tensor, index: int) -> Spectrum:
    try:
        return Spectrum.of(kernel)
    except ValueError as error:
        raise ValueError(f"kernel {index} of the stack: {error}") from error
