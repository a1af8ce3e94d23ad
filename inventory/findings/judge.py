"""Judging: after each snapshot, the rules whose types have news are asked again, and what they say becomes history.

Every snapshot is judged as of its own moment, the older one first, so that a finding is dated by the look that saw it
however late the news of that look came. Judging writes only what differs from what is stored: the same snapshot may be
announced twice, and a worker may die in the middle. The lock on the account makes a second call wait.

A finding closes when the ledger says that what it was about is gone or otherwise. The ledger says so after complete
looks only, so a place that could not be read keeps its findings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from inventory.findings.counts import keep_counts
from inventory.findings.rule import Look, Rule, Verdict, rules
from inventory.models import Account, Finding, Freshness, Judgement, Mute, Outcome, Resource, Snapshot, Visit
from inventory.registry import GLOBAL

ROWS_AT_ONCE = 500
SAID = ("region", "severity", "is_unsure", "words", "since", "since_at_least")

NO_NEWS = Q(
    outcome__in=(Outcome.DENIED, Outcome.DISABLED, Outcome.EXPIRED, Outcome.CANCELLED, Outcome.UNCONFIRMED)
) | Q(outcome=Outcome.COMPLETE, added=0, changed=0, gone=0, amended=0)
"""Visits after which the ledger says what it said before; one that failed midway may have amended something."""


def judge(*, account_id: int, snapshot_id: int, **news: object) -> None:
    """Bring the findings of an account up to date; listens to `snapshot_completed`."""
    with transaction.atomic():
        account = Account.objects.select_for_update().filter(pk=account_id).first()
        if account is None:
            return
        court = _Court.of(account)
        for at, snapshots in court.pending(snapshot_id):
            court.sit(at, snapshots)
        if court.has_written:
            keep_counts(account)


@dataclass
class _Court:
    """The rules as they stand towards one account."""

    account: Account
    judgements: dict[str, Judgement]
    has_written: bool = False

    @classmethod
    def of(cls, account: Account) -> _Court:
        """The rules, and how far each of them has judged."""
        return cls(account, {one.rule: one for one in Judgement.objects.filter(account=account)})

    @property
    def until(self) -> datetime | None:
        """The newest moment that was judged."""
        return max((one.judged_until for one in self.judgements.values()), default=None)

    def pending(self, snapshot_id: int) -> Iterable[tuple[datetime, list[int]]]:
        """The moments to judge, with the snapshots whose news they bring.

        An account that was never judged begins with its newest snapshot. One that finished only after a later one was
        judged is judged at the later one's moment: the findings of then are known no better.
        """
        until = self.until
        finished = Snapshot.objects.filter(account=self.account, finished_at__isnull=False)
        if until is None:
            newest = finished.order_by("-taken_at").first()
            return [(newest.taken_at, [newest.pk])] if newest else []
        late = finished.filter(pk=snapshot_id, taken_at__lte=until)
        news = finished.filter(taken_at__gt=until).order_by("taken_at")
        return [
            *((until, [pk]) for pk in late.values_list("pk", flat=True)),
            *((at, [pk]) for at, pk in news.values_list("taken_at", "pk")),
        ]

    def sit(self, at: datetime, snapshots: list[int]) -> None:
        """Ask every rule that has to be asked at this moment."""
        visits = Visit.objects.filter(snapshot__in=snapshots)
        news = set(visits.exclude(NO_NEWS).values_list("type", "scope_region"))
        looked = {region for _, region in visits.values_list("type", "scope_region")}
        for rule in rules():
            known = self.judgements.get(rule.slug)
            places = self._everywhere(rule) if _is_new(rule, known) else _places(rule, news, looked)
            if places and rule.can_be_asked(self.account):
                look = Look(account=self.account, at=at, regions=frozenset(places))
                self.has_written |= _record(rule, look, rule.judge(look))
            self._note(rule, known, at)
        self._forget_rules(at)

    def _everywhere(self, rule: Rule) -> set[str]:
        scopes = Freshness.objects.filter(account=self.account, type__in=rule.types)
        return set(scopes.values_list("scope_region", flat=True))

    def _note(self, rule: Rule, known: Judgement | None, at: datetime) -> None:
        if not rule.can_be_asked(self.account):
            return
        fields = {"version": rule.version, "judged_until": at}
        if known is None:
            known = Judgement.objects.create(account=self.account, rule=rule.slug, judged_from=at, **fields)
            self.judgements[rule.slug] = known
        elif (known.version, known.judged_until) != (rule.version, at):
            known.version, known.judged_until = rule.version, at
            Judgement.objects.filter(pk=known.pk).update(**fields)

    def _forget_rules(self, at: datetime) -> None:
        """Close the findings of rules that a release took away."""
        gone = self.judgements.keys() - {rule.slug for rule in rules()}
        if gone:
            Finding.objects.current().filter(account=self.account, rule__in=gone).update(valid_to=at)
            Judgement.objects.filter(account=self.account, rule__in=gone).delete()
            self.judgements = {slug: one for slug, one in self.judgements.items() if slug not in gone}
            self.has_written = True


def _is_new(rule: Rule, known: Judgement | None) -> bool:
    return known is None or known.version != rule.version


def _places(rule: Rule, news: set[tuple[str, str]], looked: set[str]) -> set[str]:
    """Where the rule has to be asked again."""
    if rule.follows_the_clock:
        return looked
    places = {region for slug, region in news if slug in rule.types}
    # A rule about a region may read what is listed globally, and the other way round.
    if rule.is_global:
        return {GLOBAL} if places else set()
    return looked if GLOBAL in places else places


def _record(rule: Rule, look: Look, verdicts: Iterable[Verdict]) -> bool:
    """Make the open findings of the rule in these places equal to its verdicts; whether anything was written."""
    wanted = {one.resource_id: one for one in verdicts}
    here = Finding.objects.current().filter(account=look.account, rule=rule.slug)
    stored = {one.resource_id: one for one in here.filter(scope_region__in=look.regions)}
    same = {key for key in wanted.keys() & stored.keys() if _said(rule, wanted[key]) == _told(stored[key])}
    ended = [stored[key] for key in stored.keys() - same]
    begun = [key for key in wanted if key not in same]
    # What was said for the first time at this very moment was said by an earlier call for the same look.
    for some in _chunks([one.pk for one in ended if one.began >= look.at]):
        Finding.objects.filter(pk__in=some).delete()
    for some in _chunks([one.pk for one in ended if one.began < look.at]):
        Finding.objects.filter(pk__in=some).update(valid_to=look.at)
    muted = _muted_until(rule, look.account) if begun else {}
    places = _scope_regions(begun)
    Finding.objects.bulk_create(
        (
            Finding(
                account=look.account,
                resource_id=key,
                type=rule.type,
                scope_region=places[key],
                rule=rule.slug,
                rank=(wanted[key].severity or rule.severity).rank,
                valid_from=look.at,
                first_seen_at=stored[key].first_seen_at if key in stored else look.at,
                muted_until=muted.get(key),
                **dict(zip(SAID, _said(rule, wanted[key]), strict=True)),
            )
            for key in begun
        ),
        batch_size=ROWS_AT_ONCE,
    )
    return bool(ended or begun)


def _said(rule: Rule, verdict: Verdict) -> tuple[Any, ...]:
    """The values of `SAID`."""
    sure = replace(verdict, severity=verdict.severity or rule.severity)
    return tuple(getattr(sure, name) for name in SAID)


def _told(finding: Finding) -> tuple[Any, ...]:
    return tuple(getattr(finding, name) for name in SAID)


def _scope_regions(resource_ids: list[int]) -> dict[int, str]:
    return {
        pk: region
        for some in _chunks(resource_ids)
        for pk, region in Resource.objects.filter(pk__in=some).values_list("pk", "scope_region")
    }


def _muted_until(rule: Rule, account: Account) -> dict[int, datetime]:
    """Until when those are muted that somebody muted; what comes back while its mute lasts is muted still."""
    mutes = Mute.objects.filter(account=account, rule=rule.slug, ended_at__isnull=True).order_by("muted_at")
    return dict(mutes.values_list("resource_id", "until"))


def _chunks(keys: list[int]) -> Iterator[list[int]]:
    return (keys[start : start + ROWS_AT_ONCE] for start in range(0, len(keys), ROWS_AT_ONCE))
