"""The errors Lendgate raises on purpose, each a sentence a person can act on.

Law: an inner room raises one of these; only the doors (``web``, ``cli``, ``client``) turn them into
status codes, exit codes or text. Nothing here carries a secret or personal data.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with one place of a body.

    ``pointer`` is an RFC 6901 JSON Pointer (``""`` is the whole body); ``detail`` is one plain sentence.
    """

    pointer: str
    detail: str


class LendgateError(Exception):
    """Base of every error Lendgate raises on purpose."""


class InvalidBodyError(LendgateError):
    """A body that cannot be accepted; says every place that is wrong."""

    def __init__(self, errors: tuple[FieldError, ...]) -> None:
        if not errors:
            raise ValueError("an invalid body names at least one error")
        self.errors = errors
        super().__init__(f"{errors[0].pointer or 'body'}: {errors[0].detail}")


class InvalidRequestError(InvalidBodyError):
    """The same for a body that is not an application (``schema.requests``)."""


class PolicyError(LendgateError):
    """A policy pack that must not be used: the message says which rule and what to mend."""


class SettingsError(LendgateError):
    """A setting that is missing or cannot be right; names the variable and the mend."""


class GateUnavailableError(LendgateError):
    """The Worker could not be reached or answered outside the contract: nothing was accepted."""


class UnsignedRequestError(LendgateError):
    """A request at the origin that the edge did not sign, or that was altered, replayed or late."""


class NotFoundError(LendgateError):
    """Nothing under that id for this tenant and broker."""


class AuditError(LendgateError):
    """The audit trail does not verify; names the first bad row."""


class RuntimeMissingError(LendgateError):
    """A program Lendgate starts (workerd, PostgreSQL) is missing or cannot run here; says what to do."""
