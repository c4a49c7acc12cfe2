"""What exactly the edge signs: the one canonical form of RFC 9421 that Lendgate speaks.

Law: pure, and one form only. The Worker writes this form byte for byte (``edge/src/sign.ts``); a request
in any other spelling of the standard is refused, so nothing can mean one thing there and another here.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from lendgate.errors import UnsignedRequestError

LABEL: Final = "edge"
TAG: Final = "lendgate-edge"
REQUIRED: Final = (
    "@method",
    "@path",
    "@query",
    "content-digest",
    "x-request-id",
    "lendgate-principal",
    "lendgate-metadata",
)
OPTIONAL: Final = (
    "content-type",
    "accept",
    "idempotency-key",
    "prefer",
    "last-event-id",
    "if-match",
    "if-none-match",
    "lendgate-content-key",
    "traceparent",
)
"""Headers that are covered exactly when the request carries them, in this order."""

_METHOD: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)
_TARGET: Final = re.compile(r"[\x21-\x7e]*", re.ASCII)
_FIELD: Final = re.compile(r"[\x20-\x7e\t]*", re.ASCII)
_INPUT: Final = re.compile(
    r'edge=(\((?P<components>"[a-z0-9@-]+"(?: "[a-z0-9@-]+")*)\)'
    r";created=(?P<created>[1-9][0-9]{0,11});expires=(?P<expires>[1-9][0-9]{0,11})"
    r';nonce="(?P<nonce>[A-Za-z0-9_-]{22})";keyid="(?P<key_id>[A-Za-z0-9._-]{1,64})"'
    r';alg="(?P<algorithm>[a-z0-9-]{1,32})";tag="lendgate-edge")',
    re.ASCII,
)
_SIGNATURE: Final = re.compile(r"edge=:([A-Za-z0-9+/]{2,128}={0,2}):", re.ASCII)
_QUOTED: Final = re.compile(r'"[^"]*"')
_MEMBER: Final = re.compile(r"(?:^|,)[ \t]*([A-Za-z*][A-Za-z0-9_.*-]*)=")


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """An HTTP request as it stood on the wire.

    ``path`` is still percent-encoded, ``query`` has no leading ``?``, header names are lower case and in
    the order received, ``body`` is the original bytes.
    """

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @classmethod
    def from_scope(cls, scope: Mapping[str, Any], body: bytes) -> SignedRequest:
        """The request of an ASGI ``http`` scope and its whole body."""
        return cls(
            method=scope["method"],
            path=scope["raw_path"].decode("latin-1"),
            query=scope["query_string"].decode("latin-1"),
            headers=tuple((n.decode("latin-1"), v.decode("latin-1")) for n, v in scope["headers"]),
            body=body,
        )

    def fields(self, name: str) -> list[str]:
        """Every value of a header, without surrounding white space (RFC 9421 section 2.1)."""
        return [value.strip(" \t") for own, value in self.headers if own == name]

    def field(self, name: str) -> str:
        """The one value of a header that must be there once.

        Raises:
            UnsignedRequestError: it is absent, sent more than once, or not plain ASCII.
        """
        values = self.fields(name)
        if not values:
            raise UnsignedRequestError(f"The request carries no {name} header; send it through the edge.")
        if len(values) > 1:
            raise UnsignedRequestError(f"The request carries the {name} header {len(values)} times.")
        if not _FIELD.fullmatch(values[0]):
            raise UnsignedRequestError(f"The {name} header is malformed: it is not plain ASCII.")
        return values[0]

    def with_headers(self, extra: Mapping[str, str]) -> SignedRequest:
        """The same request with these headers in place of any of their names."""
        kept = tuple((name, value) for name, value in self.headers if name not in extra)
        return SignedRequest(self.method, self.path, self.query, (*kept, *extra.items()), self.body)


@dataclass(frozen=True, slots=True)
class Parameters:
    """Signature parameters; ``created`` and ``expires`` are Unix seconds, ``nonce`` 16 bytes as base64url."""

    created: int
    expires: int
    nonce: str
    key_id: str
    algorithm: str


@dataclass(frozen=True, slots=True)
class SignatureInput:
    """A signature-input header, read: ``text`` is the member's value exactly as received."""

    components: tuple[str, ...]
    parameters: Parameters
    text: str


