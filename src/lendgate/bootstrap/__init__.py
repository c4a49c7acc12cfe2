"""From settings to a running service: the only place that chooses what is real.

Law: nothing else reads settings to build things; everything opened here is closed here, in reverse.
"""

from __future__ import annotations

from lendgate.bootstrap.database import open_database
from lendgate.bootstrap.keys import audit_keys, checkpoint_key, master_keys, secret_key, webhook_key
from lendgate.bootstrap.models import (
    Models,
    checked_models,
    deployment_from,
    opened_batches,
    opened_model,
    opened_models,
)
from lendgate.bootstrap.places import blobs_from, checkpoint_places, inbox_from
from lendgate.bootstrap.rules import creditors_from, rulebook_from
from lendgate.bootstrap.service import Service, open_desk, open_service
from lendgate.bootstrap.speakers import (
    document_reader_from,
    intake_assistant,
    intake_room,
    reviewer_from,
    speaker_from,
    supporter_from,
)

__all__ = [
    "Models",
    "Service",
    "audit_keys",
    "blobs_from",
    "checked_models",
    "checkpoint_key",
    "checkpoint_places",
    "creditors_from",
    "deployment_from",
    "document_reader_from",
    "inbox_from",
    "intake_assistant",
    "intake_room",
    "master_keys",
    "open_database",
    "open_desk",
    "open_service",
    "opened_batches",
    "opened_model",
    "opened_models",
    "reviewer_from",
    "rulebook_from",
    "secret_key",
    "speaker_from",
    "supporter_from",
    "webhook_key",
]
