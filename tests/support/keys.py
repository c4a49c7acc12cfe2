"""The keys of the tests."""

from __future__ import annotations

import base64

from pydantic import SecretStr

from lendgate.store.keyring import MasterKeys

MASTERS = MasterKeys({"m1": b"m" * 32})
DATA_KEY = SecretStr(f"m1:{base64.urlsafe_b64encode(b'm' * 32).decode()}")
"""The setting that holds ``MASTERS``."""
