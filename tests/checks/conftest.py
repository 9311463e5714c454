"""What the tests of the gate share: the one sentence of a call that is refused."""

from __future__ import annotations

import pytest


@pytest.fixture
def says():
    """Hold what a call is refused with to its kind, its words and its full stop."""

    def check(call, error, message):
        with pytest.raises(error) as caught:
            call()
        assert message in str(caught.value)
        assert str(caught.value).endswith(".")

    return check
