"""Tenants are kept apart in every table there is, whatever is added: read off the database's catalogue."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, LiteralString

import psycopg
import pytest
from psycopg import sql

Rows = list[tuple[object, ...]]
Ask = Callable[[LiteralString], Rows]
OF_NOBODY: Final = {
    "lendgate.schema_revision": "one row, of the schema",
    "lendgate.edge_nonce": "claimed before it is known whose request it is",
    "lendgate_queue.procrastinate_jobs": "a worker has to see whose turn it is; a job holds ids only",
    "lendgate_queue.procrastinate_workers": "numbers and times",
    "lendgate_queue.procrastinate_periodic_defers": "of the service itself",
    "lendgate_queue.procrastinate_events": "never written",
}
"""The tables that belong to no tenant, and why."""
ACROSS: Final = {("lendgate.audit_head", "owner_lists_tenants", "lendgate_owner")}
"""The policies that let somebody look across tenants."""
TABLES: Final = """
    SELECT c.oid::regclass::text FROM pg_class c
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relnamespace::regnamespace::text LIKE 'lendgate%'
"""
POLICIES: Final = """
    SELECT polrelid::regclass::text, polname, polcmd::text, polpermissive,
        array(SELECT CASE r WHEN 0 THEN 'public' ELSE r::regrole::text END FROM unnest(polroles) r),
        pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)
    FROM pg_policy
"""
WALLED: Final = "SELECT oid::regclass::text FROM pg_class WHERE relrowsecurity AND relforcerowsecurity"
KEYS: Final = """
    SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE contype IN ('p', 'u', 'f') AND connamespace::regnamespace::text LIKE 'lendgate%'
"""


@pytest.fixture(scope="module")
def ask(superuser_url: str) -> Ask:
    """Asks the catalogue."""

    def rows(query: LiteralString) -> Rows:
        with psycopg.connect(superuser_url) as looking:
            return looking.execute(query).fetchall()

    return rows


def of_tenants(ask: Ask) -> set[str]:
    """Every table, view or whatever holds rows, but those that belong to nobody."""
    return {str(name) for (name,) in ask(TABLES)} - set(OF_NOBODY)


def test_every_table_is_a_tenants_or_is_said_to_be_nobodys(ask: Ask) -> None:
    """A table without a tenant is one that somebody thought about."""
    named = {str(name) for (name,) in ask(TABLES)}
    with_tenant = ask(
        "SELECT attrelid::regclass::text FROM pg_attribute WHERE attname = 'tenant' AND attnotnull"
    )
    assert set(OF_NOBODY) <= named
    assert of_tenants(ask) <= {str(name) for (name,) in with_tenant}


def test_every_tenants_table_is_walled_by_the_one_policy(ask: Ask) -> None:
    """Forced, for every command and every role, on the transaction's tenant; and nothing permits more."""
    assert of_tenants(ask) <= {str(name) for (name,) in ask(WALLED)}
    policies = ask(POLICIES)
    own = "(tenant = ( SELECT lendgate.current_tenant() AS current_tenant))"
    walls = {
        table for table, *policy in policies if policy == ["own_tenant", "*", True, ["public"], own, None]
    }
    others = {
        (table, name, ",".join(roles) if isinstance(roles, list) else roles)
        for table, name, _, _, roles, _, _ in policies
        if name != "own_tenant"
    }
    assert walls == of_tenants(ask)
    assert others == ACROSS


def test_every_key_between_tables_carries_the_tenant(ask: Ask) -> None:
    """No row hangs on another tenant's, and no two tenants' ids collide."""
    loose = [
        (table, definition)
        for table, definition in ask(KEYS)
        if table in of_tenants(ask) and not str(definition).split("(")[1].startswith("tenant")
    ]
    assert loose == []


def test_what_runs_with_the_owners_power_asks_for_the_tenant(ask: Ask) -> None:
    """A function that may more than its caller keeps to the transaction's tenant; one lists the tenants.

    Triggers have a row of a tenant's to go by, and the wall stands for the owner, too.
    """
    found = ask(
        "SELECT oid::regprocedure::text, prosrc FROM pg_proc "
        "WHERE prosecdef AND prorettype <> 'trigger'::regtype "
        "AND pronamespace::regnamespace::text LIKE 'lendgate%'"
    )
    assert len(found) >= 3
    careless = {str(name) for name, source in found if "current_tenant()" not in str(source)}
    assert careless == {"lendgate.tenants()"}


def test_no_query_of_the_service_passes_a_wall(ask: Ask, service_url: str) -> None:
    """Of every table: without a tenant an error, with one nobody else's row, whatever the query."""
    for table in sorted(of_tenants(ask)):
        name = sql.Identifier(*table.split("."))
        with psycopg.connect(service_url) as service:
            privileged = service.execute("SELECT has_table_privilege(%s, 'SELECT')", (table,)).fetchone()
            assert privileged is not None
            expected = "no tenant is set" if privileged[0] else "permission denied"
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match=expected):
                service.execute(sql.SQL("SELECT count(*) FROM {}").format(name))
