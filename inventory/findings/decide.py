"""What people decide about a finding: muting it for a while, taking that back, and saying something about it.

A mute is about one rule and one resource, has a reason and ends by itself. It outlives the finding: what comes back
while it lasts is muted still. Each is kept as a decision with who made it.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from audit.models import Kind, record
from inventory.findings.rule import Rule
from inventory.models import Account, Finding, FindingComment, Mute, MuteReason, Resource
from inventory.models.finding import LONGEST_COMMENT, FindingQuerySet

LONGEST_MUTE = timedelta(days=366)


class BadDecision(ValueError):
    """Nothing was decided; the message says what to write instead."""


def last_moment(text: str) -> datetime:
    """The end of the day until which a finding is to be muted. BadDecision unless it lies ahead, by a year at most."""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise BadDecision("Say until which day, like 2027-03-31.") from None
    until = timezone.make_aware(datetime.combine(day, time(23, 59, 59)))
    if until <= timezone.now():
        raise BadDecision("The day until which it is muted must lie ahead.")
    if until > timezone.now() + LONGEST_MUTE:
        raise BadDecision("A finding is muted for a year at most; after that somebody should look again.")
    return until


def mute(rule: Rule, resource: Resource, *, reason: str, comment: str, until: datetime, by: str) -> None:
    """Let nobody be bothered with it until then; a mute that lasts already is replaced. BadDecision for a bad value."""
    if reason not in MuteReason.values:
        raise BadDecision(f"Say why: {', '.join(MuteReason.labels)}.")
    words = _words(comment)
    now = timezone.now()
    with transaction.atomic():
        _lock(resource)
        _end(rule, resource, by, now)
        Mute.objects.create(
            account_id=resource.account_id,
            resource=resource,
            rule=rule.slug,
            reason=reason,
            comment=words,
            muted_by=by,
            muted_at=now,
            until=until,
        )
        _current(rule, resource).update(muted_until=until)
        because = f"{MuteReason(reason).label}{f', {words}' if words else ''}"
        told = f"muted “{rule.title}” of {resource.native_id} until {until:%Y-%m-%d} ({because})"
        record(by, Kind.FINDING_MUTED, told, account=resource.account.name)


def unmute(rule: Rule, resource: Resource, by: str) -> bool:
    """Take a mute back; false if none lasted."""
    with transaction.atomic():
        _lock(resource)
        was_muted = _end(rule, resource, by, timezone.now())
        _current(rule, resource).update(muted_until=None)
        if was_muted:
            told = f"took back that “{rule.title}” of {resource.native_id} is muted"
            record(by, Kind.FINDING_UNMUTED, told, account=resource.account.name)
    return was_muted


def comment(rule: Rule, resource: Resource, text: str, by: str) -> None:
    """Write something below a finding. BadDecision for nothing, and for too much."""
    words = _words(text)
    if not words:
        raise BadDecision("Write something first.")
    FindingComment.objects.create(
        account_id=resource.account_id,
        resource=resource,
        rule=rule.slug,
        text=words,
        written_by=by,
        written_at=timezone.now(),
    )


def _words(text: str) -> str:
    words = " ".join(text.replace("\0", "").split())
    if len(words) > LONGEST_COMMENT:
        raise BadDecision(f"A comment has {LONGEST_COMMENT} letters at most.")
    return words


def _lock(resource: Resource) -> None:
    """Judging copies mutes to findings: neither may overtake the other."""
    Account.objects.select_for_update().get(pk=resource.account_id)


def _end(rule: Rule, resource: Resource, by: str, now: datetime) -> bool:
    lasting = Mute.objects.filter(resource=resource, rule=rule.slug, ended_at__isnull=True, until__gt=now)
    return bool(lasting.update(ended_at=now, ended_by=by))


def _current(rule: Rule, resource: Resource) -> FindingQuerySet:
    return Finding.objects.current().filter(resource=resource, rule=rule.slug)
