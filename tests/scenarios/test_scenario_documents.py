"""A document's whole journey: through the gate, sealed, triaged, told, and into a review made again."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from lendgate.client import LendgateClient, RefusedError
from lendgate.schema import Review
from tests.documents.printed import Printed, pay_stub
from tests.documents.printed_forms import w2
from tests.documents.sheet import pdf_of
from tests.support.edge_hand import GOOD
from tests.support.served import Served
from tests.support.traces import Records

pytestmark = pytest.mark.live
Mint = Callable[..., str]
PATIENCE = 60


@pytest.fixture
def broker(platform: Served, mint: Mint) -> Iterator[LendgateClient]:
    """A broker of their own at the gate."""
    with LendgateClient(platform.worker, mint()) as client:
        yield client


@pytest.fixture
def review(broker: LendgateClient) -> Review:
    """An application of the broker's, reviewed."""
    return broker.review(GOOD)


def file_of(directory: Path, printed: Printed, name: str = "stub of Zyxvane Canary.pdf") -> Path:
    """A printed document as a file that nobody sent before."""
    path = directory / name
    path.write_bytes(pdf_of(printed.sheet, info=f"/Keywords ({uuid4()})"))
    return path


def test_a_pay_stub_is_read_told_and_makes_the_review_again(
    broker: LendgateClient, review: Review, tmp_path: Path, records: Records
) -> None:
    """Through the gate and back: what it is, masked; and a second review that follows the first one."""
    stub = pay_stub(21)
    sent = broker.documents.submit(
        file_of(tmp_path, stub), application_id=review.review_id, declared_type="pay_stub"
    )
    assert (sent.status, sent.application_id) == ("received", review.review_id)
    triaged = broker.documents.wait(sent.document_id, seconds=PATIENCE)
    assert triaged.triage is not None
    (found,) = triaged.triage.documents
    assert found.type == "pay_stub"
    assert {field.name: field.amount for field in found.fields}["gross_current"] == stub.truth[
        "gross_current"
    ]
    assert str(stub.truth["employee_name"]) not in triaged.model_dump_json()
    assert [one.document_id for one in broker.documents.of(review.review_id)] == [sent.document_id]
    row = records.connection.execute(
        "SELECT newer.review_id::text FROM lendgate.review AS newer JOIN lendgate.review AS older "
        "USING (tenant, application_id) WHERE older.review_id = %s AND newer.review_id <> older.review_id",
        (review.review_id,),
    ).fetchone()
    assert row is not None
    assert broker.get_review(row[0]).follows == review.review_id
    assert broker.get_review(review.review_id) == review


def test_a_file_that_is_held_already_is_refused(
    broker: LendgateClient, review: Review, tmp_path: Path
) -> None:
    """409 at the metadata; the bytes are not asked for."""
    path = file_of(tmp_path, w2(22))
    broker.documents.submit(path, application_id=review.review_id)
    with pytest.raises(RefusedError) as refused:
        broker.documents.submit(path, application_id=review.review_id)
    assert refused.value.problem.status == 409


def test_another_brokers_application_and_document_do_not_exist(
    broker: LendgateClient, review: Review, platform: Served, mint: Mint, tmp_path: Path
) -> None:
    """404 for each way to get at them."""
    path = file_of(tmp_path, w2(23))
    sent = broker.documents.submit(path, application_id=review.review_id)
    with LendgateClient(platform.worker, mint()) as other:
        for attempt in (
            lambda: other.documents.submit(path, application_id=review.review_id),
            lambda: other.documents.get(sent.document_id),
            lambda: other.documents.of(review.review_id),
        ):
            with pytest.raises(RefusedError) as refused:
                attempt()
            assert refused.value.problem.status == 404


def declare(gate: httpx.Client, review_id: str, content: bytes, **changes: object) -> httpx.Response:
    """A document's metadata as a caller without the SDK sends it."""
    metadata = {
        "application_id": review_id,
        "declared_type": "pay_stub",
        "file_name": "stub.pdf",
        "media_type": "application/pdf",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    headers = {"content-type": "application/json"}
    return gate.post("/documents", content=json.dumps(metadata | changes), headers=headers)


def put(gate: httpx.Client, document_id: str, content: bytes, digest_of: bytes) -> httpx.Response:
    """Bytes under the digest of these or other ones."""
    digest = base64.b64encode(hashlib.sha256(digest_of).digest()).decode()
    headers = {"content-type": "application/pdf", "content-digest": f"sha-256=:{digest}:"}
    return gate.put(f"/documents/{document_id}/content", content=content, headers=headers)


def sent_review(gate: httpx.Client) -> str:
    answer = gate.post("/lending-review", content=GOOD, headers={"content-type": "application/json"})
    return str(answer.json()["review_id"])


def test_bytes_of_another_digest_are_refused_and_the_right_ones_taken(gate: httpx.Client) -> None:
    """Other bytes under the declared digest, and other bytes under their own; then the declared ones."""
    content, other = b"%PDF-1.7 declared", b"%PDF-1.7 another!"
    document_id = declare(gate, sent_review(gate), content).json()["document_id"]
    for digest_of in (content, other):
        refused = put(gate, document_id, other, digest_of)
        assert refused.status_code == 422
        assert gate.get(f"/documents/{document_id}").json()["status"] == "awaiting_content"
    assert put(gate, document_id, content, content).status_code == 202
    assert put(gate, document_id, content, content).status_code == 202


def test_what_is_too_large_or_of_a_wrong_type_never_reaches_the_service(gate: httpx.Client) -> None:
    """Refused at the gate by its metadata alone."""
    review_id = sent_review(gate)
    for changes in ({"size": 20 * 1024 * 1024 + 1}, {"media_type": "text/html"}, {"declared_type": "memo"}):
        assert declare(gate, review_id, b"x", **changes).status_code == 422


def test_no_log_of_the_platform_holds_a_name_or_number(
    broker: LendgateClient, review: Review, platform: Served, tmp_path: Path
) -> None:
    """Of the file, of the people in it, or their numbers: nothing, in any log, after the whole journey."""
    form = w2(24)
    sent = broker.documents.submit(file_of(tmp_path, form), application_id=review.review_id)
    broker.documents.wait(sent.document_id, seconds=PATIENCE)
    written = platform.written()
    for canary in ("Zyxvane", str(form.truth["employee_name"]), str(form.truth["employee_ssn"])):
        assert canary not in written
