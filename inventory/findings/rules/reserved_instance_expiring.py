"""A Reserved Instance whose term ends soon."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from inventory.exposure.services import Severity
from inventory.findings.rule import Look, Rule, Verdict, doubt, objection, register
from inventory.resource_types.reserved_instance import RESERVED_INSTANCE

SOON = timedelta(days=30)


def judge(look: Look) -> Iterator[Verdict]:
    """Active purchases that end within 30 days."""
    active = look.revisions(RESERVED_INSTANCE).filter(state="active")
    for bought in active.filter(end__gt=look.at, end__lte=look.at + SOON):
        what = f"{bought.instance_count or 'Some'} of type {bought.instance_type or 'unread'}"
        yield objection(bought, f"{what}: its term ends on {bought.end:%Y-%m-%d}, and on-demand prices follow.")
    for bought in look.never_read(RESERVED_INSTANCE, "end"):
        yield doubt(bought, "When its term ends was never read.")


register(
    Rule(
        slug="reserved-instance-expiring",
        title="Reserved Instance expires soon",
        severity=Severity.LOW,
        type=RESERVED_INSTANCE.slug,
        why="When the term ends, what it covered is billed on demand from the next hour on, without a word.",
        fix="Look at what it covers still, and buy anew or a Savings Plan. The page of purchases computes both.",
        judge=judge,
        follows_the_clock=True,
    )
)
