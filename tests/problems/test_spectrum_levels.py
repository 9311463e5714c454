"""Where an eigenvalue counts as zero, a sign as rounding, and a kernel as symmetric."""

from __future__ import annotations

import pytest
import torch

from rootkappa.problems import Spectrum, SpectrumWarning, numerical_rank
from rootkappa.problems.spectrum import rounding_level, symmetric

EPS = torch.finfo(torch.float64).eps


def test_a_value_at_the_level_counts_as_zero_and_the_next_one_does_not():
    # The level of two values is 2 eps times the greater one.
    on, above = 2 * EPS, 2 * EPS * (1 + EPS)
    assert [numerical_rank(torch.tensor([v, 1.0], dtype=torch.float64)) for v in (on, above)] == [
        1,
        2,
    ]
    assert Spectrum.of_values([on, 1.0]).dropped == 1
    with pytest.warns(SpectrumWarning, match="next to the rounding level 4.44e-16"):
        assert Spectrum.of_values([above, 1.0]).dropped == 0


@pytest.mark.parametrize(("size", "rank"), [(None, 2), (2, 2), (6, 1), (500, 1)])
def test_a_larger_matrix_has_a_higher_level(size, rank):
    values = torch.tensor([5 * EPS, 1.0], dtype=torch.float64)
    assert numerical_rank(values, size) == rank
    expected = (size or 2) * EPS
    assert float(rounding_level(values, values.dtype, size)) == pytest.approx(expected)


@pytest.mark.parametrize("turned", [False, True], ids=["wide", "tall"])
def test_the_longer_side_of_a_jacobian_decides_its_level(turned):
    # 100 eps is above the level of a 2 x 2 matrix, and below that of one with 300 columns.
    J = torch.zeros(2, 300, dtype=torch.float64)
    J[0, 0], J[1, 1] = 1.0, 100 * EPS
    found = Spectrum.of_jacobian(J.T if turned else J)
    assert (found.dropped, found.eigenvalues.tolist()) == (299 if turned else 1, [1.0])
    assert found.cut == pytest.approx((300 * EPS) ** 2)
    with pytest.warns(SpectrumWarning, match="next to"):
        assert Spectrum.of_jacobian(J[:, :2]).dropped == 0


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_levels_follow_the_precision_that_is_named(dtype):
    # The values are stored in float64 wherever they came from.
    values = torch.tensor([0.0, 3.0], dtype=torch.float64)
    level = rounding_level(values, dtype)
    assert float(level) == pytest.approx(6 * torch.finfo(dtype).eps)


def test_a_sign_and_an_asymmetry_that_rounding_explains_are_let_pass():
    # Up to a thousand levels, which here are 2 eps of the greatest eigenvalue; of entries, 1 eps.
    level = 2 * EPS
    assert Spectrum.of_values([-999 * level, 1.0]).dropped == 1
    with pytest.raises(ValueError, match=r"at least 0, got -4\.44533e-13: give those"):
        Spectrum.of_values([-1001 * level, 1.0])
    apart = torch.tensor([[1.0, 0.5], [0.5 + 900 * EPS, 1.0]], dtype=torch.float64)
    assert Spectrum.of(apart).dropped == 0
    apart[1, 0] = 0.5 + 1100 * EPS
    with pytest.raises(ValueError, match=r"differ from the transpose by 2.44e-13: give J J\^T"):
        Spectrum.of(apart)


def test_one_kernel_of_a_stack_that_is_not_symmetric_is_enough_to_refuse_it():
    stack = torch.stack([1e9 * torch.eye(2), torch.eye(2)]).double()
    assert symmetric(stack) is stack
    # Far below rounding of the first kernel, far above that of the second.
    stack[1, 0, 1] = 1e-9
    with pytest.raises(ValueError, match=r"not symmetric, .* by 1e-09: give J J"):
        symmetric(stack)


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
def test_an_asymmetry_is_judged_by_the_size_of_the_kernel(scale):
    kernel = torch.tensor([[1.0, 0.5], [0.5 + 1e-14, 1.0]], dtype=torch.float64)
    assert Spectrum.of(scale * kernel).kappa == pytest.approx(3)
    kernel[1, 0] = 0.5 + 1e-10
    with pytest.raises(ValueError, match=r"the kernel is not symmetric, entries differ .*: give J"):
        Spectrum.of(scale * kernel)


def test_a_count_is_a_whole_number():
    found = numerical_rank(torch.tensor([0.0, 1.0, 2.0]))
    assert (found, type(found)) == (2, int)
