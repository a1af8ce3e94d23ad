"""What an instance is made of: the name of its type taken apart, its size, and its boot script without secrets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from inventory.boot_script import BootScript
from inventory.history import ResourceRevision
from inventory.instance_names import InstanceName, take_apart
from inventory.models import Resource
from inventory.pages.extensions import Panel
from inventory.resource_types.ec2_instance import EC2_INSTANCE, Ec2Instance

SIZES = (
    ("vcpu", "vCPU", ""),
    ("memory_gib", "Memory", "GiB"),
    ("network_performance", "Network", ""),
    ("ebs_baseline_mbps", "EBS, always", "Mbit/s"),
    ("ebs_maximum_mbps", "EBS, for 30 minutes a day at least", "Mbit/s"),
)


@dataclass(frozen=True, kw_only=True)
class Size:
    """One measure of the type; `value` None and not `is_unread`: the type has none."""

    label: str
    unit: str
    value: Any
    is_unread: bool

    @property
    def words(self) -> str:
        """The value for a reader."""
        if isinstance(self.value, Decimal):
            return f"{self.value.normalize():,f}"
        return f"{self.value:,}" if isinstance(self.value, int) else str(self.value)


@dataclass(frozen=True, kw_only=True)
class TypePanel:
    """The type of one instance."""

    name: InstanceName
    sizes: Sequence[Size]
    is_current: bool | None
    """None: nobody read whether AWS calls it a current generation."""


@dataclass(frozen=True, kw_only=True)
class ScriptPanel:
    """The boot script of one instance; `script` None: it has none, or only its size is known."""

    script: BootScript | None
    size_bytes: int | None
    is_collected: bool
    was_read: bool


def type_panel() -> Panel:
    """What its type is, on an instance's detail page."""
    return Panel(type=EC2_INSTANCE.slug, template="inventory/_instance_type.html", gather=gather_type)


def script_panel() -> Panel:
    """Its boot script, on an instance's detail page."""
    return Panel(type=EC2_INSTANCE.slug, template="inventory/_boot_script.html", gather=gather_script)


def gather_type(resource: Resource, revision: ResourceRevision, when: datetime | None) -> TypePanel | None:
    """The type at the moment; None where it was never read."""
    if not isinstance(revision, Ec2Instance) or not revision.instance_type:
        return None
    sizes = [
        Size(label=label, unit=unit, value=getattr(revision, field), is_unread=_is_unread(revision, field))
        for field, label, unit in SIZES
    ]
    return TypePanel(name=take_apart(revision.instance_type), sizes=sizes, is_current=revision.is_current_generation)


def gather_script(resource: Resource, revision: ResourceRevision, when: datetime | None) -> ScriptPanel | None:
    """The boot script of the period that the page shows."""
    if not isinstance(revision, Ec2Instance):
        return None
    kept = type(revision).revisions.only("raw").get(pk=revision.pk).raw_document
    answer = kept.get("DescribeInstanceAttribute") or {}
    document = answer.get("BootScript")
    return ScriptPanel(
        script=BootScript.from_document(document) if document else None,
        size_bytes=revision.user_data_bytes,
        is_collected=resource.account.collects_user_data,
        was_read=not _is_unread(revision, "user_data_bytes"),
    )


def _is_unread(revision: Ec2Instance, field: str) -> bool:
    """Whether nothing is known of it: never read, or the period closed before it was recorded."""
    is_recorded = revision.reading_version >= EC2_INSTANCE.reading_version or field in ("vcpu", "memory_gib")
    return revision.was_never_read(field) or (getattr(revision, field) is None and not is_recorded)
