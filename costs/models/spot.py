"""Spot prices zone by zone, and how often spot capacity is taken back."""

from __future__ import annotations

from django.db import models

from costs.models.price import PriceDocument


class SpotPrice(models.Model):
    """What spot capacity of one type and software cost in one zone between two moments."""

    document = models.ForeignKey(PriceDocument, on_delete=models.CASCADE, related_name="+", db_index=False)
    region = models.CharField(max_length=32)
    zone = models.CharField(max_length=32, help_text="The zone's name, which means another zone in each account.")
    zone_id = models.CharField(max_length=32, blank=True, help_text="The same zone in every account.")
    instance_type = models.CharField(max_length=32)
    usage_operation = models.CharField(max_length=32)
    latest_usd = models.DecimalField(max_digits=15, decimal_places=10)
    mean_usd = models.DecimalField(max_digits=15, decimal_places=10, help_text="Weighted by time.")
    highest_usd = models.DecimalField(max_digits=15, decimal_places=10)
    window_from = models.DateTimeField()
    window_to = models.DateTimeField()

    class Meta:
        constraints = [
            # Also the index by which it is read: the zones of some types in some regions.
            models.UniqueConstraint(
                fields=["region", "instance_type", "usage_operation", "zone", "zone_id", "document"],
                name="spot_price_once_per_document",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.instance_type} in {self.zone}"


class SpotAdvice(models.Model):
    """How often AWS takes back spot capacity of one type, and what it saves on average over a month."""

    BANDS = ("under 5 %", "5 to 10 %", "10 to 15 %", "15 to 20 %", "over 20 %")

    document = models.ForeignKey(PriceDocument, on_delete=models.CASCADE, related_name="+", db_index=False)
    region = models.CharField(max_length=32)
    operating_system = models.CharField(max_length=16, help_text="`linux` or `windows`.")
    instance_type = models.CharField(max_length=32)
    band = models.PositiveSmallIntegerField(help_text="Interruptions a month, as an index of `BANDS`.")
    saving_percent = models.PositiveSmallIntegerField(help_text="Against on-demand, over 30 days.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region", "instance_type", "operating_system", "document"],
                name="spot_advice_once_per_document",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.instance_type} in {self.region}: {self.words}"

    @property
    def words(self) -> str:
        """The band as AWS labels it."""
        return self.BANDS[self.band]
