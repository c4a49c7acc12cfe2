"""The routes of inspections: the queue, one file, verdicts by ETag; for underwriters of the lender alone."""

from __future__ import annotations

from uuid import uuid4

import pytest

from lendgate.cli.token import BROKER_SCOPES
from lendgate.schema import Principal
from lendgate.schema.inspection import Inspection, InspectionPage
from lendgate.web import inspections
from tests.support.edge_hand import EdgeHand
from tests.support.service import EDGE
from tests.web.bench import ADA, BROKER, Bench, hand

pytestmark = pytest.mark.anyio
ASKED = "Is there a fraud signal on my document, and who looks at it?"
REASON = "Zanzibar: read beside the original."
ACCEPT = {"action": "accept", "reason": REASON, "document": 1}


async def test_a_file_from_the_queue_to_the_broker(bench: Bench) -> None:
    """Listed, read, judged by its ETag; the broker's record says what became of it."""
    one = await bench.waiting()
    page = InspectionPage.model_validate_json((await bench.get(ADA, "/inspections")).content)
    assert one in {each.document_id for each in page.inspections}
    path = f"/inspections/{one}"
    read = await bench.get(ADA, path)
    found = Inspection.model_validate_json(read.content)
    assert (read.headers["etag"], read.headers["cache-control"], found.version) == ('"1"', "no-store", 1)
    done = await bench.post(ADA, f"{path}/verdict", ACCEPT, if_match='"1"')
    assert (done.status_code, done.headers["etag"]) == (200, '"2"')
    assert Inspection.model_validate_json(done.content).documents[0].standing == "accepted"
    record = (await bench.get(BROKER, f"/documents/{one}")).json()
    assert record["triage"]["documents"][0]["route"] == "accept"


async def test_the_broker_hears_nothing_of_signals_or_of_who_said_what(bench: Bench) -> None:
    """Before a verdict and after one: in no record, list or status, and not from the support agent."""
    one = await bench.waiting()
    shown = (await bench.get(ADA, f"/inspections/{one}")).text
    assert '"kind":"instruction"' in shown
    heard = []
    for verdict in (None, {"action": "return", "reason": REASON, "document": 1, "codes": ["other_type"]}):
        if verdict:
            done = await bench.post(ADA, f"/inspections/{one}/verdict", verdict, if_match='"1"')
            assert done.status_code == 200
        record = await bench.get(BROKER, f"/documents/{one}")
        review = record.json()["application_id"]
        heard += [
            record.text,
            (await bench.get(BROKER, f"/documents?application_id={review}")).text,
            (await bench.get(BROKER, f"/support/status/{review}")).text,
            (await bench.post(BROKER, "/support/questions", {"review_id": review, "question": ASKED})).text,
        ]
    private = ("instruction", "signal", "Zanzibar", "ada", "own-desk", "verdict", "waiting_since")
    assert [word for word in private if any(word in text for text in heard)] == []
    assert "The document is of another type than was declared." in heard[4]


@pytest.mark.parametrize("method", ["list", "get", "verdict"])
async def test_a_brokers_token_opens_none_of_it(method: str, bench: Bench) -> None:
    """403 with every scope that brokers have, their own document included."""
    one = await bench.waiting()
    broker = EdgeHand(
        EDGE, Principal(tenant="local", broker_id="demo-broker", subject="b", scopes=BROKER_SCOPES)
    )
    path = {"list": "/inspections", "get": f"/inspections/{one}", "verdict": f"/inspections/{one}/verdict"}
    if method == "verdict":
        answer = await bench.post(broker, path[method], ACCEPT, if_match='"1"')
    else:
        answer = await bench.get(broker, path[method])
    assert answer.status_code == 403
    assert (await bench.get(ADA, f"/inspections/{one}")).headers["etag"] == '"1"'


