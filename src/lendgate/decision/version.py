"""The version of the rules by which findings become a recommendation.

Law: it changes whenever ``recommend`` or ``principal_reasons`` could answer otherwise for the same
findings; it is written into every recommendation, so that a replay knows which rules spoke.
"""

from __future__ import annotations

from typing import Final

ENGINE_VERSION: Final = "1.0"
