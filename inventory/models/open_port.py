"""Open ports as last worked out for each account."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from inventory.history.period import VisibleQuerySet


class OpenPort(models.Model):
    """One opening of one security group now, worked out from the ledger after a snapshot.

    It serves the counts on pages that show many regions. It may be older than the ledger by the time that a snapshot
    takes to finish; whoever needs the ports of this very moment, or of a past one, works them out from the ledger.
    """

    account = models.ForeignKey("inventory.Account", on_delete=models.CASCADE, related_name="+")
    region = models.CharField(max_length=32)
    group_id = models.CharField(max_length=64, help_text="AWS's id of the security group.")
    direction = models.CharField(max_length=8)
    protocol = models.CharField(max_length=16, help_text="-1 means every protocol.")
    from_port = models.PositiveIntegerField(null=True, help_text="NULL for protocols without ports.")
    to_port = models.PositiveIntegerField(null=True)
    family = models.CharField(max_length=4, null=True, help_text="NULL for groups and prefix lists as sources.")
    sources = models.JSONField(help_text="The fewest ranges, or the ids of groups and prefix lists.")
    rule_ids = models.JSONField()
    service = models.CharField(max_length=128, null=True)
    severity = models.CharField(max_length=8, null=True, help_text="NULL: outbound, private, narrow or from a group.")
    is_world = models.BooleanField(help_text="Whether the whole public internet is let in (or may be spoken to).")

    objects = VisibleQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["account", "region", "group_id"], name="open_port_group"),
            # Home and the region pages count these.
            models.Index(fields=["account", "region", "severity"], condition=Q(is_world=True), name="open_port_world"),
        ]

    def __str__(self) -> str:
        ports = "" if self.from_port is None else f" {self.from_port}-{self.to_port}"
        return f"{self.protocol}{ports} of {self.group_id}"