async def test_whoever_may_only_look_judges_nothing(bench: Bench) -> None:
    """Each scope opens its own doors."""
    one = await bench.waiting()
    looking, judging = hand("lo", "local", "documents:review"), hand("ju", "local", "documents:decide")
    path = f"/inspections/{one}"
    assert (await bench.get(looking, path)).status_code == 200
    assert (await bench.post(looking, f"{path}/verdict", ACCEPT, if_match='"1"')).status_code == 403
    assert (await bench.get(judging, path)).status_code == 403


async def test_another_tenants_file_is_one_that_does_not_exist(bench: Bench) -> None:
    """404, as for an id of nobody's; and nothing of it in the queue."""
    one, stranger = await bench.waiting(), hand("eve", "elsewhere")
    for each in (one, str(uuid4()), "no-id"):
        assert (await bench.get(stranger, f"/inspections/{each}")).status_code == 404
        answer = await bench.post(stranger, f"/inspections/{each}/verdict", ACCEPT, if_match='"1"')
        assert answer.status_code == 404
    assert one not in (await bench.get(stranger, "/inspections")).text


@pytest.mark.parametrize(
    ("if_match", "status"), [(None, 428), ('"2"', 412), ('W/"1"', 412), ("*", 412), ('"1", "2"', 412)]
)
async def test_a_verdict_names_the_state_it_was_given_on(
    if_match: str | None, status: int, bench: Bench
) -> None:
    """428 without If-Match, 412 with any other than the present one; nothing changes."""
    path = f"/inspections/{await bench.waiting()}"
    headers = {"if_match": if_match} if if_match else {}
    assert (await bench.post(ADA, f"{path}/verdict", ACCEPT, **headers)).status_code == status
    assert (await bench.get(ADA, path)).headers["etag"] == '"1"'


async def test_the_same_verdict_again_changes_nothing(bench: Bench) -> None:
    """The first answer got lost: 412 for the old state, 409 for the new one."""
    path = f"/inspections/{await bench.waiting()}"
    statuses = [
        (await bench.post(ADA, f"{path}/verdict", ACCEPT, if_match=tag)).status_code
        for tag in ('"1"', '"1"', '"2"')
    ]
    assert statuses == [200, 412, 409]
    assert len((await bench.get(ADA, path)).json()["verdicts"]) == 1


async def test_a_wrong_value_is_named_by_its_place_and_not_repeated(bench: Bench) -> None:
    """422 with a pointer; the value is in no answer."""
    path = f"/inspections/{await bench.waiting()}"
    body = {**ACCEPT, "fields": [{"name": "gross_current", "value": "Canary 1"}]}
    refused = await bench.post(ADA, f"{path}/verdict", body, if_match='"1"')
    assert refused.status_code == 422
    assert [one["pointer"] for one in refused.json()["errors"]] == ["/fields/0/value"]
    assert "Canary" not in refused.text


async def test_what_is_known_already_is_not_sent_again(bench: Bench) -> None:
    """304 for a file that has not changed."""
    path = f"/inspections/{await bench.waiting()}"
    known = await bench.get(ADA, path, if_none_match='W/"1"')
    assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", '"1"')


async def test_the_queue_is_read_page_by_page(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that waits once, oldest first; nothing that is settled, no cursor of nobody's."""
    made = [await bench.waiting() for _ in range(4)]
    verdict = {"action": "return", "reason": REASON, "codes": ["too_old"]}
    await bench.post(ADA, f"/inspections/{made[1]}/verdict", verdict, if_match='"1"')
    monkeypatch.setattr(inspections, "PAGE", 2)
    seen: list[str] = []
    cursor = ""
    while True:
        page = InspectionPage.model_validate_json((await bench.get(ADA, f"/inspections{cursor}")).content)
        seen += [one.document_id for one in page.inspections]
        if page.next is None:
            break
        cursor = f"?cursor={page.next}"
    assert [one for one in seen if one in made] == [made[0], made[2], made[3]]
    assert len(seen) == len(set(seen))
    for wrong in ("x", "e30", "MjAyNiBub3RoaW5n"):
        assert (await bench.get(ADA, f"/inspections?cursor={wrong}")).status_code == 422
