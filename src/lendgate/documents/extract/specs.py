"""Where the fields of each printed form are, read from ``data/forms.yaml``."""

from __future__ import annotations

from functools import cache
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from lendgate.documents.data import load
from lendgate.documents.extract.find_labels import Side, Wanted
from lendgate.schema.documents import FieldKind


class FieldSpec(BaseModel):
    """One field: what kind of value it is, and the labels that forms print at it.

    A ``period`` becomes the fields ``period_start`` and ``period_end``. ``line``: the value stands in the
    form's column of amounts, behind the line's number. ``required``: a document without it is not complete
    enough to be accepted unseen. ``single``: the value is one piece of print, such as the number of a card.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    kind: FieldKind
    labels: tuple[str, ...] = ()
    side: Side = "under"
    line: bool = False
    required: bool = False
    cents: bool = False
    single: bool = False


class FormSpec(BaseModel):
    """One form. ``stops``: labels whose values are not wanted. ``noise``: printed words without a value.

    ``copies``: sheets print it two to four times, each copy saying the same.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    form: str
    source: str
    copies: bool = False
    fields: Annotated[tuple[FieldSpec, ...], Field(min_length=1)]
    stops: tuple[str, ...] = ()
    noise: tuple[str, ...] = ()

    @property
    def wanted(self) -> tuple[Wanted, ...]:
        """Every label of the form; those of stops are for no field."""
        named = (
            Wanted(field.name, phrase, "right" if field.line else field.side)
            for field in self.fields
            for phrase in field.labels
        )
        return (*named, *(Wanted("", phrase) for phrase in self.stops))


@cache
def forms() -> dict[str, FormSpec]:
    """Every form by its kind."""
    return {form.form: form for form in load("forms.yaml", TypeAdapter(tuple[FormSpec, ...]))}


def required_fields(kind: str) -> tuple[str, ...]:
    """The fields without which a document of this kind is not accepted unseen."""
    form = forms().get(kind)
    return tuple(field.name for field in form.fields if field.required) if form else ()
