"""Price lists that are kept up to date."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("costs", "0003_what_documents_hold_and_spot_by_zone"),
    ]

    operations = [
        migrations.CreateModel(
            name="PriceFeed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("series", models.CharField(help_text="`AmazonEC2/eu-west-1`.", max_length=128, unique=True)),
                (
                    "path",
                    models.CharField(
                        blank=True,
                        help_text="The file that was loaded; AWS gives each version a path of its own.",
                        max_length=255,
                    ),
                ),
                ("next_due_at", models.DateTimeField(null=True)),
                ("checked_at", models.DateTimeField(null=True)),
                ("loaded_at", models.DateTimeField(null=True)),
                (
                    "problem",
                    models.CharField(blank=True, help_text="Why the last look brought nothing new.", max_length=255),
                ),
            ],
            options={
                "ordering": ["series"],
            },
        ),
    ]
