"""The pages of the costs beside each other, in the order in which each of them offers the others."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Section:
    """One page of the costs."""

    label: str
    url_name: str


SECTIONS = (
    Section("Fleet", "costs"),
    Section("Breakdown", "costs-by"),
    Section("Over time", "costs-over-time"),
    Section("Budgets", "budgets"),
    Section("Types", "costs-types"),
    Section("Commitments", "commitments"),
    Section("What to buy", "costs-buying"),
    Section("Volumes", "storage-costs"),
    Section("Buckets", "bucket-costs"),
    Section("Waste", "waste"),
    Section("Bill", "bill"),
    Section("Prices", "prices"),
)
"""The fleet, what it goes to, and each of the others that there are."""
