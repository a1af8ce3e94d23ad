"""EBS snapshots that an account owns."""

from __future__ import annotations

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models


class Migration(migrations.Migration):
    """A table like those of the other types; nothing is in it until the next snapshot."""

    dependencies = [
        ("inventory", "0016_cost_explorer"),
    ]

    operations = [
        migrations.CreateModel(
            name="EbsSnapshot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("valid_from", models.DateTimeField(null=True)),
                ("valid_to", models.DateTimeField(null=True)),
                ("staged_by", models.BigIntegerField(null=True)),
                ("region", models.CharField(help_text="The resource's own region.", max_length=32, null=True)),
                ("name", models.CharField(blank=True, default="", max_length=1024)),
                (
                    "incarnation",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="Tells a recreated resource of the same name apart: its creation date or AWS's unique id.",
                        max_length=128,
                    ),
                ),
                ("fingerprint", models.BinaryField(max_length=16)),
                (
                    "unknown",
                    models.JSONField(
                        default=dict,
                        help_text="Unread field, link role or `tags` to ISO moment since when; null: never read.",
                    ),
                ),
                ("reading_version", models.PositiveSmallIntegerField(default=1)),
                (
                    "raw",
                    models.BinaryField(help_text="The documents it was read from, by AWS operation: JSON, deflated."),
                ),
                ("state", models.CharField(max_length=16, null=True)),
                ("size_gib", models.PositiveIntegerField(null=True)),
                ("full_size_bytes", models.PositiveBigIntegerField(null=True)),
                ("encrypted", models.BooleanField(null=True)),
                ("kms_key", models.CharField(max_length=2048, null=True)),
                ("is_public", models.BooleanField(null=True)),
                ("storage_tier", models.CharField(max_length=16, null=True)),
                ("volume_id", models.CharField(max_length=64, null=True)),
                ("image_id", models.CharField(max_length=64, null=True)),
                ("description", models.CharField(max_length=255, null=True)),
                ("progress", models.CharField(max_length=8, null=True)),
                ("started", models.DateTimeField(null=True)),
                ("completed", models.DateTimeField(null=True)),
                ("restore_expires", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="inventory.account"
                    ),
                ),
                (
                    "resource",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="inventory.resource"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "default_manager_name": "revisions",
                "indexes": [
                    models.Index(fields=["account", "valid_to", "valid_from"], name="ebssnapshot_moment"),
                    models.Index(
                        condition=models.Q(("staged_by__isnull", False)),
                        fields=["staged_by"],
                        name="ebssnapshot_staged",
                    ),
                    models.Index(fields=["resource", "valid_from"], name="ebssnapshot_periods"),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["region", "resource"],
                        name="ebssnapshot_region_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["account", "region"],
                        name="ebssnapshot_account_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["name", "resource"],
                        name="ebssnapshot_name_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["state", "resource"],
                        name="ebssnapshot_state_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["size_gib", "resource"],
                        name="ebssnapshot_size_gib_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["encrypted", "resource"],
                        name="ebssnapshot_encrypted_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["is_public", "resource"],
                        name="ebssnapshot_is_public_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["storage_tier", "resource"],
                        name="ebssnapshot_storage_tier_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["volume_id", "resource"],
                        name="ebssnapshot_volume_id_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["image_id", "resource"],
                        name="ebssnapshot_image_id_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["started", "resource"],
                        name="ebssnapshot_started_open",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=("resource",),
                        name="ebssnapshot_one_open",
                    )
                ],
            },
            managers=[
                ("revisions", django.db.models.manager.Manager()),
            ],
        ),
    ]
