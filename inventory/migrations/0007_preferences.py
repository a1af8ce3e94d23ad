"""What each user chose about how pages behave."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Times in a zone of the reader's choice, and single keys that can be switched off."""

    dependencies = [
        ("inventory", "0006_last_visits"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Preferences",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "time_zone",
                    models.CharField(
                        help_text="A name of the tz database; NULL: none was chosen, and times are UTC.",
                        max_length=64,
                        null=True,
                    ),
                ),
                (
                    "has_single_keys",
                    models.BooleanField(default=True, help_text="Whether single keys do something (WCAG 2.1.4)."),
                ),
            ],
        ),
    ]
