"""Elastic IPs."""

from __future__ import annotations

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

import inventory.history.terms


class Migration(migrations.Migration):
    """A table like those of the other types; nothing is in it until the next snapshot."""

    dependencies = [
        ("inventory", "0034_nat_gateway"),
    ]

    operations = [
        migrations.CreateModel(
            name="ElasticIp",
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
                ("public_ipv4", models.CharField(max_length=15, null=True)),
                ("is_associated", models.BooleanField(null=True)),
                ("instance_id", models.CharField(max_length=64, null=True)),
                ("network_interface_id", models.CharField(max_length=64, null=True)),
                ("private_ipv4", models.CharField(max_length=15, null=True)),
                ("network_border_group", models.CharField(max_length=64, null=True)),
                ("public_ipv4_pool", models.CharField(max_length=64, null=True)),
                ("service_managed", models.CharField(max_length=32, null=True)),
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
                    models.Index(fields=["account", "valid_to", "valid_from"], name="elasticip_moment"),
                    models.Index(
                        condition=models.Q(("staged_by__isnull", False)), fields=["staged_by"], name="elasticip_staged"
                    ),
                    models.Index(fields=["resource", "valid_from"], name="elasticip_periods"),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["region", "resource"],
                        name="elasticip_region_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["account", "region"],
                        name="elasticip_account_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["name", "resource"],
                        name="elasticip_name_open",
                    ),
                    models.Index(inventory.history.terms.Term("public_ipv4"), name="elasticip_public_ipv4_term"),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["public_ipv4", "resource"],
                        name="elasticip_public_ipv4_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["is_associated", "resource"],
                        name="elasticip_is_associated_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["instance_id", "resource"],
                        name="elasticip_instance_id_open",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["network_interface_id", "resource"],
                        name="elasticip_network_interface_id",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["network_border_group", "resource"],
                        name="elasticip_network_border_group",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["public_ipv4_pool", "resource"],
                        name="elasticip_public_ipv4_pool_ope",
                    ),
                    models.Index(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=["service_managed", "resource"],
                        name="elasticip_service_managed_open",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("valid_from__isnull", False), ("valid_to__isnull", True)),
                        fields=("resource",),
                        name="elasticip_one_open",
                    )
                ],
            },
            managers=[
                ("revisions", django.db.models.manager.Manager()),
            ],
        ),
    ]
