"""A Savings Plan whose term ends soon."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from inventory.exposure.services import Severity
from inventory.findings.rule import Look, Rule, Verdict, doubt, objection, register
from inventory.resource_types.savings_plan import SAVINGS_PLAN

SOON = timedelta(days=30)


def judge(look: Look) -> Iterator[Verdict]:
    """Active plans that end within 30 days."""
    active = look.revisions(SAVINGS_PLAN).filter(state="active")
    for plan in active.filter(end__gt=look.at, end__lte=look.at + SOON):
        yield objection(plan, f"Its term ends on {plan.end:%Y-%m-%d}, and on-demand prices follow.")
    for plan in look.never_read(SAVINGS_PLAN, "end"):
        yield doubt(plan, "When its term ends was never read.")


register(
    Rule(
        slug="savings-plan-expiring",
        title="Savings Plan expires soon",
        severity=Severity.LOW,
        type=SAVINGS_PLAN.slug,
        why="When the term ends, what it covered is billed on demand from the next hour on, without a word.",
        fix="Look at what it covers still, and queue a new one to begin when it ends.",
        judge=judge,
        follows_the_clock=True,
    )
)
