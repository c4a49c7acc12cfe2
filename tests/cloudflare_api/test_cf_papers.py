"""What is written about operating the gate is true: commands exist, files agree, no secret is in them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from typer.core import TyperGroup

from lendgate.cli.edge import edge_app
from lendgate.settings import environment_names

ROOT = Path(__file__).parents[2]
PAPERS = (
    "docs/how-to/deploy-the-gate.md",
    "docs/how-to/connect-the-origin.md",
    "docs/how-to/edge-workflow.yml",
)
COMMAND = re.compile(r"lendgate edge ((?:[a-z]+|--?[a-z-]+|[A-Z0-9\"$]+)(?: [^\n`|#;&]*)?)")


def _written() -> list[tuple[str, str]]:
    return [
        (paper, match[1].strip())
        for paper in PAPERS
        for match in COMMAND.finditer((ROOT / paper).read_text(encoding="utf-8"))
    ]


def _find(words: list[str]) -> tuple[set[str], list[str]]:
    """The options of the command that words name, and the words that are left."""
    command = typer.main.get_command(edge_app)
    while isinstance(command, TyperGroup):
        name, *words = words
        assert name in command.commands, f"there is no command {name}"
        command = command.commands[name]
    return {option for parameter in command.params for option in parameter.opts}, words


@pytest.mark.parametrize(("paper", "line"), _written())
def test_written_commands_exist(paper: str, line: str) -> None:
    """Every command and option in the papers is one the program has."""
    known, rest = _find(line.split())
    unknown = [word for word in rest if word.startswith("--") and word not in known]
    assert unknown == [], f"{paper}: {line}"


def test_every_command_is_written_about() -> None:
    """No command is left for people to find by themselves."""
    told = {line.split()[0] for _, line in _written()}
    group = typer.main.get_command(edge_app)
    assert isinstance(group, TyperGroup)
    assert group.commands.keys() - told == set()


@pytest.mark.parametrize("link", re.findall(r"\]\(([a-z-]+\.\w+)\)", (ROOT / PAPERS[0]).read_text("utf-8")))
def test_links_lead_somewhere(link: str) -> None:
    """A paper that is named is there."""
    assert (ROOT / "docs/how-to" / link).is_file()


def _compose() -> Any:
    return yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))


def test_compose_secrets_are_files_that_are_used() -> None:
    """Every secret is a file, every one is used, and each *_FILE is a secret of that service."""
    compose = _compose()
    used = {name for service in compose["services"].values() for name in service["secrets"]}
    assert used == compose["secrets"].keys()
    assert all(secret["file"] == f"secrets/{name}" for name, secret in compose["secrets"].items())
    for service in compose["services"].values():
        for variable, value in service["environment"].items():
            if variable.endswith("_FILE"):
                assert value.removeprefix("/run/secrets/") in service["secrets"], variable


def test_compose_sets_known_variables() -> None:
    """Every LENDGATE_ variable is one the service reads."""
    names = {
        variable.removesuffix("_FILE")
        for service in _compose()["services"].values()
        for variable in service["environment"]
        if variable.startswith("LENDGATE_")
    }
    assert names - environment_names() == set()


def test_compose_keeps_the_database_inside() -> None:
    """No port is opened, and the tunnel cannot reach the database."""
    services = _compose()["services"]
    assert not any("ports" in service for service in services.values())
    assert not {*services["postgres"]["networks"]} & {*services["cloudflared"]["networks"]}
    assert all(_compose()["networks"][name] == {"internal": True} for name in ("inside", "tunnel"))


def test_secrets_the_paper_makes_are_those_compose_wants() -> None:
    """The recipe and the file agree, but for the two that come from elsewhere."""
    recipe = (ROOT / PAPERS[1]).read_text(encoding="utf-8")
    made = set(re.findall(r'^    "([a-z_]+)":', recipe, re.MULTILINE))
    assert _compose()["secrets"].keys() - made == {"edge_keys", "tunnel_token"}


def test_image_is_not_root_and_is_watched() -> None:
    """The image runs as nobody special, has a health check, takes no secret at build time."""
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert "USER 10001:10001" in lines
    assert any(line.startswith("HEALTHCHECK") for line in lines)
    assert any(line.startswith("STOPSIGNAL SIGTERM") for line in lines)
    assert not any(line.startswith("ARG") for line in lines)
    assert 'CMD ["edge", "origin", "--host", "0.0.0.0", "--port", "8000"]' in lines


def test_image_is_built_from_what_is_named_only() -> None:
    """Nothing of a checkout gets into the image by accident: secrets, keys, databases."""
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert ignored[0] == "*"
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    allowed = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    assert {name for names in copied for name in names.split()} <= allowed


def test_workflow_holds_no_secret() -> None:
    """The workflow reads, deploys one at a time, and names secrets only as secrets."""
    workflow = yaml.safe_load((ROOT / PAPERS[2]).read_text(encoding="utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    assert workflow["concurrency"]["cancel-in-progress"] is False
    values = list(workflow["env"].values())
    assert all(re.fullmatch(r"\$\{\{ secrets\.\w+ \}\}", value) for value in values)
    assert workflow["jobs"]["promote"]["environment"] == "production"
