"""Names of ways of paying with room for those of Savings Plans."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("costs", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="instanceprice",
            name="way",
            field=models.CharField(help_text="Slug of the way of paying.", max_length=64),
        ),
    ]
