"""The grammar of queries: `type:ec2-instance state:running vcpu>=8 -tag:owner cost>50 region:eu-*`.

A query is a row of terms, and what it asks for meets all of them:

    field:value       the value is this one;  field:a,b  any of these;  field=value  is the same as field:value
    field>8           more than;  >= at least;  < less than;  <= at most
    field:eu-*        meets the pattern: * is anything or nothing, and capitals make no difference
    tag:key           has the tag;  tag:key=a,b*  has it with one of these values
    word              the name or the id begins with the word
    -term             the opposite

Quotes keep blanks, commas and asterisks together (`name:"a, b*"`); in them \\" and \\\\ stand for themselves. This
module knows the grammar alone: which fields there are, and what can be asked of them, is for `meaning` to say. Every
term keeps its place, so that an error points at the word.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from inventory.pages.patterns import ANY, escaped, pieces, wildcards

LONGEST = 1000
MOST_TERMS = 40
TAG = "tag"
_FIELD = re.compile(r"[^\W\d]\w*", re.ASCII)
_BARE_LETTERS = re.compile(r"[\w./@+:-]+")


class Fault(StrEnum):
    """What is wrong with a query."""

    SPELLING = "spelling"
    FIELD = "field"
    COMPARISON = "comparison"
    VALUE = "value"
    TOGETHER = "together"


class QueryError(ValueError):
    """A query that cannot be answered: what is wrong, the place of the word, and what could stand there instead.

    `start` and `end` are places in the query's text, as of a slice. `suggestion` is empty if nothing is near.
    """

    def __init__(self, message: str, *, fault: Fault, start: int, end: int, suggestion: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.fault = fault
        self.start = start
        self.end = end
        self.suggestion = suggestion

    def pieces(self, text: str) -> tuple[str, str, str]:
        """The query before, at and after the word that is wrong."""
        end = max(self.end, self.start + 1)
        return text[: self.start], text[self.start : end] or " ", text[end:]

    def corrected(self, text: str) -> str:
        """The query with the suggestion in the place of the word; empty without one."""
        return f"{text[: self.start]}{self.suggestion}{text[self.end :]}" if self.suggestion else ""


class Comparison(StrEnum):
    """How a field and its values are compared."""

    IS = ":"
    AT_LEAST = ">="
    AT_MOST = "<="
    ABOVE = ">"
    BELOW = "<"


@dataclass(frozen=True, kw_only=True)
class Value:
    """One value as a pattern (`inventory.pages.patterns`), and its place."""

    pattern: str
    start: int = dataclasses.field(default=0, compare=False)
    end: int = dataclasses.field(default=0, compare=False)

    @property
    def is_pattern(self) -> bool:
        """Whether it has a wildcard."""
        return wildcards(self.pattern) > 0

    @property
    def text(self) -> str:
        """The value without wildcards, as it is compared when it has none."""
        return "".join(piece for piece in pieces(self.pattern) if piece is not None)


@dataclass(frozen=True, kw_only=True)
class Term:
    """One term. Without a field it is a bare word; a tag without values asks whether the tag is there."""

    is_negated: bool = False
    field: str = ""
    comparison: Comparison = Comparison.IS
    tag: str = ""
    values: tuple[Value, ...] = ()
    start: int = dataclasses.field(default=0, compare=False)
    end: int = dataclasses.field(default=0, compare=False)
    field_start: int = dataclasses.field(default=0, compare=False)

    @property
    def field_end(self) -> int:
        """Where the name of the field ends."""
        return self.field_start + len(self.field)

    def error(self, message: str, fault: Fault) -> QueryError:
        """An error that points at the whole term."""
        return QueryError(message, fault=fault, start=self.start, end=self.end)

    def __str__(self) -> str:
        return f"{'-' if self.is_negated else ''}{self._positive()}"

    def _positive(self) -> str:
        if not self.field:
            return spelled_value(self.values[0].pattern, is_word=True)
        values = ",".join(spelled_value(value.pattern) for value in self.values)
        if self.field == TAG:
            key = spelled_value(escaped(self.tag))
            return f"{TAG}:{key}={values}" if self.values else f"{TAG}:{key}"
        return f"{self.field}{self.comparison}{values}"


def parse(text: str) -> tuple[Term, ...]:
    """The terms of a query, each once; QueryError for what is no query."""
    if len(text) > LONGEST:
        message = f"A query has at most {LONGEST:,} letters."
        raise QueryError(message, fault=Fault.SPELLING, start=LONGEST, end=len(text))
    if "\0" in text:
        place = text.index("\0")
        raise QueryError("A query cannot hold the character NUL.", fault=Fault.SPELLING, start=place, end=place + 1)
    terms = list(_terms(text))
    if len(terms) > MOST_TERMS:
        raise terms[MOST_TERMS].error(f"A query has at most {MOST_TERMS} terms.", Fault.SPELLING)
    return tuple(dict.fromkeys(terms))


def spell(terms: Sequence[Term]) -> str:
    """The query of these terms; parsed again it is the same."""
    return " ".join(str(term) for term in terms)


@dataclass(frozen=True)
class _Letter:
    """One letter with its place; a quoted one has no meaning of its own."""

    letter: str
    place: int
    is_quoted: bool

    def means(self, *letters: str) -> bool:
        return not self.is_quoted and self.letter in letters


def _terms(text: str) -> Iterator[Term]:
    letters: list[_Letter] = []
    start = 0
    for one in [*_letters(text), _Letter(" ", len(text), False)]:
        if one.is_quoted or not one.letter.isspace():
            letters.append(one)
            continue
        if one.place > start:
            yield _term(letters, start, one.place)
        letters, start = [], one.place + 1


def _letters(text: str) -> Iterator[_Letter]:
    """The letters without the quotes around them."""
    opened, place = -1, 0
    while place < len(text):
        letter = text[place]
        if letter == '"':
            opened = place if opened < 0 else -1
        elif opened >= 0 and letter == "\\" and text[place + 1 : place + 2] in ('"', "\\"):
            place += 1
            yield _Letter(text[place], place, True)
        else:
            yield _Letter(letter, place, opened >= 0)
        place += 1
    if opened >= 0:
        message = "This quote is never closed."
        raise QueryError(message, fault=Fault.SPELLING, start=opened, end=len(text))


def _term(letters: list[_Letter], start: int, end: int) -> Term:
    is_negated = bool(letters) and letters[0].means("-")
    if is_negated:
        letters = letters[1:]
        if not letters and end == start + 1:
            message = "Nothing stands after this -. Write -field:value, or quote it to search for it."
            raise QueryError(message, fault=Fault.SPELLING, start=start, end=end)
    first = start + is_negated
    split = next((place for place, one in enumerate(letters) if one.means(*":<>=")), None)
    if split is None:
        return Term(is_negated=is_negated, values=(_word(letters, start, end),), start=start, end=end)
    name = "".join(one.letter for one in letters[:split])
    if any(one.is_quoted for one in letters[:split]) or not _FIELD.fullmatch(name):
        message = "Before a comparison stands the name of a field. To search for this text, write it in quotes."
        raise QueryError(message, fault=Fault.SPELLING, start=first, end=end)
    comparison, begin = _comparison(letters[split:])
    rest = [one for one in letters[split:] if one.place >= begin]
    place = Term(is_negated=is_negated, start=start, end=end, field_start=first)
    if name.lower() == TAG and comparison is Comparison.IS:
        tag, values = _tag(rest, begin, end)
        return replace(place, field=TAG, tag=tag, values=values)
    values = _values(rest, begin, end)
    return replace(place, field=name.lower(), comparison=comparison, values=values)


def _comparison(letters: Sequence[_Letter]) -> tuple[Comparison, int]:
    """The comparison at the beginning of these letters, and where its values begin."""
    first, *others = letters
    if first.means(">", "<"):
        is_equal = bool(others) and others[0].means("=")
        return Comparison(first.letter + "=" * is_equal), first.place + 1 + is_equal
    return Comparison.IS, first.place + 1


def _tag(letters: Sequence[_Letter], begin: int, end: int) -> tuple[str, tuple[Value, ...]]:
    """The key and the values of what stands after `tag:`."""
    equals = next((one.place for one in letters if one.means("=")), None)
    key = [one for one in letters if equals is None or one.place < equals]
    if not key:
        message = "A tag needs a key: write tag:key, or tag:key=value."
        raise QueryError(message, fault=Fault.SPELLING, start=begin, end=end)
    wild = next((one.place for one in key if one.means(ANY)), None)
    if wild is not None:
        message = "The key of a tag stands for itself: * can stand in its values only."
        raise QueryError(message, fault=Fault.SPELLING, start=wild, end=wild + 1)
    values = () if equals is None else _values([one for one in letters if one.place > equals], equals + 1, end)
    return "".join(one.letter for one in key), values


def _values(letters: Sequence[_Letter], begin: int, end: int) -> tuple[Value, ...]:
    """The values between commas."""
    commas = [one.place for one in letters if one.means(",")]
    places = zip([begin, *(place + 1 for place in commas)], [*commas, end], strict=True)
    return tuple(
        _value([one for one in letters if since <= one.place < until], since, until) for since, until in places
    )


def _value(letters: Sequence[_Letter], start: int, end: int) -> Value:
    if start == end:
        message = 'A value is missing here. Write "" for those that have none.'
        raise QueryError(message, fault=Fault.SPELLING, start=max(start - 1, 0), end=end)
    pattern = "".join(ANY if one.means(ANY) else escaped(one.letter) for one in letters)
    return Value(pattern=pattern, start=start, end=end)


def _word(letters: Sequence[_Letter], start: int, end: int) -> Value:
    word = _value(letters, start, end)
    if not word.text.strip():
        message = "There is nothing to search for in this word."
        raise QueryError(message, fault=Fault.SPELLING, start=start, end=end)
    return word


def spelled_value(pattern: str, *, is_word: bool = False) -> str:
    """A pattern as it is written in a query, in quotes where it must be; `is_word` where no field stands before it."""
    parts = list(pieces(pattern)) or [""]
    return "".join(ANY if part is None else _quoted(part, is_word=is_word) for part in parts)


def _quoted(text: str, *, is_word: bool) -> str:
    is_plain = _BARE_LETTERS.fullmatch(text) and not (is_word and (":" in text or text.startswith("-")))
    if is_plain:
        return text
    inner = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inner}"'
