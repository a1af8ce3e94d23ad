"""Sums of each snapshot and of each day, for the ruler."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, date
from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Count, Exists, OuterRef, Q, Sum

CHANGES = ("added", "changed", "gone")


def sum_up(apps: Any, schema_editor: Any) -> None:
    """Note what was found before anybody noted it, as `inventory/snapshots/days.py` does from now on."""
    of_day, snapshots, visits = (apps.get_model("inventory", name) for name in ("LedgerDay", "Snapshot", "Visit"))
    first = apps.get_model("inventory", "Freshness").objects.filter(
        account=OuterRef("account"),
        type=OuterRef("type"),
        scope_region=OuterRef("scope_region"),
        first_complete_at=OuterRef("taken_at"),
    )
    days: dict[tuple[int, date], Counter[str]] = defaultdict(Counter)
    for snapshot in snapshots.objects.filter(announced_at__isnull=False).iterator():
        found = visits.objects.filter(snapshot=snapshot).aggregate(
            complete_visits=Count("pk", filter=Q(outcome="complete")),
            incomplete_visits=Count("pk", filter=~Q(outcome="complete")),
            **{name: Sum(name, filter=~Exists(first), default=0) for name in CHANGES},
        )
        snapshots.objects.filter(pk=snapshot.pk).update(**found)
        days[snapshot.account_id, snapshot.taken_at.astimezone(UTC).date()] += Counter(
            snapshots=1,
            incomplete=found["incomplete_visits"] > 0,
            unread=found["complete_visits"] == 0,
            **{name: found[name] for name in CHANGES},
        )
    names = ("snapshots", "incomplete", "unread", *CHANGES)
    of_day.objects.bulk_create(
        (
            of_day(account_id=account_id, day=day, **{name: sums[name] for name in names})
            for (account_id, day), sums in days.items()
        ),
        batch_size=500,
    )


class Migration(migrations.Migration):
    """Pages show when snapshots were taken and what they found, however many there are."""

    dependencies = [
        ("inventory", "0009_commitments"),
    ]

    operations = [
        migrations.CreateModel(
            name="LedgerDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("snapshots", models.PositiveIntegerField()),
                ("incomplete", models.PositiveIntegerField(help_text="Snapshots that could not read every place.")),
                ("unread", models.PositiveIntegerField(help_text="Those among them that read no place at all.")),
                ("added", models.PositiveIntegerField()),
                ("changed", models.PositiveIntegerField()),
                ("gone", models.PositiveIntegerField()),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="inventory.account",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="ledgerday",
            constraint=models.UniqueConstraint(fields=("account", "day"), name="ledger_day_once"),
        ),
        migrations.AlterField(
            model_name="snapshot",
            name="account",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="snapshots",
                to="inventory.account",
            ),
        ),
        migrations.AddField(
            model_name="snapshot",
            name="complete_visits",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="snapshot",
            name="incomplete_visits",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="snapshot",
            name="added",
            field=models.PositiveIntegerField(help_text="Without what a first look at a place found there.", null=True),
        ),
        migrations.AddField(
            model_name="snapshot",
            name="changed",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="snapshot",
            name="gone",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddIndex(
            model_name="snapshot",
            index=models.Index(
                condition=models.Q(("finished_at__isnull", False)),
                fields=["-taken_at"],
                name="snapshot_finished_moment",
            ),
        ),
        migrations.RunPython(sum_up, migrations.RunPython.noop, elidable=True),
    ]
