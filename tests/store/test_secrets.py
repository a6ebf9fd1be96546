"""Sealed fields: they open with the right key at the right place, and nowhere else."""

import base64
import os
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.kit.errors import Misconfigured
from holdfast.store.secrets import CannotOpen, Vault, kept_beside, keys_of, new_key

OLD, NEW = os.urandom(32), os.urandom(32)
VAULT = Vault([OLD])
PLACE = "table.column:row"
SECRET = "a key nobody may read"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])), st.text(alphabet="abc:._-", max_size=30))
def test_what_was_sealed_opens_at_its_place(value, place):
    assert VAULT.open(VAULT.seal(value, place=place), place=place) == value


def test_a_sealed_value_shows_nothing_and_differs_each_time():
    first, second = (VAULT.seal(SECRET, place=PLACE) for _ in range(2))
    assert first != second
    raw = base64.urlsafe_b64decode(first.rpartition(":")[2])
    assert SECRET not in first and SECRET.encode() not in raw
    assert OLD.hex() not in repr(VAULT)


def test_a_value_with_any_character_changed_does_not_open():
    sealed = VAULT.seal(SECRET, place=PLACE)
    tried = 0
    for position, character in enumerate(sealed.rstrip("=")[:-1]):
        changed = sealed[:position] + ("A" if character != "A" else "B") + sealed[position + 1 :]
        with pytest.raises(CannotOpen):
            VAULT.open(changed, place=PLACE)
        tried += 1
    assert tried > 60


@pytest.mark.parametrize("sealed", ["", SECRET, "sealed:v1:", "sealed:v2:00000000:AAAA", "sealed:v1:zz:AAAA"])
def test_what_is_not_sealed_does_not_open(sealed):
    with pytest.raises(CannotOpen):
        VAULT.open(sealed, place=PLACE)


def test_a_value_cut_short_does_not_open():
    sealed = VAULT.seal(SECRET, place=PLACE)
    head, _, payload = sealed.rpartition(":")
    for length in range(0, len(payload), 4):
        with pytest.raises(CannotOpen):
            VAULT.open(f"{head}:{payload[:length]}", place=PLACE)


def test_a_value_moved_to_another_row_does_not_open():
    with pytest.raises(CannotOpen, match="belongs elsewhere"):
        VAULT.open(VAULT.seal(SECRET, place=PLACE), place="table.column:other")


def test_another_key_does_not_open_and_the_message_tells_no_secret():
    sealed = VAULT.seal(SECRET, place=PLACE)
    with pytest.raises(CannotOpen) as refused:
        Vault([NEW]).open(sealed, place=PLACE)
    assert SECRET not in str(refused.value) and OLD.hex() not in str(refused.value)
    assert refused.value.field == "HOLDFAST_ENCRYPTION_KEY"
    assert refused.value.__cause__ is None


def test_keys_can_be_changed():
    sealed = VAULT.seal(SECRET, place=PLACE)
    both = Vault([NEW, OLD])
    assert not both.is_newest(sealed)
    again = both.seal(both.open(sealed, place=PLACE), place=PLACE)
    assert both.is_newest(again)
    assert Vault([NEW]).open(again, place=PLACE) == SECRET
    with pytest.raises(CannotOpen):
        VAULT.open(again, place=PLACE)


def test_the_setting_takes_one_key_or_several():
    assert keys_of(f" {OLD.hex()} , {NEW.hex()}") == [OLD, NEW]
    for wrong in ("", "abc", OLD.hex()[:-1], f"{OLD.hex()},", "g" * 64):
        with pytest.raises(Misconfigured, match="HOLDFAST_ENCRYPTION_KEY"):
            keys_of(wrong)
    with pytest.raises(Misconfigured):
        Vault([])
    with pytest.raises(Misconfigured):
        Vault([b"short"])


def test_a_key_is_made_once_and_is_its_owners_only(tmp_path):
    data = tmp_path / "data"
    first = kept_beside(data, "encryption_key", new_key)
    assert kept_beside(data, "encryption_key", new_key) == first
    assert keys_of(first)[0] not in (OLD, NEW)
    assert stat.S_IMODE((data / "encryption_key").stat().st_mode) == 0o600
    assert [file.name for file in data.iterdir()] == ["encryption_key"]
