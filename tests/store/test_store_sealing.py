"""Sealing: what was sealed opens where it belongs, and nothing else does."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lendgate.errors import SettingsError
from lendgate.store.keyring import FRESH_SECONDS, Keyring, MasterKeys, Owner, WrappedKey
from lendgate.store.sealing import OVERHEAD, DataKey, Sealer, SealingError, data_key_of, place

OLD, NEW = (DataKey(UUID(int=number), bytes([number]) * 32) for number in (1, 2))
SEALER = Sealer.of("acme", [OLD, NEW], NEW.id)
MASTERS = MasterKeys({"m2": b"2" * 32, "m1": b"1" * 32})
RECORDS = Owner("acme", "records")


@given(st.binary(max_size=2_000), st.binary(max_size=100))
def test_what_was_sealed_opens(plaintext: bytes, context: bytes) -> None:
    """Any bytes, the empty ones too, come back exactly; the cost is a fixed number of bytes."""
    sealed = SEALER.seal(plaintext, context)
    assert len(sealed) == len(plaintext) + OVERHEAD
    assert SEALER.open(sealed, context) == plaintext


@given(st.binary(max_size=50), st.data())
def test_one_changed_bit_is_noticed_wherever_it_is(plaintext: bytes, data: st.DataObject) -> None:
    """Version, key id, nonce, ciphertext, tag: each is covered."""
    sealed = bytearray(SEALER.seal(plaintext, b"here"))
    position = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[position // 8] ^= 1 << position % 8
    with pytest.raises(SealingError):
        SEALER.open(bytes(sealed), b"here")


@given(st.binary(max_size=60))
def test_bytes_that_were_never_sealed_are_refused(found: bytes) -> None:
    """Whatever lies there: our error, not a library's."""
    with pytest.raises(SealingError):
        SEALER.open(found, b"here")


def test_sealed_data_opens_in_its_place_only() -> None:
    """Another row, column or table is another context."""
    sealed = SEALER.seal(b"secret", place("application", "document", UUID(int=7)))
    for elsewhere in (
        place("application", "document", UUID(int=8)),
        place("application", "note", UUID(int=7)),
        place("document", "document", UUID(int=7)),
        b"",
    ):
        with pytest.raises(SealingError, match="another place"):
            SEALER.open(sealed, elsewhere)


def test_no_two_places_have_one_context() -> None:
    """Names are not run together."""
    assert place("ab", "c", "d") != place("a", "bc", "d")


def test_sealed_data_opens_for_its_tenant_only() -> None:
    """Even where two tenants had the same key."""
    sealed = SEALER.seal(b"secret", b"here")
    with pytest.raises(SealingError):
        Sealer.of("other", [NEW], NEW.id).open(sealed, b"here")


def test_the_same_sealed_twice_looks_different() -> None:
    """Equal fields cannot be told by their sealed form."""
    assert SEALER.seal(b"95000", b"here") != SEALER.seal(b"95000", b"here")


def test_the_current_key_seals_and_every_known_one_opens() -> None:
    """After a rotation the old rows still open, and say that they are old."""
    before = Sealer.of("acme", [OLD], OLD.id).seal(b"secret", b"here")
    assert SEALER.open(before, b"here") == b"secret"
    assert not SEALER.is_current(before)
    assert SEALER.is_current(SEALER.seal(b"secret", b"here"))


def test_an_unknown_data_key_is_said() -> None:
    """Not "altered": the key is missing."""
    sealed = SEALER.seal(b"secret", b"here")
    with pytest.raises(SealingError, match="does not have"):
        Sealer.of("acme", [OLD], OLD.id).open(sealed, b"here")


def test_sealed_bytes_have_the_form_that_is_documented() -> None:
    """Version 1, written once: what is stored must open for years."""
    fixed = Sealer("acme", NEW.id, SEALER._ciphers, lambda size: b"n" * size)
    sealed = fixed.seal(b"secret", b"here")
    assert sealed.hex() == (
        "01"
        "00000000000000000000000000000002"
        "6e6e6e6e6e6e6e6e6e6e6e6e"
        "ff7a276ccd2c"
        "1eb8c23d866f2554ce671f46c8636849"
    )
    assert data_key_of(sealed) == NEW.id


@pytest.mark.parametrize("secret", [OLD, MASTERS, SEALER, Keyring(MASTERS)])
def test_no_key_is_ever_printed(secret: object) -> None:
    """A log line that shows the object shows no key."""
    shown = repr(secret)
    for bytes_ in (OLD.secret, NEW.secret, *MASTERS.keys.values()):
        assert repr(bytes_) not in shown


def test_the_first_master_key_wraps_and_any_of_them_unwraps() -> None:
    """So a new one is put in front of the old ones."""
    owner, old = RECORDS, MasterKeys({"m1": b"1" * 32}).new(RECORDS, uuid4())
    assert old.master_id == "m1"
    again = MASTERS.wrap(owner, MASTERS.unwrap(owner, old))
    assert again.master_id == "m2"
    assert MASTERS.unwrap(owner, again) == MASTERS.unwrap(owner, old)


@pytest.mark.parametrize("owner", [Owner("other", "records"), Owner("acme", "monitoring")])
def test_a_data_key_is_bound_to_its_owner(owner: Owner) -> None:
    """A row that was copied to another tenant, or to another purpose, does not unwrap."""
    wrapped = MASTERS.new(RECORDS, uuid4())
    with pytest.raises(SettingsError, match="was altered"):
        MASTERS.unwrap(owner, wrapped)


@pytest.mark.parametrize("part", ["id", "wrapped", "short"])
def test_an_altered_data_key_does_not_unwrap(part: str) -> None:
    """Its id and every byte of it are covered."""
    good = MASTERS.new(RECORDS, uuid4())
    altered = {
        "id": WrappedKey(uuid4(), good.master_id, good.wrapped),
        "wrapped": WrappedKey(good.id, good.master_id, good.wrapped[:-1] + bytes([good.wrapped[-1] ^ 1])),
        "short": WrappedKey(good.id, good.master_id, good.wrapped[:5]),
    }
    with pytest.raises(SettingsError, match="was altered"):
        MASTERS.unwrap(RECORDS, altered[part])


def test_a_missing_master_key_is_named() -> None:
    """Somebody took the old key out of the setting too early: the message says which one."""
    wrapped = MASTERS.new(RECORDS, uuid4())
    with pytest.raises(SettingsError, match="LENDGATE_DATA_KEY does not hold the key 'm2'"):
        MasterKeys({"m1": b"1" * 32}).unwrap(RECORDS, wrapped)


def test_without_master_keys_there_is_no_data_key() -> None:
    """Nothing is sealed with a key that lies beside it."""
    with pytest.raises(SettingsError, match="LENDGATE_DATA_KEY is not set"):
        MasterKeys().new(RECORDS, uuid4())


def test_a_sealer_is_remembered_for_half_a_minute() -> None:
    """The first moment it is too old it is not there."""
    time = [100.0]
    ring = Keyring(MASTERS, lambda: time[0])
    ring.keep(RECORDS, SEALER)
    time[0] += FRESH_SECONDS - 0.001
    assert ring.find(RECORDS) is SEALER
    assert ring.find(Owner("acme", "monitoring")) is None
    time[0] += 0.001
    assert ring.find(RECORDS) is None
