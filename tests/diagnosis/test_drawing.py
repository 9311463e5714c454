"""A diagnosis as a figure: both panels show what they say."""

from __future__ import annotations

import matplotlib.pyplot as plt

from rootkappa.diagnosis import diagnose
from tests.diagnosis.zoo import FLAT, TARGET, perceptron


def test_spectrum_and_forecasts_are_drawn():
    found = diagnose(perceptron(), FLAT, TARGET)
    fig = found.plot()
    spectrum, forecasts = fig.axes
    assert len(spectrum.lines[0].get_xdata()) == len(found.spectrum.values)
    named = {text.get_text() for text in forecasts.texts}
    assert named == {"gradient descent", "heavy ball", "Nesterov"}
    fig.draw_without_rendering()
    plt.close(fig)
