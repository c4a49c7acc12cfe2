"""Where packs come from, what they are called together, and the table made of them."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import get_args

import pytest

from lendgate.errors import PolicyError
from lendgate.intake.completeness import Requirements
from lendgate.policy.library import load_packs, policy_version, requirements_table
from lendgate.schema.enums import Product
from tests.policy.builders import PACKS


@pytest.fixture
def own_packs(tmp_path: Path) -> Path:
    """A lender's directory: copies of the samples."""
    for file in resources.files("lendgate.policy").joinpath("packs").iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


def test_every_product_has_a_packaged_pack() -> None:
    """The samples cover the whole list of products."""
    assert tuple(PACKS) == get_args(Product)
    assert all(pack.product == product for product, pack in PACKS.items())


def test_a_directory_replaces_the_samples(own_packs: Path) -> None:
    """The lender's own file is the one that speaks."""
    file = own_packs / "personal_loan.yaml"
    file.write_text(file.read_text().replace("id: personal_loan_sample", "id: our_loans"))
    packs = load_packs(own_packs)
    assert packs["personal_loan"].reference.id == "our_loans"
    assert packs["mortgage"].reference == PACKS["mortgage"].reference


def test_a_directory_without_a_product_is_refused(own_packs: Path) -> None:
    """No product falls back on a sample unawares."""
    (own_packs / "personal_loan.yaml").unlink()
    with pytest.raises(PolicyError, match="has no pack for personal_loan"):
        load_packs(own_packs)


def test_two_packs_for_a_product_are_refused(own_packs: Path) -> None:
    """Which one would speak must not depend on file names."""
    (own_packs / "z.yaml").write_bytes((own_packs / "personal_loan.yaml").read_bytes())
    with pytest.raises(PolicyError, match="a second pack for personal_loan"):
        load_packs(own_packs)


def test_a_missing_directory_is_refused(tmp_path: Path) -> None:
    """A typo in a path is not an empty policy."""
    with pytest.raises(PolicyError, match="is no directory"):
        load_packs(tmp_path / "absent")


def test_the_version_tells_the_date_and_changes_with_any_byte(own_packs: Path) -> None:
    """Same files, same version; one comment more, another version."""
    version = policy_version(load_packs(own_packs))
    assert version == policy_version(PACKS)
    assert version.startswith("2026-01-01-")
    assert len(version) == len("2026-01-01-") + 12
    with (own_packs / "personal_loan.yaml").open("a") as file:
        file.write("# changed\n")
    assert policy_version(load_packs(own_packs)) != version


def test_the_table_is_what_intake_and_the_worker_read() -> None:
    """JSON, and accepted by the type that holds it."""
    table = requirements_table(PACKS)
    read = Requirements.model_validate(json.loads(json.dumps(table)))
    assert read.policy_version == policy_version(PACKS)
    assert read.products["mortgage"].missing_fields == ["/amount_requested", "/property/value"]
    wanted = {document.type: document.when for document in read.products["personal_loan"].documents}
    assert wanted["1040"] == "self_employed"
    assert wanted["identity_document"] == "always"


def test_the_table_holds_no_limit() -> None:
    """What goes to the Worker tells nothing of the rules."""
    text = json.dumps(requirements_table(PACKS)["products"])
    assert "limit" not in text
    assert not any(rule.require.source in text for pack in PACKS.values() for rule in pack.rules)
