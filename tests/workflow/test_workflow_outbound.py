"""Requests to addresses others chose: to the address that was judged, or nowhere."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from lendgate.workflow.outbound import AddressError, Outbound, Resolve, UnreachableError, checked_url
from tests.support.receiver import Receiver, receiving

pytestmark = pytest.mark.anyio
NAME = "hooks.example.test"


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A receiver on loopback."""
    async with receiving() as listening:
        yield listening


def names(*answers: Sequence[str]) -> Resolve:
    """A name server with these answers in turn, the last one for ever."""
    left = list(answers)

    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return left.pop(0) if len(left) > 1 else left[0]

    return resolve


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://hooks.example.com/", "https"),
        ("ftp://hooks.example.com/", "https"),
        ("//hooks.example.com/", "https"),
        ("https:///x", "host"),
        ("https://user:pass@hooks.example.com/", "user"),
        ("https://hooks.example.com/#x", "fragment"),
        ("https://hooks.example.com:22/", "port"),
        ("https://hooks.example.com:6379/", "port"),
        ("https://" + "a" * 2000, "longer"),
        ("https://[::1", "URL"),
    ],
)
def test_a_url_that_cannot_be_right_is_refused(url: str, why: str) -> None:
    """Before any name is looked up, with the reason."""
    with pytest.raises(AddressError, match=why):
        checked_url(url)


@pytest.mark.parametrize("url", ["https://hooks.example.com/a?b=c", "https://hooks.example.com:8443/"])
def test_a_url_that_may_be_right_is_taken(url: str) -> None:
    """https, on a port of the web."""
    assert str(checked_url(url)) == url


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["169.254.169.254"],
        ["::1"],
        ["::ffff:127.0.0.1"],
        ["93.184.215.14", "10.0.0.1"],
        ["2606:2800:21f:cb07::1", "fd00::1"],
    ],
)
async def test_a_name_with_an_address_that_is_not_public_is_refused(
    addresses: list[str], receiver: Receiver
) -> None:
    """One bad address is enough: a name that has both is up to something."""
    outbound = Outbound(resolve=names(addresses))
    with pytest.raises(AddressError, match="not public"):
        await outbound.post(f"https://{NAME}/", b"{}", {})
    await outbound.aclose()
    assert receiver.received == []


@pytest.mark.parametrize(
    "literal", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "localhost"]
)
async def test_an_address_in_the_url_is_judged_like_a_name(literal: str) -> None:
    """However it is written: the system's own reading of it is what counts."""
    outbound = Outbound()
    with pytest.raises((AddressError, UnreachableError)):
        await outbound.post(f"https://{literal}/", b"{}", {})
    await outbound.aclose()


async def test_the_connection_goes_to_the_address_that_was_judged(receiver: Receiver) -> None:
    """A name that means something else a moment later (DNS rebinding) is not asked again."""
    asked: list[str] = []

    async def rebinding(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["192.0.2.1"]

    outbound = Outbound(allow_private=True, resolve=rebinding)
    assert await outbound.post(f"http://{NAME}:{receiver.port}/hook?x=1", b"{}", {"a": "b"}) == 204
    await outbound.aclose()
    (received,) = receiver.received
    assert asked == [NAME]
    assert received.line == "POST /hook?x=1 HTTP/1.1"
    assert received.headers["host"] == f"{NAME}:{receiver.port}"
    assert received.headers["a"] == "b"


async def test_a_redirect_is_an_answer_and_is_not_followed(receiver: Receiver) -> None:
    """Wherever it leads."""
    receiver.statuses, receiver.location = [302], f"http://127.0.0.1:{receiver.port}/inside"
    outbound = Outbound(allow_private=True)
    assert await outbound.post(receiver.url, b"{}", {}) == 302
    await outbound.aclose()
    assert len(receiver.received) == 1


async def test_the_next_address_is_tried_when_one_does_not_answer(receiver: Receiver) -> None:
    """A name with two addresses, one of them dead."""
    outbound = Outbound(allow_private=True, resolve=names(["127.0.0.9", "127.0.0.1"]))
    assert await outbound.post(receiver.url, b"{}", {}) == 204
    await outbound.aclose()


async def test_no_proxy_of_the_environment_is_used(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy would look the name up by itself."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    outbound = Outbound(allow_private=True)
    assert await outbound.post(receiver.url, b"{}", {}) == 204
    await outbound.aclose()


async def test_whoever_does_not_answer_is_given_up_in_time(receiver: Receiver) -> None:
    """One deadline for everything; one word for the reason."""
    receiver.hangs = True
    outbound = Outbound(allow_private=True, deadline=0.05)
    with pytest.raises(UnreachableError, match="timeout"):
        await outbound.post(receiver.url, b"{}", {})
    await outbound.aclose()


async def test_each_way_to_fail_has_its_word(receiver: Receiver) -> None:
    """A name without addresses, a port where nobody listens, a receiver that hangs up."""

    async def unknown(_host: str, _port: int) -> Sequence[str]:
        raise OSError

    for resolve, port, word in (
        (unknown, receiver.port, "name"),
        (names([]), receiver.port, "name"),
        (names(["127.0.0.9"]), receiver.port, "connection"),
        (names(["127.0.0.1"]), receiver.port, "connection"),
    ):
        receiver.statuses = [0]
        outbound = Outbound(allow_private=True, resolve=resolve)
        with pytest.raises(UnreachableError, match=word):
            await outbound.post(f"http://{NAME}:{port}/", b"{}", {})
        await outbound.aclose()


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's TLS for ``NAME``, and a client's that trusts whoever issued it."""
    directory = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "receiver")])
    at = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(hours=1))
        .not_valid_after(at + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    chain, private = directory / "chain.pem", directory / "key.pem"
    chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return _server(chain, private), ssl.create_default_context(cafile=chain)


def _server(chain: Path, private: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, private)
    return context


async def test_tls_is_verified_for_the_name(certified: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    """The certificate has to be the name's, although the connection goes to an address."""
    server, client = certified
    async with receiving(server) as receiver:
        outbound = Outbound(allow_private=True, resolve=names(["127.0.0.1"]), tls=client)
        assert await outbound.post(f"https://{NAME}:{receiver.port}/", b"{}", {}) == 204
        with pytest.raises(UnreachableError, match="connection"):
            await outbound.post(f"https://other.example.test:{receiver.port}/", b"{}", {})
        await outbound.aclose()
    assert len(receiver.received) == 1
