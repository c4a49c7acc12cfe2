"""Who lends: what notices say of a creditor, and what its people allow the platform to do.

Law: a notice names the creditor of its tenant or is not made; there is no default creditor. A file of
profiles replaces the packaged sample as a whole, as a directory of policy packs does.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator

from lendgate.errors import SettingsError
from lendgate.policy.yaml_text import read_yaml
from lendgate.schema import Contact

Text = Annotated[str, Field(min_length=3, max_length=200)]


class _Profile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Party(_Profile):
    """A company or agency by name and postal address."""

    name: Text
    address: Text


class ReportingAgency(Party):
    """A consumer reporting agency and the range of the scores it gives (15 U.S.C. 1681m(a)(2), (3))."""

    telephone: Text
    lowest_score: Annotated[int, Field(ge=0)]
    highest_score: Annotated[int, Field(gt=0)]


class Creditor(Party):
    """One tenant's creditor.

    ``agency`` is the Federal agency of Appendix A to 12 CFR 1002 that administers compliance for it;
    ``auto_approve`` lets an eligible application be approved without a person; ``retention_months`` may
    exceed the regulation's 25.
    """

    telephone: Text
    agency: Party
    time_zone: str
    auto_approve: bool = False
    denial_form: Literal["C-1", "C-2"] = "C-1"
    retention_months: Annotated[int, Field(ge=25, le=240)] = 25
    reporting_agencies: tuple[ReportingAgency, ...] = ()

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as cause:
            raise ValueError(f"{name} is no time zone; use one such as America/Chicago") from cause
        return name

    @property
    def zone(self) -> ZoneInfo:
        """The time zone whose days count."""
        return ZoneInfo(self.time_zone)

    @property
    def contact(self) -> Contact:
        """As it is published."""
        return Contact(name=self.name, address=self.address, telephone=self.telephone)


Creditors = Mapping[str, Creditor]
"""Creditors by tenant."""
_FILE = TypeAdapter(dict[str, Creditor])


def read_creditors(name: str, content: bytes) -> Creditors:
    """The profiles of a file: tenant, then its creditor.

    Raises:
        SettingsError: a profile that must not be used; names the file and the first place.
    """
    try:
        return MappingProxyType(_FILE.validate_python(read_yaml(name, content)))
    except ValidationError as cause:
        first = cause.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        raise SettingsError(f"LENDGATE_CREDITORS: {name}: {place}: {first['msg']}") from cause


def sample_creditors() -> Creditors:
    """The packaged sample: the creditor of the tenant ``local``, for development."""
    content = resources.files("lendgate.decision").joinpath("creditors.yaml").read_bytes()
    return read_creditors("creditors.yaml", content)
