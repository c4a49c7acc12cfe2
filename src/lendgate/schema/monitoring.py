"""Demographic monitoring information (Regulation B 1002.13, HMDA): a shape of its own.

Law: only ``schema.submission`` (the wire), ``intake.parse`` (which splits it off) and ``store.monitoring``
(which keeps it in its own table) may import this module; import-linter holds it. It reaches no fact,
finding, prompt, memo or log.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from lendgate.schema.base import Name, Sent, WholeRule


class ApplicantMonitoring(Sent):
    """What one applicant chose to give, or that they chose not to."""

    ethnicity: Annotated[list[Name], Field(max_length=10)] | None = None
    race: Annotated[list[Name], Field(max_length=20)] | None = None
    sex: Annotated[list[Name], Field(max_length=5)] | None = None
    age: Annotated[int, WholeRule(0, 130)] | None = None
    marital_status: Literal["Married", "Separated", "Unmarried", "NotProvided", "Unknown"] | None = None
    collected: Literal["self", "visual", "not_provided"] = "not_provided"


class Monitoring(Sent):
    """Monitoring information of an application, one entry an applicant, in the same order."""

    applicants: Annotated[list[ApplicantMonitoring], Field(min_length=1, max_length=4)]
