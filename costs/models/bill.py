"""What AWS billed: one bill for each source, billing account and month, and its lines added up.

A bill is replaced whole by a newer version of itself. Its lines are sums by usage account, service, region, kind of
charge, currency and day or month, and by resource and chosen tags where whoever loaded it wanted them.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import models

PLACES = 10


if TYPE_CHECKING:
    _Whole = models.BigIntegerField[Decimal, Decimal]
else:
    _Whole = models.BigIntegerField


class Amount(_Whole):
    """Money as a Decimal to the ten-billionth, kept as a whole number of them.

    SQLite keeps decimals in eight bytes, of which 15 digits are exact, and adds them up in binary. Whole numbers are
    exact in both databases, and so are their sums, up to 922 million.
    """

    if TYPE_CHECKING:
        _pyi_private_set_type: Decimal  # type: ignore[assignment]
        _pyi_private_get_type: Decimal  # type: ignore[assignment]

    def get_prep_value(self, value: Any) -> int | None:
        """A Decimal as a whole number; ValueError where it is finer than a ten-billionth."""
        if value is None:
            return None
        units = Decimal(value).scaleb(PLACES)
        if units != int(units):
            raise ValueError(f"{value} is finer than {PLACES} decimals.")
        return int(units)

    def from_db_value(self, value: Any, *_: Any) -> Decimal | None:
        """The Decimal again."""
        return None if value is None else Decimal(int(value)).scaleb(-PLACES)

    def to_python(self, value: Any) -> Decimal | None:
        """What forms and fixtures give."""
        return None if value is None else Decimal(value)


class BillSource(models.TextChoices):
    """Where a bill comes from."""

    CUR = "cur-2.0", "CUR 2.0"
    FOCUS = "focus-1.0", "FOCUS 1.0"


class Bill(models.Model):
    """What one billing account was billed for one month, as one source tells it."""

    source = models.CharField(max_length=16, choices=BillSource.choices)
    billing_account = models.CharField(max_length=12, help_text="The account that pays, by its 12 digits.")
    month = models.DateField(help_text="The first day of the billing period.")
    charged_from = models.DateTimeField(help_text="When the earliest charge of use begins.")
    charged_until = models.DateTimeField(help_text="When the latest charge of use ends: a month may not be over.")
    by_day = models.BooleanField(help_text="Whether its lines are sums of days; otherwise of the month.")
    has_resources = models.BooleanField(default=False, help_text="Whether its lines name resources.")
    tags = models.JSONField(default=list, help_text="The keys of the tags that its lines keep.")
    files = models.JSONField(default=list, help_text="The names of the files that it was read from.")
    charges = models.PositiveBigIntegerField(help_text="How many charges it was added up from.")
    skipped = models.JSONField(default=dict, help_text="Charges that were not taken: how many, by the reason.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of its lines: the same bill loads once.")
    loaded_at = models.DateTimeField()

    class Meta:
        ordering = ["-month", "billing_account"]
        constraints = [
            # Also the index by which pages find the bills of a month.
            models.UniqueConstraint(fields=["month", "billing_account"], name="bill_once"),
        ]

    def __str__(self) -> str:
        return f"{self.billing_account} in {self.month:%Y-%m}"


class BillLine(models.Model):
    """Charges that have everything in common that is kept, added up."""

    bill = models.ForeignKey(Bill, on_delete=models.CASCADE, related_name="lines", db_index=False)
    usage_account = models.CharField(max_length=12, help_text="The account that it was charged for, by its digits.")
    day = models.DateField(help_text="The day of the charges, or the first day of the month.")
    service = models.CharField(max_length=128, help_text="By AWS's own code or name.")
    region = models.CharField(max_length=64, blank=True, help_text="Empty where a charge names none.")
    resource_id = models.CharField(max_length=2048, blank=True)
    tags = models.TextField(blank=True, help_text="JSON of the chosen tags, keys in order; empty where it has none.")
    kind = models.CharField(max_length=16, help_text="A `costs.bills.charge.ChargeKind`.")
    estimated_as = models.CharField(
        max_length=16, blank=True, help_text="What our list-price estimate counts such use as; empty: as nothing."
    )
    currency = models.CharField(max_length=3)
    billed = Amount()
    listed = Amount(help_text="AWS's own list price of the use, as far as it is told.")
    charges = models.PositiveBigIntegerField()
    unlisted = models.PositiveBigIntegerField(default=0, help_text="Charges of use whose list price is not told.")

    class Meta:
        indexes = [
            # The page: the lines of some bills, for the accounts that a user may see.
            models.Index(fields=["bill", "usage_account"], name="bill_line_account"),
        ]

    def __str__(self) -> str:
        return f"{self.service} for {self.usage_account}"
