"""The digest of what counts as sameness."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.history import fingerprint
from inventory.history.revision import pack_raw, unpack_raw

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
contents = st.dictionaries(st.text(max_size=8), values, max_size=5)


@given(contents)
def test_the_order_of_keys_does_not_count(content: dict[str, Any]) -> None:
    assert fingerprint(dict(reversed(content.items()))) == fingerprint(content)


@given(contents, contents)
def test_contents_that_differ_have_fingerprints_that_differ(one: dict[str, Any], other: dict[str, Any]) -> None:
    # In Python 1 == True, to AWS they are not the same.
    assert (fingerprint(one) == fingerprint(other)) is (repr(_sorted(one)) == repr(_sorted(other)))


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return "by key", sorted((key, _sorted(held)) for key, held in value.items())
    return [_sorted(held) for held in value] if isinstance(value, list) else value


def test_nothing_false_zero_and_empty_are_four_things() -> None:
    assert len({fingerprint({"a": value}) for value in (None, False, 0, "")}) == 4
    assert fingerprint({"a": None}) != fingerprint({})


def test_a_moment_is_the_same_in_any_time_zone() -> None:
    noon = datetime(2026, 5, 1, 12, tzinfo=UTC)

    assert fingerprint({"at": noon}) == fingerprint({"at": noon.astimezone(timezone(timedelta(hours=-7)))})
    assert fingerprint({"at": noon}) != fingerprint({"at": noon + timedelta(microseconds=1)})


@pytest.mark.parametrize("written", ["8", "8.0", "8.0000", "0.8E1"])
def test_a_decimal_is_the_same_however_it_is_written(written: str) -> None:
    assert fingerprint({"gib": Decimal(written)}) == fingerprint({"gib": Decimal(8)})


def test_a_value_of_a_kind_that_has_no_spelling_is_refused() -> None:
    with pytest.raises(TypeError, match="bytes"):
        fingerprint({"a": b"\x00"})


def test_a_fingerprint_is_the_same_in_every_release_and_process() -> None:
    content = {"size_gib": 8, "created": datetime(2026, 5, 1, tzinfo=UTC), "name": "\u202e\ud800"}

    assert fingerprint(content).hex() == "65d6d93d3a5ef921505778be63e381b3"


@given(contents)
def test_a_document_comes_back_as_it_was_packed(content: dict[str, Any]) -> None:
    assert unpack_raw(pack_raw(content)) == content
    assert unpack_raw(memoryview(pack_raw(content))) == content
