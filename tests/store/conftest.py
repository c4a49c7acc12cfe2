"""What the store's tests share: an audit key, a sample case, and a server of their own to mistreat."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest

from lendgate.audit import AuditKey, Event
from lendgate.policy.model import Assessment, Fact, Finding
from lendgate.schema import (
    Application,
    CreditMemo,
    PolicyReference,
    PublicReason,
    Recommendation,
    Review,
)
from lendgate.store.applications import StoredApplication
from lendgate.store.embedded import EmbeddedPostgres

AT = datetime(2026, 11, 22, 14, 5, 9, 123000, tzinfo=UTC)
Case = tuple[StoredApplication, Review]
_LENDGATE = Path(__file__).parents[2] / ".lendgate"


@pytest.fixture(scope="session")
def at() -> datetime:
    """A moment."""
    return AT


@pytest.fixture(scope="session")
def audit_key() -> AuditKey:
    """The chain key of the tests."""
    return AuditKey("k1", b"k" * 32)


@pytest.fixture
def new_case() -> Callable[..., Case]:
    """Makes an application and its queued review, with new ids each time."""

    def make(broker_id: str = "broker-1", document: dict[str, object] | None = None) -> Case:
        sent = document or {"applicant_id": "A123", "income": "95000.50", "debt_to_income": 0.31}
        application = StoredApplication(
            application_id=uuid4(),
            broker_id=broker_id,
            document=Application.model_validate(sent),
            body_sha256=b"\x01" * 32,
            request_id=str(uuid4()),
            received_at=AT,
        )
        review = Review(
            review_id=str(uuid4()),
            status="queued",
            applicant_id=application.document.applicant_id,
            product=application.document.product,
            request_id=application.request_id,
            created_at=AT,
        )
        return application, review

    return make


@pytest.fixture
def accepted() -> Callable[[Review], Event]:
    """The audit event that goes with accepting a review."""
    return lambda review: Event("application.accepted", review.review_id, "broker:broker-1", AT)


@pytest.fixture(scope="session")
def assessment() -> Assessment:
    """What policy said: one fact of each type, and a finding with everything set."""
    facts = (
        Fact("back_end_dti", Decimal("0.310000"), "ratio", "as stated", ("/debt_to_income",)),
        Fact("months_on_job", 72, "months", "6 years times 12"),
        Fact("self_employed", False, "flag", "no ownership share stated"),  # noqa: FBT003 - a flag's value
        Fact("product", "personal_loan", "word", "as sent"),
        Fact("ltv", None, "ratio", "no property value"),
    )
    reason = PublicReason(code="excessive-obligations", text="Excessive obligations", hmda_code=1)
    finding = Finding(
        rule="dti", title="Debt-to-income ratio", result="pass", effect="decline", rank=1, knockout=True,
        reason=reason, facts=("back_end_dti",), limit="0.43", note="private", citation="12 CFR 1026.43",
    )  # fmt: skip
    policy = PolicyReference(id="personal_loan", version="2026-11", sha256="0" * 64)
    return Assessment({fact.name: fact for fact in facts}, (finding,), (), policy)


@pytest.fixture
def complete(assessment: Assessment) -> Callable[[Review], Review]:
    """Turns a review into its completed form."""
    recommendation = Recommendation(
        outcome="eligible",
        risk="low",
        reasons=(),
        policy=assessment.policy,
        engine_version="1",
        schema_version="1.0",
    )
    memo = CreditMemo(
        reviewer="rules", risk_summary="Low.", checks_passed=("Income",), next_step="Review documents."
    )
    changed = {"status": "completed", "recommendation": recommendation, "memo": memo, "completed_at": AT}
    return lambda review: review.model_copy(update=changed)


@pytest.fixture
def new_directory() -> Iterator[Path]:
    """A directory of the checkout that is not there yet, removed afterwards."""
    directory = _LENDGATE / f"test-own-{uuid4().hex[:8]}"
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def stopped_server() -> Iterator[Path]:
    """The directory of a server that ran once, to be copied: setting one up takes longest."""
    directory = _LENDGATE / f"test-seed-{uuid4().hex[:8]}"
    EmbeddedPostgres(directory).close()
    yield directory
    shutil.rmtree(directory)


@pytest.fixture
def own_directory(stopped_server: Path, new_directory: Path) -> Path:
    """The directory of a stopped server that may be mistreated."""
    subprocess.run(["cp", "-a", stopped_server, new_directory], check=True)
    return new_directory


@pytest.fixture
def own_server(own_directory: Path) -> Iterator[EmbeddedPostgres]:
    """A server that may be mistreated."""
    with EmbeddedPostgres(own_directory) as server:
        yield server
