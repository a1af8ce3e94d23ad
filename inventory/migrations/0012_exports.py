"""What is told of exports that take long."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """A row for each export while it runs, and for a day after."""

    dependencies = [
        ("inventory", "0011_measurements"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Export",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("what", models.TextField(help_text="The list in words.")),
                ("file_name", models.CharField(max_length=200)),
                ("rows", models.PositiveBigIntegerField(help_text="How many were read so far.")),
                (
                    "total",
                    models.PositiveBigIntegerField(
                        help_text="How many there are; NULL: not counted in time.", null=True
                    ),
                ),
                ("begun_at", models.DateTimeField()),
                ("told_at", models.DateTimeField(help_text="When its process last said how far it is.")),
                ("outcome", models.CharField(default="running", help_text="One of ExportOutcome.", max_length=16)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
    ]
