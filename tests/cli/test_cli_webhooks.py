"""``lendgate webhooks``: endpoints and their secrets, tests, deliveries."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from typer.testing import CliRunner, Result

from lendgate.cli.webhooks import webhooks_app
from tests.support.command import said

URL = "https://hooks.example.com/lendgate"


def webhooks(*arguments: str) -> Result:
    return CliRunner().invoke(webhooks_app, list(arguments))


def answered(*arguments: str) -> Any:
    result = webhooks(*arguments, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


@pytest.fixture(autouse=True)
def _database(service_url: str, superuser_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENDGATE_DATABASE_URL", service_url)
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        connection.execute("DELETE FROM lendgate.webhook_endpoint")


def test_an_endpoint_is_added_with_its_secrets_and_listed_without() -> None:
    """The shared secret and the public key; both can be shown again."""
    added = answered("add", URL, "--broker", "acme")
    assert added["secret"].startswith("whsec_")
    assert added["public_key"].startswith("whpk_")
    assert answered("secret", added["endpoint"]) == added
    (listed,) = answered("list")
    assert listed == {
        "endpoint": added["endpoint"],
        "url": URL,
        "broker": "acme",
        "generation": 1,
        "disabled": None,
    }
    assert "acme" in webhooks("list").stdout
    assert added["secret"] in webhooks("secret", added["endpoint"]).stdout


@pytest.mark.parametrize("url", ["http://hooks.example.com/", "https://hooks.example.com:22/", "nonsense"])
def test_a_url_that_cannot_be_right_is_not_added(url: str) -> None:
    """Exit 1 with the reason."""
    assert webhooks("add", url).exit_code == 1
    assert answered("list") == []


def test_secrets_are_rotated_once_a_day() -> None:
    """New ones at once; a second rotation would cut off whoever still has the old ones."""
    added = answered("add", URL)
    rotated = answered("rotate", added["endpoint"])
    assert rotated["secret"] != added["secret"]
    again = webhooks("rotate", added["endpoint"])
    assert again.exit_code == 1
    assert "24 hours" in said(again)


def test_another_tenants_endpoint_is_not_there() -> None:
    """Neither seen nor touched."""
    added = answered("add", URL, "--tenant", "acme")
    for command in ("secret", "rotate", "remove", "enable"):
        assert webhooks(command, added["endpoint"], "--tenant", "rival").exit_code == 1
    assert answered("list", "--tenant", "rival") == []
    assert len(answered("list", "--tenant", "acme")) == 1


def test_a_test_event_is_on_its_way_and_can_be_sent_again_when_it_has_ended(superuser_url: str) -> None:
    """Listed as a delivery; redelivered only when it is not under way."""
    added = answered("add", URL)
    assert webhooks("test").exit_code == 0
    (delivery,) = answered("deliveries", added["endpoint"])
    assert (delivery["event"], delivery["state"], delivery["attempts"]) == ("webhook.test", "waiting", 0)
    assert webhooks("redeliver", delivery["delivery"]).exit_code == 1
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        connection.execute("UPDATE lendgate.webhook_delivery SET state = 'failed'")
        connection.execute("DELETE FROM lendgate_queue.procrastinate_jobs")
    assert webhooks("redeliver", delivery["delivery"]).exit_code == 0
    assert "webhook.test" in webhooks("deliveries", added["endpoint"]).stdout


def test_a_disabled_endpoint_is_enabled_again(superuser_url: str) -> None:
    """And one that is enabled is not enabled twice."""
    added = answered("add", URL)
    assert webhooks("enable", added["endpoint"]).exit_code == 1
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        connection.execute(
            "UPDATE lendgate.webhook_endpoint SET disabled_at = now(), disabled_because = '410'"
        )
    assert answered("list")[0]["disabled"] == "410"
    assert webhooks("enable", added["endpoint"]).exit_code == 0
    assert answered("list")[0]["disabled"] is None


def test_a_removed_endpoint_is_gone() -> None:
    """Once."""
    added = answered("add", URL)
    assert webhooks("remove", added["endpoint"]).exit_code == 0
    assert webhooks("remove", added["endpoint"]).exit_code == 1
    assert "no endpoints" in webhooks("list").stdout
    assert webhooks("secret", str(uuid4())).exit_code == 1


def test_without_a_key_no_endpoint_is_added(monkeypatch: pytest.MonkeyPatch) -> None:
    """A production service names its keys; the one that is missing is named."""
    named = {"EDGE_KEYS": "{}", "AUDIT_KEY": "a:b", "CHECKPOINT_KEY": "c:d", "DATA_KEY": f"e:{'A' * 43}"}
    for name, value in named.items():
        monkeypatch.setenv(f"LENDGATE_{name}", value)
    answer = webhooks("add", URL)
    assert answer.exit_code == 4
    assert "LENDGATE_WEBHOOK_KEY" in said(answer)
