"""How many findings are open, kept by account, region, rule and severity: pages of now count nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Sum
from django.utils import timezone

from inventory.exposure.services import Severity
from inventory.models import Account, Finding, FindingCount, Judgement

KEY = ("region", "rule", "severity", "is_unsure")


@dataclass
class Counted:
    """Open findings that are not muted, by severity; those of which a rule is unsure, and the muted ones."""

    numbers: Counter[Severity] = field(default_factory=Counter)
    unsure: int = 0
    muted: int = 0

    @property
    def total(self) -> int:
        """Those that rules are sure of."""
        return self.numbers.total()

    @property
    def critical(self) -> int:
        """The most severe ones."""
        return self.numbers[Severity.CRITICAL]

    @property
    def worst(self) -> tuple[str, int]:
        """The most severe ones and their number; none of the least severity where there are none at all."""
        return next((slot for slot in self.slots if slot[1]), self.slots[-1])

    @property
    def slots(self) -> list[tuple[str, int]]:
        """Every severity, the worst first, with its number."""
        return [(one.value, self.numbers[one]) for one in Severity if one is not Severity.UNKNOWN]

    def add(self, severity: str, is_unsure: bool, number: int) -> None:
        """Count some more."""
        if is_unsure:
            self.unsure += number
        else:
            self.numbers[Severity(severity)] += number

    def mute(self, severity: str, is_unsure: bool, number: int) -> None:
        """Some of those that were counted are muted."""
        self.muted += number
        self.add(severity, is_unsure, -number)


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Open findings by one thing (region or rule) and all together, and which accounts nobody has judged."""

    by: Mapping[str, Counted]
    total: Counted
    unjudged: frozenset[int]
    """Accounts of which no rule had judged anything by the moment."""

    def of(self, key: str) -> Counted:
        """Those of one region or rule."""
        return self.by.get(key, Counted())


def keep_counts(account: Account) -> None:
    """Make the kept counts of an account equal to its open findings; writes only what differs."""
    rows = Finding.objects.current().filter(account=account).order_by().values_list(*KEY).annotate(number=Count("pk"))
    wanted = {(region or "", *rest): number for region, *rest, number in rows}
    stored = {tuple(getattr(one, name) for name in KEY): one for one in FindingCount.objects.filter(account=account)}
    gone = [stored[key].pk for key in stored.keys() - wanted.keys()]
    FindingCount.objects.filter(pk__in=gone).delete()
    changed = [stored[key] for key in wanted.keys() & stored.keys() if stored[key].number != wanted[key]]
    for one in changed:
        one.number = wanted[tuple(getattr(one, name) for name in KEY)]
    FindingCount.objects.bulk_update(changed, ["number"], batch_size=500)
    FindingCount.objects.bulk_create(
        FindingCount(account=account, number=wanted[key], **dict(zip(KEY, key, strict=True)))
        for key in wanted.keys() - stored.keys()
    )


def count(
    accounts: Collection[Account], when: datetime | None, by: str = "region", regions: Collection[str] = ()
) -> Counts:
    """The open findings of these accounts at a moment (None = now), by `region` or `rule`; three queries.

    `regions` are those to count in (none: everywhere); what stands in no region that was read has the key "".
    """
    ids = [one.pk for one in accounts]
    found: dict[str, Counted] = defaultdict(Counted)
    total = Counted()
    now = timezone.now()
    here = {"account__in": ids} | ({"region__in": list(regions)} if regions else {})
    if when is None:
        kept = FindingCount.objects.filter(**here)
        rows = kept.order_by().values_list(by, "severity", "is_unsure").annotate(number_of=Sum("number"))
    else:
        then = Finding.objects.as_of(when).filter(**here)
        rows = then.order_by().values_list(by, "severity", "is_unsure").annotate(number_of=Count("pk"))
    for key, severity, is_unsure, number in rows:
        for one in (found[key or ""], total):
            one.add(severity, is_unsure, number)
    muted = Finding.objects.as_of(when).filter(**here).with_mute(when, now).filter(is_muted=True)
    for key, severity, is_unsure, number in (
        muted.order_by().values_list(by, "severity", "is_unsure").annotate(number_of=Count("pk"))
    ):
        for one in (found[key or ""], total):
            one.mute(severity, is_unsure, number)
    return Counts(by=dict(found), total=total, unjudged=frozenset(ids) - judged(ids, when))


def judged(account_ids: Iterable[int], when: datetime | None) -> frozenset[int]:
    """The accounts of which some rule had judged something by the moment (None = now)."""
    rows = Judgement.objects.filter(account__in=list(account_ids))
    if when is not None:
        rows = rows.filter(judged_from__lte=when)
    return frozenset(rows.values_list("account_id", flat=True).distinct())
