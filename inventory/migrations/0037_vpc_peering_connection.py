"""VPC peering connections."""

from __future__ import annotations

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models


class Migration(migrations.Migration):
    """A table like those of the other types; nothing is in it until the next snapshot."""

    dependencies = [
        ("inventory", "0036_prefix_list"),
    ]

    operations = [
        migrations.CreateModel(
            name="VpcPeering",
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
                ("status", models.CharField(max_length=32, null=True)),
                ("status_message", models.CharField(max_length=1024, null=True)),
                ("requester_vpc_id", models.CharField(max_length=64, null=True)),
                ("requester_account", models.CharField(max_length=12, null=True)),
                ("requester_region", models.CharField(max_length=32, null=True)),
                ("requester_cidr_ipv4", models.CharField(max_length=18, null=True)),
                ("accepter_vpc_id", models.CharField(max_length=64, null=True)),
                ("accepter_account", models.CharField(max_length=12, null=True)),
                ("accepter_region", models.CharField(max_length=32, null=True)),
                ("accepter_cidr_ipv4", models.CharField(max_length=18, null=True)),
                ("expiration_time", models.DateTimeField(null=True)),
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
                    models.Index(fields=["account", "valid_to", "valid_from"], name="vpcpeering_moment"),
                    models.Index(
                        condition=models.Q(("staged_by__isnull", False)), fields=["staged_by"], name="vpcpeering_staged"
                    ),
                    models.Index(fields=["resource", "valid_from"], name="vpcpeering_periods"),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["region", "resource"],
                        name="vpcpeering_region_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["account", "region"],
                        name="vpcpeering_account_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["name", "resource"],
                        name="vpcpeering_name_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["status", "resource"],
                        name="pcx_status_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["requester_vpc_id", "resource"],
                        name="pcx_requester_vpc_id_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["requester_account", "resource"],
                        name="pcx_requester_account_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["requester_region", "resource"],
                        name="pcx_requester_region_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["accepter_vpc_id", "resource"],
                        name="pcx_accepter_vpc_id_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["accepter_account", "resource"],
                        name="pcx_accepter_account_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["accepter_region", "resource"],
                        name="pcx_accepter_region_open",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=("resource",),
                        name="vpcpeering_one_open",
                    )
                ],
            },
            managers=[
                ("revisions", django.db.models.manager.Manager()),
            ],
        ),
    ]
