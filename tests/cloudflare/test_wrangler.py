"""wrangler.jsonc is read as wrangler reads it: comments, commas, and what an environment inherits."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lendgate.cloudflare.wrangler import (
    NOT_INHERITED,
    DurableObject,
    merge_environment,
    parse_jsonc,
    read_wrangler,
)
from lendgate.errors import SettingsError

WRANGLER = Path(__file__).parents[2] / "edge/node_modules/wrangler/wrangler-dist/cli.js"
TEXT = """
// The gate.
{
  "$schema": "node_modules/wrangler/config-schema.json", // not a comment: "//" in a string
  "name": "lendgate-gate",
  "main": "src/index.ts",
  "compatibility_date": "2026-10-23",
  "compatibility_flags": ["nodejs_compat",],
  /* Values with
     comment signs inside. */
  "vars": { "URL": "https://x/*y*/", "LIMITS": { "a": [1, 2,], }, "TEXT": ",}" },
  "durable_objects": { "bindings": [{ "name": "LIMITER", "class_name": "BrokerLimiter" }] },
  "migrations": [{ "tag": "v1", "new_sqlite_classes": ["BrokerLimiter"] }], /* a */ "x": 1, /* b */
  "env": {
    "staging": { "vars": { "URL": "https://staging" } },
    "named": { "name": "own-name", "compatibility_date": "2026-10-01" },
  },
}
"""


def test_the_top_level_is_read_with_its_types() -> None:
    """Name, entry point, dates, flags, variables of any JSON type and Durable Objects."""
    config = read_wrangler(TEXT)
    assert (config.name, config.main) == ("lendgate-gate", "src/index.ts")
    assert (config.compatibility_date, config.compatibility_flags) == ("2026-10-23", ("nodejs_compat",))
    assert config.vars == {"URL": "https://x/*y*/", "LIMITS": {"a": [1, 2]}, "TEXT": ",}"}
    assert config.durable_objects == (DurableObject("LIMITER", "BrokerLimiter", sql=True),)


def test_an_environment_inherits_what_wrangler_says_and_no_bindings() -> None:
    """Dates and entry point come from the top; variables and Durable Objects must be repeated."""
    staging = read_wrangler(TEXT, "staging")
    assert (staging.name, staging.main) == ("lendgate-gate-staging", "src/index.ts")
    assert staging.compatibility_date == "2026-10-23"
    assert staging.vars == {"URL": "https://staging"}
    assert staging.durable_objects == ()


def test_an_environments_own_keys_win() -> None:
    """Its own name is taken as it stands."""
    named = read_wrangler(TEXT, "named")
    assert (named.name, named.compatibility_date) == ("own-name", "2026-10-01")


def test_an_unknown_environment_is_refused_with_the_known_ones() -> None:
    """A typing error must not deploy the top level."""
    with pytest.raises(SettingsError, match="no environment 'prod'; it has: staging, named"):
        read_wrangler(TEXT, "prod")


@pytest.mark.parametrize(
    ("instead", "sql"),
    [
        ('"exports": {"BrokerLimiter": {"type": "durable-object", "storage": "sqlite"}}', True),
        ('"exports": {"BrokerLimiter": {"type": "durable-object", "storage": "legacy-kv"}}', False),
        ('"exports": {"Other": {"type": "durable-object", "storage": "sqlite"}}', False),
        ('"migrations": [{ "tag": "v1", "new_classes": ["BrokerLimiter"] }]', False),
        ('"migrations": []', False),
    ],
)
def test_sql_is_offered_only_to_classes_made_with_it(instead: str, *, sql: bool) -> None:
    """Declared by ``exports`` or made by a migration, for this class and with SQLite."""
    text = re.sub(r'"migrations": \[.*?\}\]', instead, TEXT)
    config = read_wrangler(text)
    assert config.durable_objects == (DurableObject("LIMITER", "BrokerLimiter", sql=sql),)


def test_the_gates_own_configuration_is_read() -> None:
    """Every environment of edge/wrangler.jsonc has the bindings the Worker needs."""
    text = (Path(__file__).parents[2] / "edge/wrangler.jsonc").read_text()
    for environment in (None, "staging", "production"):
        config = read_wrangler(text, environment)
        assert config.durable_objects == (DurableObject("LIMITER", "BrokerLimiter", sql=True),)
        assert {"JWT_ISSUER", "JWT_AUDIENCE", "JWKS", "JWKS_URL", "LIMITS"} <= config.vars.keys()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[]", "must hold one object"),
        ("{", "is not JSON"),
        ('{"a": 1 "b": 2}', "is not JSON"),
        ('{\n/* \n */ "a": }', "near line 3"),
        ('{"a": 1, "a": 2}', "'a' twice"),
        ('{"main": "x"}', "'name' must be a text"),
        ('{"name": ""}', "'name' must be a text"),
        ('{"name": 7}', "'name' must be a text"),
        (
            '{"name":"n","main":"m","compatibility_date":"d","compatibility_flags":"x"}',
            "'compatibility_flags'",
        ),
        ('{"name":"n","main":"m","compatibility_date":"d","vars":[]}', "'vars' must be an object"),
        ('{"name":"n","main":"m","compatibility_date":"d","migrations":{}}', "'migrations' must be a list"),
    ],
)
def test_a_configuration_that_cannot_be_right_is_refused(text: str, sentence: str) -> None:
    """The sentence names the member or the line."""
    with pytest.raises(SettingsError, match=sentence):
        read_wrangler(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), JSON, max_size=5))
def test_plain_json_reads_as_itself(document: dict[str, object]) -> None:
    """Whatever a string holds (commas, slashes, brackets, quotes), taking comments out leaves it alone."""
    assert parse_jsonc(json.dumps(document)) == document
    assert parse_jsonc(json.dumps(document, indent=1, ensure_ascii=False)) == document


def test_merging_leaves_the_document_as_it_was() -> None:
    """Reading one environment does not change what another one sees."""
    document = parse_jsonc(TEXT)
    before = json.dumps(document)
    merge_environment(document, "staging")
    assert json.dumps(document) == before


def test_what_is_not_inherited_is_the_installed_wranglers_list() -> None:
    """A newer wrangler with other rules turns this red before it surprises a deploy."""
    if not WRANGLER.exists():
        pytest.skip("wrangler is not installed: run `make test`")
    calls = re.findall(
        r"\bnotInheritable\(\s*diagnostics,\s*topLevelEnv,\s*rawConfig,\s*rawEnv,\s*envName,\s*\"(\w+)\"",
        WRANGLER.read_text(encoding="utf-8"),
    )
    assert set(calls) == NOT_INHERITED