def components_of(request: SignedRequest) -> tuple[str, ...]:
    """What a signature over this request has to cover, in canonical order."""
    carried = {name for name, _ in request.headers}
    return (*REQUIRED, *(name for name in OPTIONAL if name in carried))


def component_value(request: SignedRequest, component: str) -> str:
    """The value of one covered component (RFC 9421 sections 2.1, 2.2.1, 2.2.6, 2.2.7)."""
    if component == "@method":
        return _legal(request.method, _METHOD, "method")
    if component == "@path":
        return _legal(request.path, _TARGET, "path") or "/"
    if component == "@query":
        return "?" + _legal(request.query, _TARGET, "query")
    return request.field(component)


def write_input(components: Iterable[str], parameters: Parameters) -> str:
    """The value of the ``edge`` member of signature-input."""
    listed = " ".join(f'"{component}"' for component in components)
    return (
        f"({listed});created={parameters.created};expires={parameters.expires}"
        f';nonce="{parameters.nonce}";keyid="{parameters.key_id}";alg="{parameters.algorithm}";tag="{TAG}"'
    )


def signature_base(lines: Iterable[tuple[str, str]], params: str) -> bytes:
    """The bytes under the signature (RFC 9421 section 2.5): a line a component, the parameters last."""
    written = [f'"{component}": {value}' for component, value in lines]
    return "\n".join((*written, f'"@signature-params": {params}')).encode("ascii")


def read_input(value: str) -> SignatureInput:
    """Read a signature-input header of the canonical form.

    Raises:
        UnsignedRequestError: several signatures, another label, or any other form.
    """
    match = _INPUT.fullmatch(value)
    if match is None:
        raise _malformed("signature-input", value)
    parameters = Parameters(
        created=int(match["created"]),
        expires=int(match["expires"]),
        nonce=match["nonce"],
        key_id=match["key_id"],
        algorithm=match["algorithm"],
    )
    return SignatureInput(tuple(match["components"].replace('"', "").split(" ")), parameters, match[1])


def read_signature(value: str) -> bytes:
    """Read a signature header of the canonical form; raises ``UnsignedRequestError`` on any other."""
    match = _SIGNATURE.fullmatch(value)
    if match is None:
        raise _malformed("signature", value)
    try:
        return decode_base64(match[1])
    except ValueError:
        raise _malformed("signature", value) from None


def decode_base64(text: str, altchars: bytes = b"+/") -> bytes:
    """Base64 with one spelling a value: stray bits, which decoders ignore, raise ``ValueError``."""
    try:
        data = base64.b64decode(text, altchars=altchars, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if base64.b64encode(data, altchars).decode() != text:
        raise ValueError("not canonical base64")
    return data


def encode_base64url(data: bytes) -> str:
    """Base64url without padding (RFC 4648 section 5)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode_base64url(text: str) -> bytes:
    """Base64url without padding, one spelling a value; anything else raises ``ValueError``."""
    if "=" in text:
        raise ValueError("padded base64url")
    return decode_base64(text + "=" * (-len(text) % 4), b"-_")


def _legal(value: str, pattern: re.Pattern[str], what: str) -> str:
    # A line break or a byte beyond ASCII could forge a line of the signature base.
    if not pattern.fullmatch(value):
        raise UnsignedRequestError(f"The request's {what} is malformed: it is not visible ASCII.")
    return value


def _malformed(header: str, value: str) -> UnsignedRequestError:
    labels = _MEMBER.findall(_QUOTED.sub("", value))
    if len(labels) > 1:
        return UnsignedRequestError(f"The {header} header carries several signatures; one is allowed.")
    if labels and labels[0] != LABEL:
        return UnsignedRequestError(f"The {header} header has another label than {LABEL!r}.")
    return UnsignedRequestError(f"The {header} header is malformed: it is not in the edge's canonical form.")
