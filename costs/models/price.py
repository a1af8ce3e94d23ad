"""Prices as dated facts: documents, and what each of them says.

Facts are added. Two documents may speak of the same thing; which of them is asked for what is decided by
`costs.price_book` when it reads, so loading an older document can never displace a newer price. Only a list that is
kept up to date from AWS is replaced, by its own successor and in the same transaction. Amounts of another currency than
the US dollar are kept as they are, apart by document, and enter no figure in dollars.
"""

from __future__ import annotations

from datetime import date

from django.db import models

from costs.sources.document import Kind


class PriceDocument(models.Model):
    """One price list of one month, with where it comes from."""

    kind = models.CharField(max_length=32, help_text="A `costs.sources.document.Kind`.")
    month = models.DateField(help_text="The first day of the month for which its prices stand.")
    source = models.CharField(max_length=255)
    licence = models.CharField(max_length=64, blank=True)
    currency = models.CharField(max_length=3, default="USD", help_text="What the amounts of its facts are in.")
    published_on = models.DateField(null=True, help_text="The day of the list, where the document tells it.")
    series = models.CharField(
        max_length=128, blank=True, help_text="What its successor replaces when lists are kept up to date."
    )
    regions = models.JSONField(default=list, help_text="Codes of the regions that it has facts of.")
    facts = models.PositiveIntegerField(default=0, help_text="How many facts it holds.")
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of its facts: the same facts load once.")
    loaded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-month", "-pk"]

    def __str__(self) -> str:
        return f"{self.kind} of {self.month:%Y-%m}"

    @property
    def contents(self) -> str:
        """What it lists, in words."""
        return Kind(self.kind).words

    @property
    def purpose(self) -> str:
        """What its figures are used for, in words."""
        return Kind(self.kind).purpose

    @property
    def stood_on(self) -> date:
        """The day on which its prices stood, or the first one of their month."""
        return self.published_on or self.month


class InstancePrice(models.Model):
    """What one instance type costs when it is paid for in one way: once `upfront_usd`, and `hourly_usd` as listed.

    For a Savings Plan `hourly_usd` is the plan's rate and nothing is upfront: the way of paying says what is paid when.
    For a dedicated host `instance_type` is its family, the tenancy `host` and the usage operation empty.
    """

    document = models.ForeignKey(PriceDocument, on_delete=models.CASCADE, related_name="+", db_index=False)
    region = models.CharField(max_length=32)
    instance_type = models.CharField(max_length=32)
    usage_operation = models.CharField(max_length=32, help_text="What the software is billed as.")
    tenancy = models.CharField(max_length=16)
    way = models.CharField(max_length=64, help_text="Slug of the way of paying.")
    upfront_usd = models.DecimalField(max_digits=12, decimal_places=2)
    # SQLite keeps decimals in eight bytes, which give back 15 digits unchanged: five before the point, ten behind it.
    hourly_usd = models.DecimalField(max_digits=15, decimal_places=10)
    sku = models.CharField(max_length=32, blank=True)
    valid_from = models.DateField(null=True)

    class Meta:
        constraints = [
            # Also the index by which the price book reads: everything about some types in some regions.
            models.UniqueConstraint(
                fields=["region", "instance_type", "usage_operation", "tenancy", "way", "document"],
                name="instance_price_once_per_document",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.instance_type} in {self.region}, {self.way}"


class UnitPrice(models.Model):
    """What one unit of something costs: a GB-month of gp3, a thousand requests."""

    document = models.ForeignKey(PriceDocument, on_delete=models.CASCADE, related_name="+", db_index=False)
    service = models.CharField(max_length=16)
    region = models.CharField(max_length=32)
    item = models.CharField(max_length=64, help_text="Volume type or storage class.")
    dimension = models.CharField(max_length=64)
    unit = models.CharField(max_length=32)
    usd = models.DecimalField(max_digits=15, decimal_places=10)
    rate_code = models.CharField(max_length=64, blank=True)
    valid_from = models.DateField(null=True)

    class Meta:
        constraints = [
            # Also the index by which the price book reads.
            models.UniqueConstraint(
                fields=["service", "region", "item", "dimension", "unit", "document"],
                name="unit_price_once_per_document",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.dimension} in {self.region}"
