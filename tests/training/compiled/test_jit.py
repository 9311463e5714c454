"""Where compiled kernels are kept, what they need, and that their bits are the same everywhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from numba.core.codegen import get_host_cpu_features

from rootkappa.training.compiled import _jit

FEATURES = get_host_cpu_features().split(",")
# Haswell has registers of four doubles. Its name alone would leave the host's features switched on.
NARROW = {
    "NUMBA_CPU_NAME": "haswell",
    "NUMBA_CPU_FEATURES": ",".join(
        f"-{name[1:]}" if name.startswith("+avx") and name not in {"+avx", "+avx2"} else name
        for name in FEATURES
    ),
    "ATEN_CPU_CAPABILITY": "default",
    "ROOTKAPPA_THREADS": "2",
}
RUNS = """
import hashlib, torch
from numba.core.registry import cpu_target
from rootkappa import DeepLinear, DeepReLU, LinearResNet, TwoLayerReLU
from rootkappa import nesterov, heavy_ball, train
# Whole numbers alone: nothing that another library rounds comes before the kernels.
draw = lambda *shape: torch.arange(1.0 * torch.Size(shape).numel()).mul(37).remainder(19).sub(9)
grid = lambda *shape: draw(*shape).reshape(shape).double() / 16
X, y, Y = grid(5, 11), grid(1, 11) * 2, grid(3, 11)
found = hashlib.sha256()
for model, eta in (
    (TwoLayerReLU(X, y, 13), 0.02),
    (DeepReLU(X, y, [7, 18]), 0.004),
    (DeepLinear(X, Y, 9, 3), 0.01),
    (LinearResNet(X, Y, grid(9, 5) / 4, grid(3, 9) / 4, 3), 0.01),
):
    start = [grid(3, *shape) for shape in model.shapes]
    methods = [nesterov(eta, 0.8), heavy_ball(eta / 2, 0.5), nesterov(eta)]
    run = train(model, methods, start, 500, engine="compiled", keep_residuals=True)
    norms = run.residual_norms
    assert norms.isfinite().all() and (norms[:, -1] < norms[:, 0]).all()
    for part in (norms, run.lag1, run.lag2, run.residuals, *run.weights):
        found.update(part.numpy().tobytes())
said = f"{found.hexdigest()} {cpu_target.target_context.codegen().magic_tuple()[1]}"
"""


def _narrow():
    command, environment = [sys.executable, "-c", f"{RUNS}\nprint(said)"], os.environ | NARROW
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.system
@pytest.mark.skipif(
    not {"+fma", "+avx2"} <= set(FEATURES), reason="two widths need AVX2 and fused multiply-adds"
)
def test_two_widths_of_registers_and_two_numbers_of_threads_give_the_same_bits():
    here = {}
    exec(RUNS, here)
    (bits, machine), (other_bits, other_machine) = here["said"].split(), _narrow()
    assert other_machine == "haswell" != machine
    assert other_bits == bits


def test_the_folder_is_named_after_all_files_of_the_room(tmp_path, monkeypatch):
    monkeypatch.setattr(_jit.config, "CACHE_DIR", str(tmp_path))
    before = _jit.folder.__wrapped__()
    assert Path(before).parent == tmp_path
    room = tmp_path / "room"
    room.mkdir()
    for path in Path(_jit.__file__).parent.glob("*.py"):
        (room / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(_jit, "__file__", str(room / "_jit.py"))
    assert _jit.folder.__wrapped__() == before
    for name in ("_tiles.py", "_matrices.py"):
        (room / name).write_text((room / name).read_text() + "\n")
        after = _jit.folder.__wrapped__()
        assert after != before
        before = after


@pytest.mark.parametrize("root", ["a file", "read-only"])
def test_where_nothing_can_be_written_each_process_compiles_for_itself(root, tmp_path, monkeypatch):
    place = tmp_path / "here"
    if root == "a file":
        place.write_text("")
    else:
        place.mkdir(mode=0o500)
        if os.access(place, os.W_OK):
            pytest.skip("this user may write everywhere")
    monkeypatch.setattr(_jit.config, "CACHE_DIR", str(place))
    monkeypatch.setattr(_jit, "folder", _jit.folder.__wrapped__)
    assert _jit.folder() is None
    assert _jit.kernel(lambda x: x + 1)(2) == 3


def test_the_variable_of_numba_is_left_as_it_was(tmp_path, monkeypatch):
    monkeypatch.setattr(_jit.config, "CACHE_DIR", str(tmp_path))
    _jit.kernel(lambda x: x + 1)
    assert str(tmp_path) == _jit.config.CACHE_DIR


MACHINES = [
    (("x86_64-unknown-linux-gnu", "skylake", "+avx,+fma,+avx2"), None),
    (("arm64-apple-darwin", "apple-m1", "+neon"), None),
    (("aarch64-unknown-linux-gnu", "neoverse-n1", ""), None),
    (("x86_64-unknown-linux-gnu", "sandybridge", "+avx,-fma"), "no fused multiply-add"),
    (("x86_64-unknown-linux-gnu", "generic", ""), "no fused multiply-add"),
]


@pytest.mark.parametrize(("machine", "why"), MACHINES, ids=[machine[1] for machine, _ in MACHINES])
def test_machines_without_fused_multiply_adds_are_named(machine, why, monkeypatch):
    class Codegen:
        def magic_tuple(self):
            return machine

    monkeypatch.setattr(type(_jit.cpu_target.target_context), "codegen", lambda _: Codegen())
    found = _jit.lack()
    assert found is None if why is None else why in found


def test_interpreted_kernels_are_refused(monkeypatch):
    monkeypatch.setattr(_jit.config, "DISABLE_JIT", 1)
    assert _jit.lack() == "NUMBA_DISABLE_JIT is set"


def test_a_division_by_zero_is_infinite_and_the_lock_is_released(monkeypatch):
    monkeypatch.setattr(_jit, "folder", lambda: None)
    compiled = _jit.kernel(lambda x: 1.0 / x)
    assert compiled(0.0) == float("inf")
    assert compiled.targetoptions["nogil"] is True
    assert not compiled.targetoptions.get("fastmath", False)


def test_what_was_compiled_is_kept_in_the_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(_jit, "folder", lambda: str(tmp_path))
    assert _jit.kernel(lambda x: x + 2)(2) == 4
    assert list(tmp_path.rglob("*.nbi"))


def test_the_folder_is_made_where_numba_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(_jit.config, "CACHE_DIR", str(tmp_path / "a" / "b"))
    found = Path(_jit.folder.__wrapped__())
    assert found.is_dir()
    assert found.parent == tmp_path / "a" / "b"
    assert re.fullmatch("kernels-[0-9a-f]{16}", found.name)
    assert list(found.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="the user's cache lies elsewhere")
def test_without_being_told_it_is_in_the_cache_of_the_user(tmp_path, monkeypatch):
    monkeypatch.setattr(_jit.config, "CACHE_DIR", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert Path(_jit.folder.__wrapped__()).parent == tmp_path / "rootkappa"
