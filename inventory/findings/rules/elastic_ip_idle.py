"""An address that is paid for and points to nothing."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.exposure.services import Severity
from inventory.findings.rule import Look, Rule, Verdict, doubt, objection, register
from inventory.resource_types.elastic_ip import ELASTIC_IP


def judge(look: Look) -> Iterator[Verdict]:
    """Elastic IP addresses that are associated with nothing."""
    for address in look.revisions(ELASTIC_IP).filter(is_associated=False):
        yield objection(address, "It is associated with no instance and no network interface.")
    for address in look.never_read(ELASTIC_IP, "is_associated"):
        yield doubt(address, "Whether it is associated was never read.")


register(
    Rule(
        slug="elastic-ip-idle",
        title="Elastic IP address points to nothing",
        severity=Severity.LOW,
        type=ELASTIC_IP.slug,
        why=(
            "Every public IPv4 address costs its hours, used or not. One that nobody uses is often still named in DNS "
            "or in somebody's list of allowed addresses."
        ),
        fix="Look for the names that lead to it, and release it. An address that was released is hard to get back.",
        judge=judge,
    )
)
