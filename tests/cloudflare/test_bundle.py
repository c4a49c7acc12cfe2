"""The packaged Worker runs only when it is the one that was built."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from lendgate.cloudflare.bundle import load_bundle
from lendgate.errors import RuntimeMissingError

SCRIPT = b"export default {};\n"
CONFIG = '{"name": "gate", "main": "src/index.ts", "compatibility_date": "2026-10-23"}'


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A built Worker as `make edge` leaves it."""
    (tmp_path / "gate.js").write_bytes(SCRIPT)
    (tmp_path / "gate.js.sha256").write_text(f"{hashlib.sha256(SCRIPT).hexdigest()}  gate.js\n")
    (tmp_path / "wrangler.jsonc").write_text(CONFIG)
    return tmp_path


def test_a_bundle_with_its_hash_is_loaded(directory: Path) -> None:
    """Script, hash and configuration come together."""
    bundle = load_bundle(directory)
    assert (bundle.script, bundle.sha256) == (SCRIPT, hashlib.sha256(SCRIPT).hexdigest())
    assert bundle.config.name == "gate"


def test_an_altered_script_is_not_loaded(directory: Path) -> None:
    """One byte more is another program."""
    (directory / "gate.js").write_bytes(SCRIPT + b" ")
    with pytest.raises(RuntimeMissingError, match="does not have its recorded hash: run `make edge`"):
        load_bundle(directory)


@pytest.mark.parametrize("recorded", [b"", b"\xff", b"0" * 64])
def test_a_recorded_hash_that_is_none_loads_nothing(directory: Path, recorded: bytes) -> None:
    """An empty or damaged record never matches."""
    (directory / "gate.js.sha256").write_bytes(recorded)
    with pytest.raises(RuntimeMissingError, match="recorded hash"):
        load_bundle(directory)


@pytest.mark.parametrize("name", ["gate.js", "gate.js.sha256", "wrangler.jsonc"])
def test_a_missing_file_says_what_to_run(directory: Path, name: str) -> None:
    """A fresh checkout without its bundle is told `make edge`."""
    (directory / name).unlink()
    with pytest.raises(RuntimeMissingError, match=f"{name}.*run `make edge`"):
        load_bundle(directory)


def test_the_packaged_worker_is_the_one_that_was_built() -> None:
    """What travels inside the package has its recorded hash, in every environment it is deployed to."""
    for environment in (None, "staging", "production"):
        assert load_bundle(environment=environment).config.name.startswith("lendgate-gate")
