"""The values of answers and how they are spelled.

A moment is ISO 8601 in UTC with Z. A decimal number is text, because JSON's numbers are floats to many readers; money
has its currency and unit beside it. What is not known is null, and says why; it is never 0.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from inventory.models import Account
from inventory.pages.extensions import Figure
from inventory.pages.formats import plain
from inventory.pages.unread import Unread as Entry

DOLLARS = "$ a "

Moment = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
DecimalText = Annotated[str, WithJsonSchema({"type": "string", "pattern": r"^-?\d+(\.\d+)?$"})]


class Answer(BaseModel):
    """An object of an answer: exactly the fields that it declares."""

    model_config = ConfigDict(extra="forbid", protected_namespaces=())


class Money(Answer):
    """An amount, or why there is none."""

    amount: DecimalText | None = Field(description="Null means unknown.")
    currency: str | None = Field(description="ISO 4217; null for a figure that is no money.")
    unit: str = Field(description="What the amount is for: month means 730 hours, or one month.")
    reason: str = Field(description="Why the amount is unknown, or what it leaves out; empty if it is whole.")
    note: str = Field(description="What it rests on, such as the month of the price list.")
    unknown_count: int = Field(description="How many things the amount leaves out, because they have no price.")


class AccountName(Answer):
    """An AWS account as other objects name it."""

    account_id: str | None = Field(description="Its 12 digits; null while its identity is not confirmed.")
    name: str


class Unread(Answer):
    """Something that could not be read, or not entirely: what is shown of it may be old or missing."""

    account: AccountName
    regions: list[str]
    types: list[str]
    what: str = Field(description="How the latest look ended, or what is the matter.")
    since: Moment | None
    read_at: Moment | None = Field(description="The moment of what is shown instead; null: some was never read.")
    reason: str
    actions: list[str] = Field(description="The IAM actions to grant, where AWS refused one.")


def moment(when: datetime | None) -> str | None:
    """The moment as it is spelled."""
    return None if when is None else exact(when)


def exact(when: datetime) -> str:
    """The same for one that is there."""
    spelled: str = plain(when)
    return spelled


def money(figure: Figure, unit: str) -> Money:
    """A figure of an extension; its unit is written as pages say it, like “$ a month”."""
    is_money = unit.startswith(DOLLARS)
    is_partial = figure.value is None or figure.unknown_count
    return Money(
        amount=plain(figure.value),
        currency="USD" if is_money else None,
        unit=unit.removeprefix(DOLLARS),
        reason=figure.reason if is_partial else "",
        note=figure.note,
        unknown_count=figure.unknown_count,
    )


def account_name(account: Account) -> AccountName:
    """The account as other objects name it."""
    return AccountName(account_id=account.account_id, name=account.name)


def unread(entries: Iterable[Entry]) -> list[Unread]:
    """What could not be read, the worst first."""
    return [
        Unread(
            account=account_name(entry.account),
            regions=list(entry.regions),
            types=list(entry.types),
            what=entry.word,
            since=moment(entry.since),
            read_at=moment(entry.read_at),
            reason=entry.reason,
            actions=list(entry.actions),
        )
        for entry in entries
    ]
