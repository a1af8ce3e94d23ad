"""Machine images: an account's own, and those that its instances use."""

from __future__ import annotations

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models


class Migration(migrations.Migration):
    """A table like those of the other types; nothing is in it until the next snapshot."""

    dependencies = [
        ("inventory", "0017_ebs_snapshot"),
    ]

    operations = [
        migrations.CreateModel(
            name="Image",
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
                ("is_own", models.BooleanField(null=True)),
                ("is_public", models.BooleanField(null=True)),
                ("owner_id", models.CharField(max_length=12, null=True)),
                ("owner_alias", models.CharField(max_length=32, null=True)),
                ("description", models.CharField(max_length=255, null=True)),
                ("platform_details", models.CharField(max_length=255, null=True)),
                ("usage_operation", models.CharField(max_length=32, null=True)),
                ("architecture", models.CharField(max_length=16, null=True)),
                ("virtualization_type", models.CharField(max_length=16, null=True)),
                ("boot_mode", models.CharField(max_length=16, null=True)),
                ("imds_support", models.CharField(max_length=8, null=True)),
                ("root_device_type", models.CharField(max_length=16, null=True)),
                ("root_device_name", models.CharField(max_length=32, null=True)),
                ("size_gib", models.PositiveIntegerField(null=True)),
                ("created", models.DateTimeField(null=True)),
                ("deprecated_at", models.DateTimeField(null=True)),
                ("last_launched_at", models.DateTimeField(null=True)),
                ("deregistration_protection", models.CharField(max_length=64, null=True)),
                ("source_instance_id", models.CharField(max_length=64, null=True)),
                ("source_image_id", models.CharField(max_length=64, null=True)),
                ("source_image_region", models.CharField(max_length=32, null=True)),
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
                    models.Index(fields=["account", "valid_to", "valid_from"], name="image_moment"),
                    models.Index(
                        condition=models.Q(("staged_by__isnull", False)), fields=["staged_by"], name="image_staged"
                    ),
                    models.Index(fields=["resource", "valid_from"], name="image_periods"),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["region", "resource"],
                        name="image_region_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["account", "region"],
                        name="image_account_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["name", "resource"],
                        name="image_name_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["state", "resource"],
                        name="image_state_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["is_own", "resource"],
                        name="image_is_own_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["is_public", "resource"],
                        name="image_is_public_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["platform_details", "resource"],
                        name="image_platform_details_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["architecture", "resource"],
                        name="image_architecture_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["owner_id", "resource"],
                        name="image_owner_id_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["created", "resource"],
                        name="image_created_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["deprecated_at", "resource"],
                        name="image_deprecated_at_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["last_launched_at", "resource"],
                        name="image_last_launched_at_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["source_image_id", "resource"],
                        name="image_source_image_id_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["source_instance_id", "resource"],
                        name="image_source_instance_id_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["size_gib", "resource"],
                        name="image_size_gib_open",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=("resource",),
                        name="image_one_open",
                    )
                ],
            },
            managers=[
                ("revisions", django.db.models.manager.Manager()),
            ],
        ),
    ]
