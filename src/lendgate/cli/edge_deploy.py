"""``lendgate edge deploy``: make the Worker on Cloudflare what the files say."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Annotated

import typer
from pydantic import JsonValue

from lendgate import __version__
from lendgate.cli.edge_session import (
    BundleDirectory,
    Config,
    Environment,
    Files,
    GateUrl,
    Session,
    Yes,
    confirm,
    edge_session,
    spoken_edge_errors,
)
from lendgate.cli.edge_shown import checked_json, plan_json, shares_json, show_checked
from lendgate.cli.output import NO, Json, err, print_json
from lendgate.cloudflare.actual import Actual
from lendgate.cloudflare.bundle import BUNDLE
from lendgate.cloudflare.deploy import Deploy, Deployed, Wish
from lendgate.cloudflare.desired import SIGNING_KEY
from lendgate.cloudflare.keys import NewKey, fingerprint_of, first_key, for_origin, private_texts
from lendgate.cloudflare.plan import Plan, make_plan
from lendgate.cloudflare.secrets import supply
from lendgate.cloudflare.traffic import shown

Percent = Annotated[float, typer.Option(min=0, max=100, help="The new version's part of the traffic.")]


def deploy(
    env: Environment = None,
    config: Config = None,
    bundle: BundleDirectory = BUNDLE,
    gate_url: GateUrl = None,
    percent: Percent = 100,
    secret: Annotated[
        list[str] | None,
        typer.Option(help="Replace this secret by the environment's NAME or NAME_FILE; repeat for several."),
    ] = None,
    message: Annotated[str, typer.Option(help="A note on the version.")] = "",
    take_over: Annotated[
        bool, typer.Option("--take-over", help="Take addresses from other Workers and DNS records.")
    ] = False,
    allow_destructive: Annotated[
        bool, typer.Option("--allow-destructive", help="Allow changes that lose something for good.")
    ] = False,
    yes: Yes = False,
    json: Json = False,
) -> None:
    """Deploy the gate: a new version is asked whether it works before it gets any traffic.

    Secrets the Worker lacks are taken from the environment (NAME or NAME_FILE). Running it again after
    any failure goes on from where it stopped.
    """
    files = Files(env, config, bundle, gate_url)
    wish = Wish(
        percent=percent,
        message=f"lendgate {__version__} {message}".strip(),
        take_over=take_over,
        allow_destructive=allow_destructive,
    )
    with spoken_edge_errors():
        plan, deployed, key = asyncio.run(_deploy(files, wish, secret or [], yes=yes))
    if json:
        print_json(_json(plan, deployed, key))
    elif deployed:
        show_checked(deployed.checked)
    if deployed and not deployed.ok:
        err.print(_what_now(plan, deployed), highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(NO)


async def _deploy(
    files: Files, wish: Wish, replaced: list[str], *, yes: bool
) -> tuple[Plan, Deployed | None, NewKey | None]:
    async with edge_session(files) as session:
        actual = await session.actual()
        wish, key = _with_secrets(session, actual, wish, replaced)
        plan = make_plan(session.desired, actual, new_secrets=wish.secrets)
        if not plan.changes:
            session.say(f"{plan.worker}: nothing to change")
            return plan, None, None
        _tell(session, plan, key)
        confirm(f"Deploy to {plan.worker}?", yes=yes)
        run = Deploy(
            session.worker,
            session.desired,
            actual,
            plan,
            wish,
            check=session.check,
            say=session.say,
            fingerprint_key=session.credentials.token,
        )
        return plan, await run.run(), key


def _with_secrets(
    session: Session, actual: Actual, wish: Wish, replaced: list[str]
) -> tuple[Wish, NewKey | None]:
    """The wish with the values the environment has, and a signing key made here where one is needed."""
    values = supply(session.desired, actual.live, session.environ, replaced)
    key = first_key(session.desired, actual.live, values)
    named = {SIGNING_KEY: key.secret} if key else {}
    for value in [*values.values(), *named.values()]:
        for text in private_texts(value):
            session.api.scrub.learn(text)
    if key is None:
        return replace(wish, secrets=values), None
    return replace(
        wish,
        secrets=values | named,
        fingerprint={**values, **(fingerprint_of(key) or {})},
        message=f"{wish.message} {key.message}",
    ), key


def _tell(session: Session, plan: Plan, key: NewKey | None) -> None:
    for change in plan.changes:
        session.say(f"  {change}")
    for note in plan.notes:
        session.say(f"  note: {note}")
    if key:
        session.say(
            f"A signing key {key.key_id} was made; its private half goes to the Worker only. The origin's "
            f"LENDGATE_EDGE_KEYS needs: {for_origin(key.key_id, key.algorithm, key.public)}"
        )


def _what_now(plan: Plan, deployed: Deployed) -> str:
    if plan.needs_put:
        return (
            f"Version {deployed.version_id} has all the traffic. Mend the cause and run the command again, "
            "or go back with `lendgate edge rollback` (not possible for the first version, nor across a "
            "change of Durable Objects)."
        )
    return (
        f"Version {deployed.version_id} got no more traffic: {shown(deployed.shares)}. Mend the cause and "
        "run the command again; it uses the version that is there. `lendgate edge rollback` drops it."
    )


def _json(plan: Plan, deployed: Deployed | None, key: NewKey | None) -> dict[str, JsonValue]:
    done: dict[str, JsonValue] = {"plan": plan_json(plan), "changed": False}
    if deployed:
        done |= {
            "changed": deployed.changed,
            "version_id": deployed.version_id,
            "shares": shares_json(deployed.shares),
            "check": checked_json(deployed.checked),
        }
    if key:
        done["for_origin"] = for_origin(key.key_id, key.algorithm, key.public)
    return done
