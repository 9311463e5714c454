"""The printed losses: complete, positive, and falling where nothing spikes."""

from __future__ import annotations

import pytest
import torch

from rootkappa.datasets import bu2021_losses


def test_every_run_has_a_loss_at_every_hundredth_epoch():
    epochs, losses = bu2021_losses()
    assert torch.equal(epochs, torch.arange(100, 5001, 100).double())
    assert len(losses) == 8
    for name, column in losses.items():
        assert column.shape == epochs.shape
        assert bool((column > 0).all())
        assert float(column.max() > 10) == (name == "(0.2, 0.8)")
    assert bool((losses["gradient descent"].diff() < 0).all())


def test_no_digit_was_changed_since_it_was_copied():
    # The mean and the scatter of the logarithms of all four hundred numbers.
    logs = torch.stack(list(bu2021_losses()[1].values())).log()
    found = (float(logs.mean()), float(logs.std()))
    assert found == pytest.approx((-8.064361080297301, 7.815465667228826), rel=1e-12)
