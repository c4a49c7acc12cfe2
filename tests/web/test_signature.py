"""The signature check: what passes, and one refusal with its own sentence for every cause.

Invariant k: the service acts only on requests the edge signed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lendgate.errors import UnsignedRequestError
from lendgate.schema import Metadata, Principal
from lendgate.web.signature import Signer, Verified, seal, sign, verify
from lendgate.web.signature_base import Parameters, SignedRequest, encode_base64url
from lendgate.web.signature_keys import Ed25519SigningKey, HmacKey, VerifyKey

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
CREATED = int(NOW.timestamp())
MAX_AGE = timedelta(seconds=60)
HMAC = HmacKey(bytes(range(32)))
ED25519 = Ed25519SigningKey(Ed25519PrivateKey.from_private_bytes(bytes(32)))
KEYS: Mapping[str, VerifyKey] = {"k1": HMAC, "k2": ED25519.verify_key}
SIGNER = Signer("k1", HMAC)
NONCE = "AAECAwQFBgcICQoLDA0ODw"
REQUEST_ID = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"
BODY = b'{"applicant_id":"A123","income":95000,"debt_to_income":0.31}'
PRINCIPAL = Principal(tenant="acme", broker_id="b-7", subject="user-1", scopes=("review:write",))
METADATA = Metadata(
    request_id=REQUEST_ID,
    received_at=NOW,
    broker_id="b-7",
    tenant="acme",
    schema_version="1.0",
    policy_version="2026-11",
    edge_version="0.1.0",
)
PLAIN = SignedRequest(
    method="POST",
    path="/lending-review",
    query="wait=5",
    headers=(
        ("content-type", "application/json"),
        ("idempotency-key", "key-1"),
        ("user-agent", "broker/1"),
    ),
    body=BODY,
)


def signed(
    request: SignedRequest = PLAIN,
    *,
    signer: Signer = SIGNER,
    principal: Principal = PRINCIPAL,
    metadata: Metadata = METADATA,
) -> SignedRequest:
    return sign(request, signer, principal, metadata, now=NOW, nonce=bytes(range(16)))


def check(request: SignedRequest, *, now: datetime = NOW, keys: Mapping[str, VerifyKey] = KEYS) -> Verified:
    return verify(request, keys, now, MAX_AGE)


def altered(name: str, change: Callable[[str], str]) -> SignedRequest:
    """A good request with one header's value changed after it was signed."""
    request = signed()
    return request.with_headers({name: change(request.field(name))})


def sealed(
    created: int, expires: int, *, key_id: str = "k1", algorithm: str = "hmac-sha256"
) -> SignedRequest:
    """A request whose signature holds, under parameters of our choice."""
    return seal(signed(), HMAC, Parameters(created, expires, NONCE, key_id, algorithm))


def dressed(**headers: str) -> SignedRequest:
    """A request whose signature holds over these headers in place of the edge's."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    parameters = Parameters(CREATED, CREATED + 60, NONCE, "k1", "hmac-sha256")
    return seal(signed().with_headers(named), HMAC, parameters)


def without(request: SignedRequest, name: str) -> SignedRequest:
    kept = tuple(header for header in request.headers if header[0] != name)
    return SignedRequest(request.method, request.path, request.query, kept, request.body)


def refuses(request: SignedRequest, sentence: str) -> None:
    with pytest.raises(UnsignedRequestError, match=re.escape(sentence)):
        check(request)


@pytest.mark.parametrize("signer", [Signer("k1", HMAC), Signer("k2", ED25519)], ids=["hmac", "ed25519"])
def test_a_request_signed_with_either_algorithm_is_accepted(signer: Signer) -> None:
    """The caller's principal, metadata, nonce and expiry come out as the edge put them in."""
    assert check(signed(signer=signer)) == Verified(
        PRINCIPAL, METADATA, NONCE, REQUEST_ID, NOW + timedelta(seconds=60)
    )


def test_the_canonical_form_is_exactly_the_contract() -> None:
    """Signature-input is written byte for byte as the plan's wire section has it."""
    assert signed().field("signature-input") == (
        'edge=("@method" "@path" "@query" "content-digest" "x-request-id" "lendgate-principal" '
        '"lendgate-metadata" "content-type" "idempotency-key")'
        f';created={CREATED};expires={CREATED + 60};nonce="{NONCE}";keyid="k1";alg="hmac-sha256"'
        ';tag="lendgate-edge"'
    )


def test_a_request_without_query_body_or_optional_headers_is_accepted() -> None:
    """GET of a review: empty query is signed as "?", an absent body as the digest of nothing."""
    bare = SignedRequest("GET", "/lending-review/r-1", "", (), b"")
    assert check(signed(bare)).principal == PRINCIPAL


