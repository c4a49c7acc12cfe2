"""Signatures of webhooks: those of the Standard Webhooks specification, from secrets nobody stores."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from lendgate.store.webhooks import Endpoint
from lendgate.workflow.webhook_signature import (
    WebhookSecrets,
    secrets_in_force,
    webhook_headers,
    webhook_secrets,
)

KEY = b"w" * 32
AT = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
# The example of the specification's own libraries.
SECRET = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
CONTENT = b'msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def endpoint(generation: int = 1, previous_until: datetime | None = None) -> Endpoint:
    return Endpoint(UUID(int=7), None, "https://x.example", generation, previous_until, AT, None, None)


def test_v1_is_that_of_the_specification() -> None:
    """Its example, to the last character."""
    secrets = WebhookSecrets(base64.b64decode(SECRET), b"\x01" * 32)
    assert secrets.signatures(CONTENT)[0] == SIGNATURE
    assert secrets.shared == f"whsec_{SECRET}"


def test_v1a_verifies_with_the_public_key_and_with_no_other() -> None:
    """Ed25519 over the same content; the receiver holds no secret."""
    secrets = webhook_secrets(KEY, uuid4(), 1)
    version, _, signature = secrets.signatures(CONTENT)[1].partition(",")
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(secrets.public.removeprefix("whpk_")))
    public.verify(base64.b64decode(signature), CONTENT)
    assert version == "v1a"
    with pytest.raises(InvalidSignature):
        public.verify(base64.b64decode(signature), CONTENT + b" ")


def test_headers_name_the_event_and_the_attempt() -> None:
    """The id is the event's, the time the attempt's, in whole seconds."""
    headers = webhook_headers(UUID(int=2), b"{}", [webhook_secrets(KEY, UUID(int=7), 1)], AT)
    assert headers["webhook-id"] == "evt_00000000000000000000000000000002"
    assert headers["webhook-timestamp"] == str(int(AT.timestamp()))
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{{}}".encode()
    expected = webhook_secrets(KEY, UUID(int=7), 1).signatures(content)
    assert headers["webhook-signature"].split(" ") == expected


def test_secrets_differ_by_key_endpoint_and_generation() -> None:
    """And are the same for the same three, always."""
    first = webhook_secrets(KEY, UUID(int=7), 1)
    assert first == webhook_secrets(KEY, UUID(int=7), 1)
    others = [
        webhook_secrets(b"x" * 32, UUID(int=7), 1),
        webhook_secrets(KEY, UUID(int=8), 1),
        webhook_secrets(KEY, UUID(int=7), 2),
    ]
    assert len({each.secret for each in (first, *others)}) == 4
    assert len({each.seed for each in (first, *others)}) == 4
    assert first.secret != first.seed


def test_during_a_rotation_both_generations_sign() -> None:
    """Until the overlap ends; a receiver changes its secret whenever it likes meanwhile."""
    until = AT + timedelta(hours=24)
    old, new = webhook_secrets(KEY, UUID(int=7), 1), webhook_secrets(KEY, UUID(int=7), 2)
    assert secrets_in_force(KEY, endpoint(2, until), AT) == [new, old]
    assert secrets_in_force(KEY, endpoint(2, until), until) == [new]
    assert secrets_in_force(KEY, endpoint(1), AT) == [old]


def test_secrets_are_not_shown_by_accident() -> None:
    """A log of the object shows neither."""
    assert "wwww" not in repr(webhook_secrets(KEY, uuid4(), 1))
    assert "secret" not in repr(webhook_secrets(KEY, uuid4(), 1)).lower().replace("webhooksecrets", "")
