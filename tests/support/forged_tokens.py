"""Access tokens as an attacker would make them, by hand: no library stands between us and the bytes.

Each kind differs from a good token in one thing, and says which words the gate's refusal must hold.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from joserfc.jwk import ECKey

from lendgate.cloudflare.local_keys import AUDIENCE, ISSUER

Part = Mapping[str, Any] | bytes
Sign = Callable[[bytes], bytes]
_P256_BYTES: Final = 32


@dataclass(frozen=True)
class Forged:
    """A token and what the refusal of it says."""

    token: str
    words: str
    status: int = 401


class Forger:
    """Holds an issuer's real key, and everything else that is needed to misuse it."""

    def __init__(self, token_key: ECKey) -> None:
        private = token_key.private_key
        if not isinstance(private, ec.EllipticCurvePrivateKey):
            raise TypeError("the local token key is a private EC key")
        self.private = private
        self.kid = token_key.thumbprint()
        self.rsa = rsa.generate_private_key(65537, 2048)
        self.stranger = ec.generate_private_key(ec.SECP256R1())

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Good claims of a broker that nobody else uses; a change to None leaves the claim out."""
        now = int(time.time())
        good = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": "forger",
            "tenant": "local",
            "broker_id": "forged-broker",
            "scope": "validate review:write review:read",
            "iat": now,
            "exp": now + 600,
        }
        return {name: value for name, value in {**good, **changes}.items() if value is not None}

    def header(self, **changes: Any) -> dict[str, Any]:
        """A good header; a change to None leaves the member out."""
        good = {"alg": "ES256", "typ": "at+jwt", "kid": self.kid}
        return {name: value for name, value in {**good, **changes}.items() if value is not None}

    def token(self, header: Part | None = None, claims: Part | None = None, sign: Sign | None = None) -> str:
        """A compact JWS of these parts as they are, rightly signed unless told otherwise."""
        parts = (self.header() if header is None else header, self.claims() if claims is None else claims)
        signed = ".".join(base64url(_encoded(part)) for part in parts)
        return f"{signed}.{base64url((sign or self.es256)(signed.encode()))}"

    def es256(self, message: bytes) -> bytes:
        """The issuer's own signature (RFC 7518 section 3.4)."""
        return _raw(self.private.sign(message, ec.ECDSA(hashes.SHA256())))

    def of_a_stranger(self, message: bytes) -> bytes:
        """ES256 with a key of the forger's own."""
        return _raw(self.stranger.sign(message, ec.ECDSA(hashes.SHA256())))

    def der(self, message: bytes) -> bytes:
        """A good signature in the form of X.509, which JWS does not use."""
        return self.private.sign(message, ec.ECDSA(hashes.SHA256()))

    def keyed_with_the_public_key(self, message: bytes) -> bytes:
        """HMAC with what everybody knows: works where the token chooses its algorithm."""
        public = self.private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return hmac.digest(public, message, hashlib.sha256)

    def ps256(self, message: bytes) -> bytes:
        """RSA-PSS with a key of the forger's own."""
        pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
        return self.rsa.sign(message, pss, hashes.SHA256())

    def rs256(self, message: bytes) -> bytes:
        """RSA PKCS #1 with a key of the forger's own."""
        return self.rsa.sign(message, padding.PKCS1v15(), hashes.SHA256())

    def own_jwk(self) -> dict[str, str]:
        """The forger's public key, for tokens that bring their own."""
        numbers = self.stranger.public_key().public_numbers()
        x, y = (base64url(value.to_bytes(_P256_BYTES, "big")) for value in (numbers.x, numbers.y))
        return {"kty": "EC", "crv": "P-256", "x": x, "y": y}


