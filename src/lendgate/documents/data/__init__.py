"""The room's knowledge as data: what forms print, where their fields are, and figures that change by year.

Law: every file says where its content comes from. A file that does not fit its shape stops the start.
"""

from __future__ import annotations

from importlib import resources
from typing import TypeVar

import yaml
from pydantic import TypeAdapter

Shape = TypeVar("Shape")


def load(name: str, shape: TypeAdapter[Shape]) -> Shape:
    """The file ``name`` of this package in its shape; pydantic's error says what does not fit."""
    content = resources.files(__name__).joinpath(name).read_text(encoding="utf-8")
    return shape.validate_python(yaml.safe_load(content))
