"""Random matrices against their laws."""

from __future__ import annotations

import os

import pytest
import torch

from rootkappa.draws import (
    SHIFT_VARIABLE,
    generator,
    haar,
    normal,
    numpy_generator,
    shifted,
)


@pytest.mark.parametrize(("rows", "cols"), [(7, 7), (9, 4), (4, 9)])
def test_haar_matrices_have_orthonormal_short_sides(rows, cols):
    Q = haar(rows, cols, generator(3))
    short = Q @ Q.T if rows < cols else Q.T @ Q
    torch.testing.assert_close(short, torch.eye(min(rows, cols), dtype=Q.dtype))


def test_haar_has_no_preferred_sign():
    # QR alone fixes the sign of R's diagonal, which biases the trace.
    source = generator(0)
    traces = torch.stack([haar(3, 3, source).trace() for _ in range(2000)])
    assert abs(traces.mean()) < 4 / 2000**0.5


def test_normal_is_the_same_for_the_same_seed():
    assert torch.equal(normal((3, 2), generator(5)), normal((3, 2), generator(5)))


@pytest.mark.parametrize(
    "draw",
    [
        lambda: normal((4,), generator(5)).tolist(),
        lambda: numpy_generator(5).standard_normal(4).tolist(),
    ],
)
def test_a_shift_moves_every_draw_and_no_shift_none(draw, monkeypatch):
    plain = draw()
    seen = [plain]
    for shift in ("1", "2"):
        monkeypatch.setenv(SHIFT_VARIABLE, shift)
        seen.append(draw())
    assert len({tuple(values) for values in seen}) == 3
    monkeypatch.setenv(SHIFT_VARIABLE, "0")
    assert draw() == plain


def test_a_shift_is_a_whole_number(monkeypatch):
    monkeypatch.setenv(SHIFT_VARIABLE, "-1")
    with pytest.raises(ValueError, match=r"ROOTKAPPA_SHIFT must be a whole number .* got '-1'"):
        generator(0)


def test_a_shift_ends_with_its_block(monkeypatch):
    def draw():
        return normal((4,), generator(5))

    monkeypatch.delenv(SHIFT_VARIABLE, raising=False)
    plain = draw()
    with shifted(2):
        inside = draw()
        with shifted(0):
            assert torch.equal(draw(), plain)
        assert torch.equal(draw(), inside)
    assert not torch.equal(inside, plain)
    assert torch.equal(draw(), plain)


def test_a_shift_ends_where_its_block_fails(monkeypatch):
    monkeypatch.setenv(SHIFT_VARIABLE, "4")
    with pytest.raises(ZeroDivisionError), shifted(2):
        _ = 1 / 0
    assert os.environ[SHIFT_VARIABLE] == "4"


@pytest.mark.parametrize(
    ("shift", "error"), [(-1, ValueError), (0.5, TypeError), (True, TypeError)]
)
def test_a_shift_is_checked_before_it_is_set(shift, error):
    with pytest.raises(error, match="shift must be"), shifted(shift):
        pass
