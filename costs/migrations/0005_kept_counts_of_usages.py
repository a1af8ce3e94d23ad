"""How many resources there are of each usage, kept beside the ledger."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("costs", "0004_price_feeds"),
        ("inventory", "0011_measurements"),
    ]

    operations = [
        migrations.CreateModel(
            name="UsageTally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("type", models.CharField(max_length=64)),
                ("looks", models.JSONField(help_text="The latest complete visit of each scope, by its key, in order.")),
                ("fields", models.JSONField(help_text="The columns that the values of a usage come from.")),
                ("usages", models.JSONField(help_text="For each usage the number of resources and its values.")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="inventory.account"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "usage tallies",
                "constraints": [models.UniqueConstraint(fields=["account", "type"], name="usage_tally_once")],
            },
        ),
    ]
