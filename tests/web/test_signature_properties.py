"""Invariant k as a property: change one byte of anything that matters, and the request is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from lendgate.errors import UnsignedRequestError
from lendgate.schema import Metadata, Principal
from lendgate.web.signature import Signer, sign, verify
from lendgate.web.signature_base import OPTIONAL, SignedRequest, decode_base64url, encode_base64url
from lendgate.web.signature_keys import Ed25519SigningKey, HmacKey, SigningKey, VerifyKey

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ED25519 = Ed25519SigningKey(Ed25519PrivateKey.from_private_bytes(bytes(32)))
HMAC = HmacKey(bytes(32))
KEYS: dict[str, VerifyKey] = {"hmac": HMAC, "ed": ED25519.verify_key}
SIGNERS: dict[str, SigningKey] = {"hmac": HMAC, "ed": ED25519}
PRINCIPAL = Principal(tenant="acme", broker_id="b-7", subject="user-1", scopes=("review:write",))
METADATA = Metadata(
    request_id="r-1",
    received_at=NOW,
    broker_id="b-7",
    tenant="acme",
    schema_version="1.0",
    policy_version="p",
    edge_version="e",
)
VISIBLE = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=20)
REQUESTS = st.builds(
    SignedRequest,
    method=st.sampled_from(["GET", "POST", "PUT"]),
    path=VISIBLE.map(lambda rest: f"/{rest}"),
    query=VISIBLE,
    headers=st.dictionaries(st.sampled_from(OPTIONAL), VISIBLE, max_size=6).map(lambda d: tuple(d.items())),
    body=st.binary(max_size=64),
)
PARTS = ("method", "path", "query", "body", "name", "value")


def signed(request: SignedRequest, key_id: str) -> SignedRequest:
    return sign(request, Signer(key_id, SIGNERS[key_id]), PRINCIPAL, METADATA, now=NOW, nonce=bytes(16))


def replaced(data: st.DataObject, text: str) -> str:
    """The text with one byte exchanged for another."""
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda code: code != ord(text[place])))
    return text[:place] + chr(other) + text[place + 1 :]


def changed(data: st.DataObject, request: SignedRequest) -> SignedRequest:
    """The request with one byte of one of its parts exchanged; every header it has is covered."""
    parts = [p for p in PARTS if p in ("name", "value") or getattr(request, p)]
    part = data.draw(st.sampled_from(parts))
    method, path, query, headers, body = (
        request.method,
        request.path,
        request.query,
        list(request.headers),
        request.body,
    )
    if part in ("name", "value"):
        at = data.draw(st.sampled_from([i for i, (_, value) in enumerate(headers) if value]))
        name, value = headers[at]
        headers[at] = (replaced(data, name), value) if part == "name" else (name, replaced(data, value))
    elif part == "body":
        body = replaced(data, body.decode("latin-1")).encode("latin-1")
    elif part == "method":
        method = replaced(data, method)
    elif part == "path":
        path = replaced(data, path)
    else:
        query = replaced(data, query)
    return SignedRequest(method, path, query, tuple(headers), body)


@pytest.mark.parametrize("key_id", ["hmac", "ed"])
@settings(max_examples=150, deadline=None)
@given(request_=REQUESTS)
def test_what_was_signed_is_accepted(key_id: str, request_: SignedRequest) -> None:
    """Any request of the canonical alphabet passes when nothing was changed."""
    verified = verify(signed(request_, key_id), KEYS, NOW, timedelta(seconds=60))
    assert (verified.principal, verified.metadata) == (PRINCIPAL, METADATA)


@pytest.mark.parametrize("key_id", ["hmac", "ed"])
@settings(max_examples=400, deadline=None)
@given(request_=REQUESTS, data=st.data())
def test_any_single_byte_change_is_refused(key_id: str, request_: SignedRequest, data: st.DataObject) -> None:
    """Method, path, query, body, header name or value, signature included: one byte is enough."""
    altered = changed(data, signed(request_, key_id))
    with pytest.raises(UnsignedRequestError):
        verify(altered, KEYS, NOW, timedelta(seconds=60))


@settings(max_examples=200, deadline=None)
@given(headers=st.dictionaries(st.sampled_from(["signature", "signature-input", *OPTIONAL]), st.text()))
def test_no_words_of_a_stranger_do_more_than_be_refused(headers: dict[str, str]) -> None:
    """Whatever stands in the headers, the answer is a refusal and never another error."""
    stranger = SignedRequest("POST", "/lending-review", "", tuple(headers.items()), b"{}")
    with pytest.raises(UnsignedRequestError):
        verify(stranger, KEYS, NOW, timedelta(seconds=60))


@given(st.binary(max_size=64))
def test_base64url_has_one_spelling_a_value(data: bytes) -> None:
    """What is written reads back, and a changed last character never reads as the same bytes."""
    text = encode_base64url(data)
    assert decode_base64url(text) == data
    for last in "AQgwBRhx" if text else "":
        if last == text[-1]:
            continue
        try:
            assert decode_base64url(text[:-1] + last) != data
        except ValueError:
            continue
