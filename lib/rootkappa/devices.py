"""Where and how the numbers are computed: device, dtype, threads, seeds and the stamp of a run."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import torch
from threadpoolctl import threadpool_limits

from rootkappa import __version__

DEVICE_VARIABLE = "ROOTKAPPA_DEVICE"
THREADS_VARIABLE = "ROOTKAPPA_THREADS"
_THREADS_A_CORE = 4  # two may be of use; a million exhausts the machine
_STAMPED_PACKAGES = ("torch", "numpy", "scipy", "scikit-learn", "matplotlib")


def available() -> list[str]:
    """List the devices of this machine.

    Returns:
        Names that `select` accepts, cpu first.

    Example:
        >>> available()[0]
        'cpu'
    """
    names = ["cpu"]
    names += [f"cuda:{index}" for index in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        names.append("mps")
    return names


def select(
    device: str | torch.device | None = None, dtype: torch.dtype | None = None
) -> tuple[torch.device, torch.dtype]:
    """Choose device and dtype: the argument, else the variable ROOTKAPPA_DEVICE, else the CPU.

    Args:
        device: A name such as "cpu", "cuda", "cuda:1" or "mps".
        dtype: A floating-point dtype; float64 if None.

    Returns:
        The device and the dtype.

    Raises:
        ValueError: If the device is not there, or cannot hold the dtype.
        TypeError: If the dtype is not a floating-point one.

    Example:
        >>> select("cpu")
        (device(type='cpu'), torch.float64)
    """
    name = str(device or os.environ.get(DEVICE_VARIABLE) or "cpu")
    there = available()
    if name == "cuda" and "cuda:0" in there:
        name = "cuda:0"
    if name not in there:
        raise ValueError(f"device {name!r} is not on this machine: use one of {', '.join(there)}.")
    chosen = dtype or torch.float64
    if not chosen.is_floating_point:
        raise TypeError(f"dtype must be a floating-point one, got {chosen}: use torch.float64.")
    if name == "mps" and chosen == torch.float64:
        raise ValueError("device 'mps' has no float64: pass dtype=torch.float32.")
    return torch.device(name), chosen


def threads() -> int:
    """Read how many threads a process may use: the variable ROOTKAPPA_THREADS, else one.

    Returns:
        The number.

    Raises:
        ValueError: If ROOTKAPPA_THREADS is not a whole number, or asks for more than four threads
            a core.
    """
    asked = os.environ.get(THREADS_VARIABLE, "1")
    most = _THREADS_A_CORE * (os.cpu_count() or 1)
    if not (asked.isdecimal() and 1 <= int(asked) <= most):
        raise ValueError(
            f"{THREADS_VARIABLE} must be a whole number from 1 to {most} on this machine, got "
            f"{asked!r}: leave it out for one thread."
        )
    return int(asked)


def set_up() -> None:
    """Make a process reproducible: one thread, full-precision products, fixed algorithms.

    Results of torch depend on the number of threads, because sums are split differently. The
    variable ROOTKAPPA_THREADS overrides the one thread; it is checked by `threads`.
    """
    asked = threads()
    torch.set_num_threads(asked)
    # NumPy and SciPy bring thread pools of their own.
    threadpool_limits(asked)
    # TensorFloat-32 keeps ten bits of the mantissa: rates fitted down to 1e-11 would be noise.
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False


def seed(**specification: Any) -> int:
    """Derive a seed from what a run is, so that order and parallelism do not matter.

    Args:
        **specification: Names and values that identify the run; anything JSON can hold.

    Returns:
        A number in [0, 2^63), the same on every machine.

    Raises:
        TypeError: If a value has no JSON form.

    Example:
        >>> seed(width=64, replica=0) == seed(replica=0, width=64)
        True
        >>> seed(width=64, replica=0) == seed(width=64, replica=1)
        False
    """
    text = json.dumps(specification, sort_keys=True, separators=(",", ":"))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def environment() -> Mapping[str, str]:
    """Describe what computed the numbers: versions, processor, threads, BLAS and device.

    Returns:
        The stamp, name by value.
    """
    stamp = {
        "python": platform.python_version(),
        "platform": platform.platform(terse=True),
        "rootkappa": __version__,  # a clone that is not installed has no metadata
    }
    for package in _STAMPED_PACKAGES:
        stamp[package] = metadata.version(package)
    stamp["numba"] = kernels()
    device, dtype = select()
    stamp |= {
        "cpu": _processor(),
        "cpu capability": torch.backends.cpu.get_cpu_capability(),
        "threads": str(torch.get_num_threads()),
        "blas": "MKL" if torch.backends.mkl.is_available() else "other",
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else str(device),
        "dtype": str(dtype).removeprefix("torch."),
    }
    return stamp


def kernels() -> str:
    """Name what compiles kernels.

    Returns:
        The version of numba; "not installed" where torch takes all steps.
    """
    try:
        return metadata.version("numba")
    except metadata.PackageNotFoundError:
        return "not installed"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        names = [line.split(":", 1)[1].strip() for line in lines if "model name" in line]
        return names[0] if names else platform.machine()
    except OSError:
        return platform.processor() or platform.machine()
