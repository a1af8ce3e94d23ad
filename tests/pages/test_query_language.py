"""The grammar of queries: what is read is written again as the same, and an error points at the word."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from inventory.models import Account
from inventory.pages.patterns import escaped, is_met
from inventory.pages.query.language import Comparison, Fault, QueryError, Term, Value, parse, spell
from inventory.pages.query.meaning import read_query

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
FIELDS = st.from_regex(r"[a-su-z][a-z0-9_]{0,8}", fullmatch=True)
PATTERNS = st.lists(st.one_of(TEXTS.map(escaped), st.just("*")), max_size=4).map("".join)
VALUES = st.builds(Value, pattern=PATTERNS)
WORDS = VALUES.filter(lambda value: bool(value.text.strip()))
TERMS = st.one_of(
    st.builds(Term, is_negated=st.booleans(), values=WORDS.map(lambda word: (word,))),
    st.builds(
        Term,
        is_negated=st.booleans(),
        field=FIELDS,
        comparison=st.sampled_from(Comparison),
        values=st.lists(VALUES, min_size=1, max_size=3).map(tuple),
    ),
    st.builds(
        Term,
        is_negated=st.booleans(),
        field=st.just("tag"),
        tag=TEXTS.filter(bool),
        values=st.lists(VALUES, max_size=3).map(tuple),
    ),
)


def meaning(terms: tuple[Term, ...]) -> list[tuple[object, ...]]:
    """The terms with each value as the texts that it means: two asterisks in a row are one."""
    return [
        (one.is_negated, one.field, one.comparison, one.tag, [spell((Term(values=(value,)),)) for value in one.values])
        for one in terms
    ]


@given(st.lists(TERMS, max_size=5).map(lambda terms: tuple(dict.fromkeys(terms))))
def test_a_query_that_is_written_and_read_is_the_same(terms: tuple[Term, ...]):
    assert meaning(parse(spell(terms))) == list({str(one): one for one in meaning(terms)}.values())


def read(text: str) -> tuple[Term, ...] | QueryError:
    """The terms, or why there are none."""
    try:
        return parse(text)
    except QueryError as error:
        return error


@given(st.text(max_size=60))
@example('type:a -tag:"x y"=1,2* cost>=5 "a:b" name:""')
@example('a"b c"d*')
def test_any_text_is_a_query_or_an_error_inside_of_it(text: str):
    found = read(text)

    if isinstance(found, QueryError):
        assert 0 <= found.start <= found.end <= len(text)
    else:
        assert parse(spell(found)) == found


@given(PATTERNS, TEXTS)
def test_a_pattern_that_was_escaped_is_met_by_its_text_alone(pattern: str, text: str):
    assert is_met(escaped(text), text)
    assert is_met(f"{pattern}*", "") is (pattern.strip("*") == "")


@pytest.mark.parametrize(
    ("text", "word", "fault", "says"),
    [
        ("type:ec2-instance sate:running", "sate", Fault.FIELD, "state"),
        ("vcpus>=8", "vcpus", Fault.FIELD, "vcpu"),
        ("colour_of_the_sky:blue", "colour_of_the_sky", Fault.FIELD, "quotes"),
        ("state:running vcpu:many", "many", Fault.VALUE, "whole number"),
        ("type:ec2-instnce vcpu:2", "ec2-instnce", Fault.VALUE, "ec2-instance"),
        ("type:s3-bucket vcpu>2", "vcpu", Fault.TOGETHER, "EC2 instances"),
        ("type:s3-bucket type:ebs-volume", "type:ebs-volume", Fault.TOGETHER, "two types"),
        ("state>running", "state>running", Fault.COMPARISON, "state:value"),
        ("encrypted>true", "encrypted>true", Fault.COMPARISON, "encrypted:true"),
        ("vcpu:1*", "vcpu:1*", Fault.COMPARISON, "no text"),
        ("state:running -state:x state:stopped", "state:stopped", Fault.TOGETHER, "state:a,b"),
        ("tag:a=1 tag:a=2", "tag:a=2", Fault.TOGETHER, "tag:a=a,b"),
        ("state:run*,unknown", "state:run*,unknown", Fault.VALUE, "unknown"),
        ("web account:zephyr", "zephyr", Fault.VALUE, "There is no account"),
        ("account:acmee", "acmee", Fault.VALUE, "Did you mean acme"),
        ("encrypted:ture", "ture", Fault.VALUE, "Did you mean true?"),
        ("tag>3", "tag>3", Fault.COMPARISON, "tag:key"),
        ("vcpu>1,2", "vcpu>1,2", Fault.VALUE, "one value"),
        ("cost:none", "none", Fault.VALUE, "number"),
        ('name:"never closed', '"never closed', Fault.SPELLING, "quote"),
        ("state: x", ":", Fault.SPELLING, '""'),
        ("arn-of:x", "arn-of:x", Fault.SPELLING, "quotes"),
        ("a -", "-", Fault.SPELLING, "Nothing stands"),
        ("tag:a*=b", "*", Fault.SPELLING, "key of a tag"),
        ("name:*a*b*c*d*e*f", "*a*b*c*d*e*f", Fault.VALUE, "too many"),
    ],
)
def test_an_error_points_at_the_word_and_says_what_could_stand_there(text: str, word: str, fault: Fault, says: str):
    with pytest.raises(QueryError) as error:
        read_query(text, [Account(name="acme", account_id="111122223333")], None)

    assert text[error.value.start : error.value.end] == word
    assert (error.value.fault, says in error.value.message) == (fault, True)


def test_a_suggestion_makes_a_query_that_can_be_read():
    with pytest.raises(QueryError) as error:
        read_query("type:ec2-instance sate:running", [], None)

    assert error.value.corrected("type:ec2-instance sate:running") == "type:ec2-instance state:running"


def test_long_queries_are_refused_where_they_become_too_long():
    with pytest.raises(QueryError, match="1,000 letters") as too_long:
        parse("a" * 1001)
    with pytest.raises(QueryError, match="40 terms") as too_many:
        parse(" ".join(f"word{number}" for number in range(41)))

    assert (too_long.value.start, too_many.value.start) == (1000, len(" ".join(f"word{one}" for one in range(40))) + 1)
