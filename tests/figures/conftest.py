"""Figures are drawn without a screen, in the house style, and leave nothing behind."""

import matplotlib.pyplot as plt
import pytest

from rootkappa import figures


@pytest.fixture(autouse=True)
def axes():
    with plt.rc_context():
        plt.switch_backend("agg")
        figures.use_style()
        fig, ax = plt.subplots()
        yield ax
        plt.close(fig)
