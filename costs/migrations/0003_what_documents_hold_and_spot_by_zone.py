"""Documents say what they hold: currency, day, regions, number of facts; spot prices by zone, and advice about spot."""

from __future__ import annotations

from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def count_facts(apps: Any, _: Any) -> None:
    """Let the documents that are there already say what they hold."""
    tables = [apps.get_model("costs", name) for name in ("InstancePrice", "UnitPrice")]
    for document in apps.get_model("costs", "PriceDocument").objects.all():
        facts = [table.objects.filter(document=document) for table in tables]
        document.facts = sum(some.count() for some in facts)
        document.regions = sorted(
            {region for some in facts for region in some.values_list("region", flat=True).distinct()}
        )
        document.save(update_fields=["facts", "regions"])


class Migration(migrations.Migration):
    dependencies = [
        ("costs", "0002_longer_names_of_ways"),
    ]

    operations = [
        migrations.AddField(
            model_name="instanceprice",
            name="valid_from",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="pricedocument",
            name="currency",
            field=models.CharField(default="USD", help_text="What the amounts of its facts are in.", max_length=3),
        ),
        migrations.AddField(
            model_name="pricedocument",
            name="facts",
            field=models.PositiveIntegerField(default=0, help_text="How many facts it holds."),
        ),
        migrations.AddField(
            model_name="pricedocument",
            name="published_on",
            field=models.DateField(help_text="The day of the list, where the document tells it.", null=True),
        ),
        migrations.AddField(
            model_name="pricedocument",
            name="regions",
            field=models.JSONField(default=list, help_text="Codes of the regions that it has facts of."),
        ),
        migrations.AddField(
            model_name="pricedocument",
            name="series",
            field=models.CharField(
                blank=True, help_text="What its successor replaces when lists are kept up to date.", max_length=128
            ),
        ),
        migrations.RunPython(count_facts, migrations.RunPython.noop, elidable=True),
        migrations.AddField(
            model_name="unitprice",
            name="valid_from",
            field=models.DateField(null=True),
        ),
        migrations.CreateModel(
            name="SpotAdvice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("region", models.CharField(max_length=32)),
                ("operating_system", models.CharField(help_text="`linux` or `windows`.", max_length=16)),
                ("instance_type", models.CharField(max_length=32)),
                ("band", models.PositiveSmallIntegerField(help_text="Interruptions a month, as an index of `BANDS`.")),
                ("saving_percent", models.PositiveSmallIntegerField(help_text="Against on-demand, over 30 days.")),
                (
                    "document",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="costs.pricedocument",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("region", "instance_type", "operating_system", "document"),
                        name="spot_advice_once_per_document",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SpotPrice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("region", models.CharField(max_length=32)),
                (
                    "zone",
                    models.CharField(
                        help_text="The zone's name, which means another zone in each account.", max_length=32
                    ),
                ),
                ("zone_id", models.CharField(blank=True, help_text="The same zone in every account.", max_length=32)),
                ("instance_type", models.CharField(max_length=32)),
                ("usage_operation", models.CharField(max_length=32)),
                ("latest_usd", models.DecimalField(decimal_places=10, max_digits=15)),
                ("mean_usd", models.DecimalField(decimal_places=10, help_text="Weighted by time.", max_digits=15)),
                ("highest_usd", models.DecimalField(decimal_places=10, max_digits=15)),
                ("window_from", models.DateTimeField()),
                ("window_to", models.DateTimeField()),
                (
                    "document",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="costs.pricedocument",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("region", "instance_type", "usage_operation", "zone", "zone_id", "document"),
                        name="spot_price_once_per_document",
                    )
                ],
            },
        ),
    ]
