"""What is decided by: the policy packs in force, and who lends for which tenant.

Law: a pack or profile that must not be used ends the start, before anything is opened.
"""

from __future__ import annotations

from lendgate.decision.creditor import Creditors, read_creditors, sample_creditors
from lendgate.errors import SettingsError
from lendgate.intake.completeness import Requirements
from lendgate.policy.library import load_packs, requirements_table
from lendgate.settings import ServiceSettings
from lendgate.workflow.underwrite import Rulebook


def rulebook_from(settings: ServiceSettings) -> Rulebook:
    """The packs in force and their completeness table.

    Raises:
        PolicyError: a pack must not be used.
    """
    packs = load_packs(settings.policy_dir)
    table = Requirements.model_validate(requirements_table(packs))
    return Rulebook(packs, table.products, table.policy_version)


def creditors_from(settings: ServiceSettings) -> Creditors:
    """Who lends for which tenant.

    Raises:
        SettingsError, PolicyError: the file cannot be read, or a profile must not be used.
    """
    if settings.creditors is None:
        return sample_creditors()
    try:
        content = settings.creditors.read_bytes()
    except OSError as cause:
        raise SettingsError(
            f"LENDGATE_CREDITORS: cannot read {settings.creditors}: {cause.strerror}"
        ) from cause
    return read_creditors(settings.creditors.name, content)
