"""What the tests of claims share: a way to read a text as claims.toml."""

import pytest

from rootkappa import ledger


@pytest.fixture
def read(tmp_path):
    def read_text(text):
        path = tmp_path / "claims.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return ledger.read_claims(path)

    return read_text
