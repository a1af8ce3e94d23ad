"""When each user was here last."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Home and Changes say what is new since then."""

    dependencies = [
        ("inventory", "0005_saved_views"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LastVisit",
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
                    "seen_at",
                    models.DateTimeField(help_text="The newest page of this visit, or up to five minutes before it."),
                ),
                (
                    "before",
                    models.DateTimeField(
                        help_text="When the visit before this one ended; NULL: there was none.", null=True
                    ),
                ),
            ],
        ),
    ]
