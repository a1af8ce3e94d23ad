"""What a reading means beside what is known, as a pure question, and for whatever readings may come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from inventory.registry import LinkTo, Reading
from inventory.resource_types.ebs_volume import EbsVolume
from inventory.snapshots.compare import Amended, Changed, Known, Same, compare, first_seen, keep_unread
from inventory.snapshots.content import Content, content_of_reading

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
FIELDS = ("state", "size_gib", "encrypted")
PARTS = (*FIELDS, "tags", "attachments")

Values = dict[str, Any]


def content(values: Values) -> Content:
    """Content in which every part has one value: for tags the value of a tag, for links the target."""
    read = Reading(
        native_id="vol-1",
        name="",
        region="eu-west-1",
        tags={"tag": str(values["tags"])} if values.get("tags") is not None else {},
        fields={field: values.get(field) for field in FIELDS},
        links=tuple(LinkTo(role="attachments", target=target) for target in values.get("attachments") or ()),
        incarnation=values.get("incarnation", ""),
    )
    return content_of_reading(EbsVolume, read)


def unread(values: Values, parts: frozenset[str]) -> Content:
    """What a reader hands over when it could not read some parts: nothing for them."""
    return content({name: value for name, value in values.items() if name not in parts})


states = st.fixed_dictionaries(
    {
        "state": st.sampled_from([None, "in-use", "available"]),
        "size_gib": st.sampled_from([None, 0, 8]),
        "encrypted": st.sampled_from([None, True, False]),
        "tags": st.sampled_from([None, "", "a"]),
        "attachments": st.lists(st.sampled_from(["i-1", "i-2", "i-3"]), max_size=4),
    }
)
some_parts = st.frozensets(st.sampled_from(PARTS))


def normal(values: Values) -> Values:
    """The values as a model of the world holds them: links have no order."""
    return {**values, "attachments": frozenset(values["attachments"])}


def shown(known: Content) -> Values:
    """The values that content shows, spelled as in the model."""
    return {
        **{field: known.fields[field] for field in FIELDS},
        "tags": known.tags.get("tag"),
        "attachments": frozenset(link.target for link in known.links),
    }


def test_the_same_is_the_same() -> None:
    here = content({"size_gib": 8})

    assert compare(here, frozenset(), Known(content=here), NOON) == Same()


def test_null_false_and_zero_are_three_values() -> None:
    digests = {content({"size_gib": size, "encrypted": flag}).digest() for size in (None, 0) for flag in (None, False)}

    assert len(digests) == 4


def test_a_unit_of_another_spelling_is_the_same_value() -> None:
    assert content({"size_gib": 8}).digest() == content({"size_gib": "8"}).digest()


@given(states, some_parts)
def test_seeing_it_again_is_the_same(values: Values, parts: frozenset[str]) -> None:
    read = unread(values, parts)
    known = first_seen(read, parts)

    assert compare(read, parts, known, NOON) == Same()


@given(states, some_parts)
def test_turning_unknown_is_never_a_change_and_keeps_every_value(values: Values, parts: frozenset[str]) -> None:
    known = Known(content=content(values))

    match compare(unread(values, parts), parts, known, NOON):
        case Amended(content=kept, unknown=unknown, content_differs=differs):
            assert kept.digest() == known.content.digest()
            assert unknown == dict.fromkeys(sorted(parts), NOON.isoformat())
            assert not differs
        case Same():
            assert not parts
        case Changed():
            raise AssertionError("turning unknown looked like a change")


@given(states, states, some_parts)
def test_becoming_known_for_the_first_time_is_no_change(before: Values, after: Values, parts: frozenset[str]) -> None:
    known = first_seen(unread(before, parts), parts)
    now = {name: after[name] if name in parts else before[name] for name in PARTS}

    match compare(content(now), frozenset(), known, NOON):
        case Amended(content=filled, unknown=unknown):
            assert shown(filled) == normal(now)
            assert unknown == {}
        case Same():
            assert not parts
        case Changed():
            raise AssertionError("becoming known looked like a change")


@given(states, states, some_parts, some_parts)
def test_what_was_decided_is_stable(
    before: Values, after: Values, parts_before: frozenset[str], parts_after: frozenset[str]
) -> None:
    known = first_seen(unread(before, parts_before), parts_before)
    read = unread(after, parts_after)
    match compare(read, parts_after, known, NOON):
        case Changed(content=found, unknown=unknown) | Amended(content=found, unknown=unknown):
            known = Known(content=found, unknown=unknown)

    assert compare(read, parts_after, known, NOON + HOUR) == Same()


@given(st.lists(st.tuples(states, some_parts), min_size=1, max_size=8))
def test_any_course_of_readings_shows_the_last_known_values_and_changes_when_one_differs(
    course: Sequence[tuple[Values, frozenset[str]]],
) -> None:
    values, parts = course[0]
    known = first_seen(unread(values, parts), parts)
    last_known = {name: value for name, value in normal(values).items() if name not in parts}
    unknown_since: dict[str, str | None] = dict.fromkeys(parts)

    for hour, (values, parts) in enumerate(course[1:], start=1):
        now = NOON + hour * HOUR
        read = {name: value for name, value in normal(values).items() if name not in parts}
        differs = any(name in last_known and last_known[name] != value for name, value in read.items())
        last_known |= read
        unknown_since = {part: unknown_since.get(part, now.isoformat()) for part in parts}

        found = compare(unread(values, parts), parts, known, now)

        assert isinstance(found, Changed) is differs
        if not isinstance(found, Same):
            known = Known(content=found.content, unknown=found.unknown)
        assert dict(known.unknown) == unknown_since
        never: Values = {"attachments": frozenset()}
        assert shown(known.content) == {name: last_known.get(name, never.get(name)) for name in PARTS}


@given(states, st.randoms())
def test_no_order_counts(values: Values, random: Any) -> None:
    shuffled = {**values, "attachments": random.sample(values["attachments"], len(values["attachments"]))}

    assert content(shuffled).digest() == content(values).digest()


@given(states, states)
def test_two_contents_have_one_fingerprint_if_and_only_if_they_are_equal(one: Values, other: Values) -> None:
    assert (content(one).digest() == content(other).digest()) is (normal(one) == normal(other))


@given(states, states, some_parts)
def test_a_recreated_resource_takes_nothing_over(before: Values, after: Values, parts: frozenset[str]) -> None:
    known = Known(content=content({**before, "incarnation": "2025"}))

    found = compare(unread({**after, "incarnation": "2026"}, parts), parts, known, NOON)

    assert isinstance(found, Changed)
    assert found.unknown == dict.fromkeys(sorted(parts))
    assert shown(found.content) == shown(unread(after, parts))


def test_a_reading_that_does_not_tell_the_incarnation_is_no_other_resource() -> None:
    known = Known(content=content({"size_gib": 8, "incarnation": "2025"}))

    found = compare(content({"state": "in-use"}), frozenset({"size_gib"}), known, NOON)

    assert isinstance(found, Changed)
    assert found.content.fields["size_gib"] == 8


@given(states, some_parts)
def test_since_is_the_first_moment_and_never_moves(values: Values, parts: frozenset[str]) -> None:
    known = keep_unread(unread(values, parts), parts, Known(content=content(values)), NOON)

    later = keep_unread(unread(values, parts), parts, known, NOON + HOUR)

    assert later.unknown == known.unknown