def test_the_request_of_an_asgi_scope_is_the_one_on_the_wire() -> None:
    """The path stays percent-encoded and the query raw, as the edge saw them."""
    scope = {
        "method": "GET",
        "path": "/a b",
        "raw_path": b"/a%20b",
        "query_string": b"x=%2F",
        "headers": [(b"accept", b" text/event-stream ")],
    }
    request = SignedRequest.from_scope(scope, b"")
    assert (request.path, request.query) == ("/a%20b", "x=%2F")
    assert request.field("accept") == "text/event-stream"


@pytest.mark.parametrize(
    "name",
    [
        "signature",
        "signature-input",
        "content-digest",
        "x-request-id",
        "lendgate-principal",
        "lendgate-metadata",
    ],
)
def test_a_missing_header_of_the_edge_is_named(name: str) -> None:
    """A request that did not come through the edge is told so."""
    refuses(without(signed(), name), f"The request carries no {name} header")


@pytest.mark.parametrize("name", ["signature", "signature-input", "x-request-id", "idempotency-key"])
def test_a_header_sent_twice_is_refused(name: str) -> None:
    """Two values of one header could be read differently by two readers."""
    request = signed()
    twice = (*request.headers, (name, request.field(name)))
    doubled = SignedRequest(request.method, request.path, request.query, twice, request.body)
    refuses(doubled, f"The request carries the {name} header 2 times.")


@pytest.mark.parametrize("name", ["accept", "prefer", "last-event-id", "traceparent"])
def test_an_optional_header_slipped_in_after_signing_is_refused(name: str) -> None:
    """What the origin acts on must be under the signature when it is there."""
    refuses(signed().with_headers({name: "x"}), f"The signature does not cover {name}.")


def test_a_covered_header_taken_away_is_refused() -> None:
    """Dropping Idempotency-Key on the way would run a review twice."""
    refuses(without(signed(), "idempotency-key"), "The signature covers idempotency-key")


def test_components_in_another_order_are_refused() -> None:
    """One form only, even where the standard allows more."""
    swapped = altered("signature-input", lambda v: v.replace('"@method" "@path"', '"@path" "@method"'))
    refuses(swapped, "covers its components twice or in another order")


@pytest.mark.parametrize("component", ["@method", "@path", "@query", "content-digest", "lendgate-principal"])
def test_a_signature_that_leaves_a_component_out_is_refused(component: str) -> None:
    """Every required component is named when it is not covered."""
    less = altered(
        "signature-input", lambda v: v.replace(f'"{component}" ', "").replace(f' "{component}"', "")
    )
    refuses(less, f"The signature does not cover {component}.")


def test_a_second_signature_is_refused() -> None:
    """Several labels leave open which signature was meant."""
    refuses(altered("signature", lambda v: f"{v}, other=:AAAA:"), "carries several signatures")
    refuses(altered("signature-input", lambda v: f"{v}, other=()"), "carries several signatures")


def test_another_label_is_refused() -> None:
    """Only the edge's own label is read."""
    refuses(altered("signature", lambda v: v.replace("edge=", "sig1=")), "another label than 'edge'")


@pytest.mark.parametrize(
    "change",
    [
        lambda v: v.replace(";tag=", ";x=1;tag="),
        lambda v: v.replace("lendgate-edge", "other-tag"),
        lambda v: v.replace(";created=", ";created=0"),
        lambda v: v.replace('" "', '"  "', 1),
        lambda v: v.replace(NONCE, NONCE[:-1]),
        lambda v: v.replace(f";expires={CREATED + 60}", ""),
        lambda v: v.replace(str(CREATED), str(CREATED) + ".0"),
        lambda v: v.upper(),
        lambda _: "",
    ],
)
def test_any_other_spelling_of_the_parameters_is_refused(change: Callable[[str], str]) -> None:
    """Extra, missing or differently written parameters are malformed, whatever they mean."""
    with pytest.raises(UnsignedRequestError, match="signature-input header"):
        check(altered("signature-input", change))


@pytest.mark.parametrize("value", ["edge=:A:", "edge=::", "edge=AAAA", "edge=:AAB=:", "edge=:AA A=:"])
def test_a_signature_that_is_not_canonical_base64_is_refused(value: str) -> None:
    """Bits a decoder would ignore are an alteration too."""
    refuses(signed().with_headers({"signature": value}), "The signature header is malformed")


def test_an_unknown_key_is_refused() -> None:
    """A key that was rotated out no longer opens the door."""
    with pytest.raises(UnsignedRequestError, match="does not know"):
        check(signed(), keys={"k2": ED25519.verify_key})


def test_the_algorithm_is_the_keys_not_the_messages() -> None:
    """An HMAC made with a public key as its secret does not pass for that key."""
    public = ED25519.verify_key.public.public_bytes_raw()
    confused = signed(signer=Signer("k2", HmacKey(public)))
    refuses(confused, "names another algorithm than its key is for")


