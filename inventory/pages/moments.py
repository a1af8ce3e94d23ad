"""Moments in addresses and in words.

Addresses are UTC. Words are told in the zone that is active, which is the reader's while a page is made and UTC
otherwise (`inventory/pages/reader.py`). They follow one rule on every page: the time for today, "yesterday" with the
time, the date before that, and the year only when it is not this one.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from django.utils import timezone

MINUS = "\N{MINUS SIGN}"
EXAMPLE = "2026-04-01 or 2026-04-01T06:00:00Z"


def parse_moment(text: str) -> datetime:
    """The moment that an ISO 8601 text names; ValueError says what to write instead.

    A date alone is its first second; a time without an offset is UTC.
    """
    # In a query string that somebody typed, the + of an offset has become a space.
    spelled = text.strip()
    if "T" in spelled:
        spelled = spelled.replace(" ", "+")
    try:
        moment = datetime.fromisoformat(spelled)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"“{text}” is not a moment. Write it like {EXAMPLE}; times are UTC.") from None


def parse_past_moment(text: str) -> datetime:
    """As `parse_moment`, and ValueError too for a moment that has not come yet."""
    moment = parse_moment(text)
    if moment > timezone.now():
        raise ValueError(f"“{text}” has not come yet. Write a moment of the past, like {EXAMPLE}, or none for now.")
    return moment


def spell_moment(moment: datetime) -> str:
    """The moment as ISO 8601 with Z, for addresses and exports."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def moment_words(moment: datetime) -> str:
    """A moment where space is short: `05:38`, `yesterday 22:41`, `17 Nov`, `17 Nov 2025`."""
    moment, today = timezone.localtime(moment), timezone.localdate()
    match (today - moment.date()).days:
        case 0:
            return f"{moment:%H:%M}"
        case 1:
            return f"yesterday {moment:%H:%M}"
        case _:
            return date_words(moment)


def exact_moment_words(moment: datetime) -> str:
    """A moment with its time, whatever the day: `05:38`, `yesterday 22:41`, `17 Nov 05:38`, `17 Nov 2025, 05:38`."""
    moment, today = timezone.localtime(moment), timezone.localdate()
    if (today - moment.date()).days in (0, 1):
        return moment_words(moment)
    comma = "" if moment.year == today.year else ","
    return f"{date_words(moment)}{comma} {moment:%H:%M}"


def full_moment_words(moment: datetime) -> str:
    """A moment that stands alone: `17 Nov 2026, 05:38`."""
    moment = timezone.localtime(moment)
    return f"{moment.day} {moment:%b %Y, %H:%M}"


def date_words(day: date) -> str:
    """A day: `17 Nov`, `17 Nov 2025`."""
    words = f"{day.day} {day:%b}"
    return words if day.year == timezone.localdate().year else f"{words} {day.year}"


def zone_words(moment: datetime) -> str:
    """What follows the words of a moment that must not be mistaken: `UTC`, or `CET (04:38 UTC)`.

    A date stands before the time in UTC where it is another one: `JST (17 Nov 22:38 UTC)`.
    """
    told, utc = timezone.localtime(moment), moment.astimezone(UTC)
    offset = told.utcoffset()
    if not offset:
        return "UTC"
    name = told.tzname() or ""
    if not name.isalpha():  # many zones have no letters of their own
        sign, hours, minutes = f"{told:%z}"[0], f"{told:%z}"[1:3], f"{told:%z}"[3:5]
        name = f"UTC{sign.replace('-', MINUS)}{hours}:{minutes}"
    day = "" if told.date() == utc.date() else f"{utc.day} {utc:%b} "
    return f"{name} ({day}{utc:%H:%M} UTC)"


def age_words(age: timedelta) -> str:
    """How long ago, in the largest unit that says enough: `under 1 min`, `4 min`, `12 h`, `3 d`."""
    number, unit = _age(age)
    return f"{number} {unit}" if number else "under 1 min"


def age_letters(age: timedelta) -> str:
    """An age for a narrow cell: `0m`, `4m`, `12h`, `3d`."""
    number, unit = _age(age)
    return f"{number}{unit[0]}"


def _age(age: timedelta) -> tuple[int, str]:
    minutes = max(int(age.total_seconds() // 60), 0)
    if minutes < 120:
        return minutes, "min"
    hours = minutes // 60
    return (hours, "h") if hours < 48 else (hours // 24, "d")
