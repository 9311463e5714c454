"""Every kind of module, with its inputs."""

from __future__ import annotations

import pytest
import torch

from tests.diagnosis.zoo import ZOO


@pytest.fixture(params=ZOO)
def kind(request):
    """A module of each kind, with its inputs."""
    make, inputs = ZOO[request.param]
    torch.manual_seed(3)
    return make().double(), inputs