def base64url(data: bytes) -> str:
    """Base64url without padding (RFC 4648 section 5)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _encoded(part: Part) -> bytes:
    return part if isinstance(part, bytes) else json.dumps(part).encode()


def _raw(der: bytes) -> bytes:
    r, s = decode_dss_signature(der)
    return r.to_bytes(_P256_BYTES, "big") + s.to_bytes(_P256_BYTES, "big")


def forgeries(forger: Forger) -> dict[str, Forged]:
    """Every kind, by name."""
    return {
        **_of_algorithms(forger),
        **_of_keys(forger),
        **_of_signatures(forger),
        **_of_form(forger),
        **_of_times(forger),
        **_of_identity(forger),
    }


_ALG: Final = "its alg must be one of: ES256, EdDSA, RS256"
_NO_KEY: Final = "no key of the issuer has its kid and alg"
_NO_KID: Final = "kid must be text that names a key"
_BAD: Final = "its signature does not verify"
_SHAPE: Final = "it is not a signed JWT of three base64url parts"


def _of_algorithms(f: Forger) -> dict[str, Forged]:
    def empty(_message: bytes) -> bytes:
        return b""

    return {
        "alg none, unsigned": Forged(f.token(f.header(alg="none"), sign=empty), _SHAPE),
        "alg none, with a good signature": Forged(f.token(f.header(alg="none")), _ALG),
        "alg nOnE": Forged(f.token(f.header(alg="nOnE")), _ALG),
        "HS256 keyed with the public key": Forged(
            f.token(f.header(alg="HS256"), sign=f.keyed_with_the_public_key), _ALG
        ),
        "PS256": Forged(f.token(f.header(alg="PS256"), sign=f.ps256), _ALG),
        "ES256K": Forged(f.token(f.header(alg="ES256K")), _ALG),
        "alg left out": Forged(f.token(f.header(alg=None)), _ALG),
        "alg a list": Forged(f.token(f.header(alg=["ES256"])), _ALG),
    }


def _of_keys(f: Forger) -> dict[str, Forged]:
    own = f.own_jwk()
    words = "its header may not hold"
    return {
        "RS256 under the kid of an EC key": Forged(f.token(f.header(alg="RS256"), sign=f.rs256), _NO_KEY),
        "unknown kid": Forged(f.token(f.header(kid="other")), _NO_KEY),
        "kid that is a path": Forged(f.token(f.header(kid="../../../dev/null")), _NO_KEY),
        "kid that every object inherits": Forged(f.token(f.header(kid="__proto__")), _NO_KEY),
        "kid of 129 characters": Forged(f.token(f.header(kid="k" * 129)), _NO_KID),
        "EdDSA under the kid of an EC key": Forged(f.token(f.header(alg="EdDSA")), _NO_KEY),
        "kid that is a list": Forged(f.token(f.header(kid=[f.kid])), _NO_KID),
        "kid left out": Forged(f.token(f.header(kid=None)), _NO_KID),
        "its own key in jwk": Forged(f.token(f.header(jwk=own), sign=f.of_a_stranger), f"{words} jwk"),
        "its own keys at jku": Forged(f.token(f.header(jku="https://evil.example/jwks")), f"{words} jku"),
        "its own certificate at x5u": Forged(f.token(f.header(x5u="https://evil.example/x")), f"{words} x5u"),
        "its own certificate in x5c": Forged(f.token(f.header(x5c=["MIIB"])), f"{words} x5c"),
        "an unknown critical extension": Forged(f.token(f.header(crit=["exp"])), f"{words} crit"),
        "a compressed payload": Forged(f.token(f.header(zip="DEF")), f"{words} zip"),
        "an unencoded payload": Forged(f.token(f.header(b64=False)), f"{words} b64"),
    }


def _of_signatures(f: Forger) -> dict[str, Forged]:
    good = f.token()
    head, payload, signature = good.split(".")
    other = f.token(claims=f.claims(broker_id="other-broker")).split(".")[2]
    tampered = base64url(json.dumps(f.claims(broker_id="somebody-else")).encode())
    last = signature[-1]
    neighbour = chr(ord(last) + 1) if last in "AQgw" else last
    return {
        "another key under the right kid": Forged(f.token(sign=f.of_a_stranger), _BAD),
        "claims changed after signing": Forged(f"{head}.{tampered}.{signature}", _BAD),
        "the signature of another token": Forged(f"{head}.{payload}.{other}", _BAD),
        "a signature of zeros": Forged(f.token(sign=lambda _message: bytes(64)), _BAD),
        "a signature in DER": Forged(f.token(sign=f.der), _BAD),
        "half a signature": Forged(f"{head}.{payload}.{signature[:43]}", "signature"),
        "a padded signature": Forged(f"{good}==", _SHAPE),
        "a second spelling of the signature": Forged(
            f"{head}.{payload}.{signature[:-1]}{neighbour}", "its signature is not canonical base64url"
        ),
        "no signature": Forged(f"{head}.{payload}.", _SHAPE),
    }


def _of_form(f: Forger) -> dict[str, Forged]:
    twice = b'{"sub":"forger",' + json.dumps(f.claims(sub="admin")).encode()[1:]
    alg_twice = b'{"alg":"none",' + json.dumps(f.header()).encode()[1:]
    return {
        "five parts, as of a JWE": Forged(f"{f.token()}.e30.e30", _SHAPE),
        "a header that is no JSON": Forged(f.token(b"alg=ES256"), "its header is not acceptable JSON"),
        "claims that are a list": Forged(f.token(claims=b"[]"), "its payload is not a JSON object"),
        "sub given twice": Forged(f.token(claims=twice), "its payload is not acceptable JSON: /sub"),
        "alg given twice": Forged(f.token(alg_twice), "its header is not acceptable JSON: /alg"),
        "claims that are not UTF-8": Forged(f.token(claims=b'{"sub":"\xff"}'), "not acceptable JSON"),
        "longer than 8 KB": Forged(
            f.token(claims=f.claims(padding="x" * 6500)), "it is longer than 8192 characters"
        ),
        "an ID token": Forged(
            f.token(f.header(typ="id_token+jwt")), "its header's typ must be at+jwt or JWT"
        ),
        "typ left out": Forged(f.token(f.header(typ=None)), "its header's typ must be at+jwt or JWT"),
    }


def _of_times(f: Forger) -> dict[str, Forged]:
    now = int(time.time())
    endless = json.dumps(f.claims(exp=1)).encode().replace(b'"exp": 1', b'"exp": 1' + b"0" * 400)
    whole = "its exp must be a whole number of seconds"
    return {
        "expired": Forged(f.token(claims=f.claims(exp=now - 1)), "it has expired (exp)"),
        "exp left out": Forged(f.token(claims=f.claims(exp=None)), whole),
        "exp as text": Forged(f.token(claims=f.claims(exp=str(now + 600))), whole),
        "exp with a fraction": Forged(f.token(claims=f.claims(exp=now + 600.5)), whole),
        "exp of 400 digits": Forged(f.token(claims=endless), "its payload is not acceptable JSON: /exp"),
        "exp beyond 24 hours": Forged(f.token(claims=f.claims(exp=now + 90_000)), "at most 24 hours ahead"),
        "nbf as text": Forged(f.token(claims=f.claims(nbf="0")), "its nbf must be a whole number"),
        "nbf in the future": Forged(f.token(claims=f.claims(nbf=now + 300)), "it is not valid yet (nbf)"),
        "iat in the future": Forged(f.token(claims=f.claims(iat=now + 300)), "issued in the future (iat)"),
    }


def _of_identity(f: Forger) -> dict[str, Forged]:
    scopes = "its scope must be scopes separated by single spaces"
    return {
        "another issuer": Forged(f.token(claims=f.claims(iss="urn:evil")), "it is of another issuer (iss)"),
        "the issuer in a list": Forged(f.token(claims=f.claims(iss=[ISSUER])), "another issuer (iss)"),
        "an audience that only begins right": Forged(
            f.token(claims=f.claims(aud=[f"{AUDIENCE}.evil.example"])), "for another audience (aud)"
        ),
        "another audience": Forged(f.token(claims=f.claims(aud="other")), "for another audience (aud)"),
        "aud left out": Forged(f.token(claims=f.claims(aud=None)), "for another audience (aud)"),
        "sub left out": Forged(f.token(claims=f.claims(sub=None)), "its sub must be"),
        "a login without tenant": Forged(f.token(claims=f.claims(tenant=None)), "its tenant must be"),
        "a broker with a slash": Forged(f.token(claims=f.claims(broker_id="a/b")), "its broker_id must be"),
        "broker_id as a number": Forged(f.token(claims=f.claims(broker_id=7)), "its broker_id must be"),
        "scope as a list": Forged(f.token(claims=f.claims(scope=["validate", "review:write"])), scopes),
        "no scope": Forged(f.token(claims=f.claims(scope=None)), "lacks the scope", 403),
        "another scope": Forged(f.token(claims=f.claims(scope="metrics:read")), "lacks the scope", 403),
        "a scope that only begins right": Forged(
            f.token(claims=f.claims(scope="review:writer validated")), "lacks the scope", 403
        ),
    }
