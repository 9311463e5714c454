"""Tangent kernels: by automatic differentiation, their spectra, and the whitened kernel.

The closed form of every architecture is its method `tangent_kernel`; `empirical` is the naive
oracle that it is tested against.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from rootkappa.architectures import DeepLinear, Model, vectorise


def empirical(model: Model, weights: Sequence[torch.Tensor]) -> torch.Tensor:
    """Compute J J^T from the Jacobian that automatic differentiation gives.

    Args:
        model: Any architecture.
        weights: One tensor (R, rows, cols) a layer.

    Returns:
        Kernels on column-major vec(U), shape (R, k n, k n).
    """
    kernels = []
    for replica in zip(*weights, strict=True):

        def outputs(*layers: torch.Tensor) -> torch.Tensor:
            return vectorise(model.predict([layer[None] for layer in layers]))[0]

        jacobian = torch.autograd.functional.jacobian(outputs, replica)
        flat = torch.cat([block.flatten(1) for block in jacobian], dim=1)
        kernels.append(flat @ flat.mT)
    return torch.stack(kernels)


def spectrum(kernel: torch.Tensor, rank: int | None = None) -> torch.Tensor:
    """Give the non-zero eigenvalues in ascending order.

    Args:
        kernel: Symmetric positive semidefinite matrices, shape (..., N, N).
        rank: How many eigenvalues are not zero; counted from the spectra if None (the largest
            count over the stack).

    Returns:
        Eigenvalues, shape (..., rank).

    Raises:
        ValueError: If a kernel is zero.

    Example:
        >>> spectrum(torch.diag(torch.tensor([0.0, 2.0, 8.0], dtype=torch.float64))).tolist()
        [2.0, 8.0]
    """
    values: torch.Tensor = torch.linalg.eigvalsh(kernel)
    if rank is None:
        cut = values[..., -1:] * values.shape[-1] * torch.finfo(values.dtype).eps
        rank = int((values > cut).sum(-1).max())
    if rank < 1:
        raise ValueError("the kernel is zero, so nothing can be learnt: check weights and data.")
    return values[..., -rank:]


def condition_number(kernel: torch.Tensor, rank: int | None = None) -> torch.Tensor:
    """Give lambda_max / lambda_min over the non-zero spectrum.

    Args:
        kernel: Symmetric positive semidefinite matrices, shape (..., N, N).
        rank: How many eigenvalues are not zero; counted if None.

    Returns:
        Condition numbers, shape (...).
    """
    values = spectrum(kernel, rank)
    return values[..., -1] / values[..., 0]


def whitened_spectrum(model: DeepLinear, weights: Sequence[torch.Tensor]) -> torch.Tensor:
    """Give the eigenvalues of H relative to its mean (L/k) X^T X (x) I.

    They are all 1 for orthogonal initialisation, and concentrate around 1 for Gaussian.

    Args:
        model: A deep linear network on data reduced to rank size, so that X^T X is invertible.
        weights: One tensor (R, rows, cols) a layer.

    Returns:
        Eigenvalues in ascending order, shape (R, k n).

    Raises:
        ValueError: If X^T X is singular.
    """
    gram = model.X.mT @ model.X
    factor, info = torch.linalg.cholesky_ex(gram)
    if int(info):
        raise ValueError(
            f"X^T X is singular for n = {gram.shape[0]} samples: "
            "apply datasets.reduce_to_rank first."
        )
    k = len(model.Y)
    eye = torch.eye(k, dtype=gram.dtype, device=gram.device)
    inverse = torch.linalg.solve_triangular(factor, torch.eye(len(gram)).to(gram), upper=False)
    T = torch.kron(inverse.contiguous(), eye)
    whitened = k / model.depth * T @ model.tangent_kernel(weights) @ T.mT
    return spectrum(whitened, rank=len(gram) * k)
