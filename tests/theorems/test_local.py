"""What the local theorems share is tested with each of them; here what they take."""

from __future__ import annotations

import pytest

from rootkappa.theorems import LocalHeavyBall, LocalNesterov, OptimalLocalNesterov


@pytest.mark.parametrize("theorem", [LocalHeavyBall(), LocalNesterov(), OptimalLocalNesterov()])
@pytest.mark.parametrize("question", ["check", "tuning", "rate"])
def test_they_take_a_spectrum(theorem, question):
    with pytest.raises(TypeError, match="takes a Spectrum here, got int: give one"):
        getattr(theorem, question)(3)
