"""No command of these tests reads anything of this machine's environment or its data directory."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in os.environ:
        if name.startswith(("LENDGATE_", "WORKER_BASE_URL")) and name != "LENDGATE_WORKERD":
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
