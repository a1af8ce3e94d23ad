"""The ledger's tables. Importing the resource types here makes Django see their revision models."""

from __future__ import annotations

from inventory import registry
from inventory.models.account import Account, AccountGrant, Organization
from inventory.models.export import Export, ExportOutcome
from inventory.models.finding import Finding, FindingComment, FindingCount, Judgement, Mute, MuteReason
from inventory.models.last_visit import LastVisit
from inventory.models.ledger_day import LedgerDay
from inventory.models.measurement import Measurement
from inventory.models.open_port import OpenPort
from inventory.models.preferences import Preferences
from inventory.models.resource import Link, Resource, ResourceTag
from inventory.models.saved_view import SavedView
from inventory.models.service_gate import ServiceGate
from inventory.models.snapshot import ATTEMPTS, Freshness, Outcome, Snapshot, Visit, VisitState

registry.discover()

__all__ = [
    "ATTEMPTS",
    "Account",
    "AccountGrant",
    "Export",
    "ExportOutcome",
    "Finding",
    "FindingComment",
    "FindingCount",
    "Freshness",
    "Judgement",
    "LastVisit",
    "LedgerDay",
    "Link",
    "Measurement",
    "Mute",
    "MuteReason",
    "OpenPort",
    "Organization",
    "Outcome",
    "Preferences",
    "Resource",
    "ResourceTag",
    "SavedView",
    "ServiceGate",
    "Snapshot",
    "Visit",
    "VisitState",
]