def test_two_keys_may_overlap_during_rotation() -> None:
    """Old and new key are both accepted while both are listed."""
    new = HmacKey(bytes(range(32, 64)))
    keys: Mapping[str, VerifyKey] = {"old": HMAC, "new": new}
    for signer in (Signer("old", HMAC), Signer("new", new)):
        assert check(signed(signer=signer), keys=keys).nonce == NONCE


def test_a_signature_by_another_secret_is_refused() -> None:
    """Knowing the key id is not knowing the key."""
    refuses(signed(signer=Signer("k1", HmacKey(bytes(32)))), "The signature does not match the request")


def test_a_body_other_than_the_signed_one_is_refused() -> None:
    """The digest under the signature is the body's own, or the body was exchanged."""
    request = signed()
    swapped = SignedRequest(request.method, request.path, request.query, request.headers, BODY + b" ")
    refuses(swapped, "The body does not have the digest that was signed.")


@pytest.mark.parametrize(
    ("seconds", "sentence"),
    [(-5, None), (-6, "created in the future"), (0, None), (59, None), (60, "has expired")],
)
def test_a_signature_is_good_from_its_creation_until_it_expires(seconds: int, sentence: str | None) -> None:
    """Five seconds of clock skew are forgiven on one side, none at the end."""
    later = NOW + timedelta(seconds=seconds)
    if sentence is None:
        assert check(signed(), now=later).request_id == REQUEST_ID
        return
    with pytest.raises(UnsignedRequestError, match=sentence):
        check(signed(), now=later)


@pytest.mark.parametrize(("lasts", "good"), [(-1, False), (0, False), (1, True), (60, True), (61, False)])
def test_a_signature_may_last_one_to_sixty_seconds(lasts: int, *, good: bool) -> None:
    """A longer window would keep replays possible for longer than nonces are remembered."""
    request = sealed(CREATED, CREATED + lasts)
    if good:
        assert check(request).nonce == NONCE
    else:
        refuses(request, "must expire within 60 seconds")


@pytest.mark.parametrize(("age", "good"), [(10, True), (11, False)])
def test_a_stricter_age_may_be_asked_for(age: int, *, good: bool) -> None:
    """``max_age`` shortens the window on the origin's side."""
    later = NOW + timedelta(seconds=age)
    if good:
        assert verify(signed(), KEYS, later, timedelta(seconds=10)).nonce == NONCE
    else:
        with pytest.raises(UnsignedRequestError, match="older than this service accepts"):
            verify(signed(), KEYS, later, timedelta(seconds=10))


@pytest.mark.parametrize("header", ["lendgate-principal", "lendgate-metadata"])
@pytest.mark.parametrize("content", [b"{}", b"[]", b"\xff", b"", b'{"tenant":"a"}'])
def test_a_malformed_principal_or_metadata_is_refused(header: str, content: bytes) -> None:
    """Even under a good signature, and without quoting what was inside."""
    refuses(dressed(**{header: encode_base64url(content)}), f"The {header} header is malformed.")


def test_a_padded_principal_is_refused() -> None:
    """The contract's base64url has no padding."""
    refuses(dressed(lendgate_principal="e30="), "The lendgate-principal header is malformed.")


def test_metadata_of_another_request_is_refused() -> None:
    """Request id, tenant and broker say the same everywhere, or somebody is confused."""
    refuses(dressed(x_request_id="other"), "name different requests")
    stranger = METADATA.model_copy(update={"tenant": "other"})
    refuses(signed(metadata=stranger), "name different callers")


@pytest.mark.parametrize(
    ("request_", "what"),
    [
        (SignedRequest("GET", "/a\n/b", "", (), b""), "path"),
        (SignedRequest("GET", "/\u00e9", "", (), b""), "path"),
        (SignedRequest("GET", "/", "a b", (), b""), "query"),
        (SignedRequest("G ET", "/", "", (), b""), "method"),
    ],
)
def test_a_target_that_could_forge_a_line_is_refused(request_: SignedRequest, what: str) -> None:
    """Line breaks and bytes beyond ASCII never reach the signature base."""
    good = signed(SignedRequest("GET", "/", "", (), b""))
    mixed = SignedRequest(request_.method, request_.path, request_.query, good.headers, b"")
    refuses(mixed, f"The request's {what} is malformed")


def test_a_covered_header_beyond_ascii_is_refused() -> None:
    """Field values are plain ASCII under the signature."""
    refuses(signed().with_headers({"idempotency-key": "\u00e9"}), "The idempotency-key header is malformed")


def test_a_nonce_has_sixteen_bytes() -> None:
    """A signer that would use a short nonce is stopped."""
    with pytest.raises(ValueError, match="16 bytes"):
        sign(PLAIN, Signer("k1", HMAC), PRINCIPAL, METADATA, now=NOW, nonce=bytes(15))
