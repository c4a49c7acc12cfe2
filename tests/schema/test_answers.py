"""What holds for every shape we send."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from types import NoneType
from typing import get_args

import pytest

import lendgate.schema
from lendgate.schema.base import Answer


def answers(kind: type[Answer] = Answer) -> Iterator[type[Answer]]:
    """Every shape we send."""
    for module in pkgutil.iter_modules(lendgate.schema.__path__):
        importlib.import_module(f"lendgate.schema.{module.name}")
    for shape in kind.__subclasses__():
        yield shape
        yield from answers(shape)


@pytest.mark.parametrize("shape", sorted(set(answers()), key=str))
def test_what_may_be_nothing_may_be_left_out(shape: type[Answer]) -> None:
    """Answers are sent without their empty members: a reader must not need one of them."""
    needed = {
        name
        for name, field in shape.model_fields.items()
        if NoneType in get_args(field.annotation) and field.is_required()
    }
    assert needed == set()
