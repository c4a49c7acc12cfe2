"""The built Worker that travels inside the package: ``gate.js``, its SHA-256 and its ``wrangler.jsonc``.

Law: what does not have its recorded hash is not run. ``make edge`` builds all three; ``make check``
rebuilds them and compares.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lendgate.cloudflare.wrangler import WranglerConfig, read_wrangler
from lendgate.errors import RuntimeMissingError

BUNDLE: Final = Path(__file__).parent / "bundle"
SCRIPT: Final = "gate.js"
_MEND: Final = "run `make edge` in the checkout, or install Lendgate again"


@dataclass(frozen=True, slots=True)
class Bundle:
    """A Worker whose script has the hash it was built with."""

    script: bytes
    sha256: str
    config: WranglerConfig


def load_bundle(directory: Path = BUNDLE, environment: str | None = None) -> Bundle:
    """The packaged Worker and one environment of its configuration.

    Raises:
        RuntimeMissingError: a file is missing, or the script is not the one that was built.
        SettingsError: the configuration cannot be read.
    """
    script = _read(directory / SCRIPT)
    recorded = _read(directory / f"{SCRIPT}.sha256").decode("ascii", "replace").split(" ")[0].strip()
    found = hashlib.sha256(script).hexdigest()
    if not hmac.compare_digest(found.encode(), recorded.encode()):
        raise RuntimeMissingError(f"{directory / SCRIPT} does not have its recorded hash: {_MEND}")
    text = _read(directory / "wrangler.jsonc").decode()
    return Bundle(script, found, read_wrangler(text, environment))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise RuntimeMissingError(
            f"cannot read the built Worker {path} ({error.strerror}): {_MEND}"
        ) from None
