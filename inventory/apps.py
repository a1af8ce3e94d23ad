"""The inventory: what is in the accounts."""

from __future__ import annotations

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in

from inventory.signals import snapshot_completed


class InventoryConfig(AppConfig):
    """The inventory app; its parts hear of a complete snapshot by signal."""

    name = "inventory"

    def ready(self) -> None:
        # Whoever plans visits hints the workers at them: without this import only a worker would listen.
        import inventory.tasks  # noqa: F401
        from inventory import registry
        from inventory.aws import guard
        from inventory.exposure import stored
        from inventory.findings import judge, rule
        from inventory.pages import connect, instance_type, last_visit, reader
        from inventory.pages.extensions import extensions
        from inventory.pages.image_panel import image_panel
        from inventory.pages.snapshot_panel import snapshot_panel
        from inventory.pages.volume_panel import volume_panel
        from inventory.snapshots import days, iam_policy

        registry.check_left_out_types()
        rule.discover()
        guard.allow(iam_policy.allowed_calls())
        snapshot_completed.connect(stored.refresh, dispatch_uid="inventory.exposure")
        snapshot_completed.connect(judge.judge, dispatch_uid="inventory.findings")
        snapshot_completed.connect(days.note, dispatch_uid="inventory.days")
        extensions.panels.extend([instance_type.type_panel(), connect.connect_panel(), instance_type.script_panel()])
        extensions.panels.extend([image_panel(), snapshot_panel(), volume_panel()])
        user_logged_in.connect(last_visit.note_sign_in, dispatch_uid="inventory.last_visit")
        user_logged_in.connect(reader.remember_at_sign_in, dispatch_uid="inventory.reader")
