"""``lendgate migrate``: bring a PostgreSQL database to the revision this version needs."""

from __future__ import annotations

from lendgate.cli.output import Json, err, print_json, spoken_errors
from lendgate.errors import SettingsError
from lendgate.settings import service_settings
from lendgate.store.migrate import migrate as migrate_database


def migrate(json: Json = False) -> None:
    """Migrate the database of LENDGATE_DATABASE_OWNER_URL. The embedded one migrates itself at start."""
    with spoken_errors():
        owner_url = service_settings().database_owner_url
        if owner_url is None:
            raise SettingsError("LENDGATE_DATABASE_OWNER_URL is not set: name the owner role's URL")
        revision = migrate_database(owner_url.get_secret_value())
    if json:
        print_json({"revision": revision})
    else:
        err.print(f"[green]✓[/green] the database is at revision {revision}", highlight=False)
