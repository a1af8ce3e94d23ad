"""An account at an AWS that answers as a test says, and snapshots of it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from pytest_django import Settings

if TYPE_CHECKING:
    from inventory.models import Account, Visit
    from tests.snapshots.cast import Answer, Aws, Take


@pytest.fixture(autouse=True)
def _few_types(settings: Settings) -> None:
    """Snapshots read the types that these tests are about; to read all of them takes five times as long."""
    from tests.support.left_out import LEFT_OUT

    settings.LEFT_OUT_TYPES = LEFT_OUT


@pytest.fixture
def every_type(_few_types: None, settings: Settings) -> None:
    """Snapshots read every type after all."""
    settings.LEFT_OUT_TYPES = frozenset()


@pytest.fixture
def acme(db: None) -> Account:
    """An account with one region."""
    from inventory.models import Account
    from tests.snapshots.cast import IRELAND

    return Account.objects.create(name="acme", account_id="111122223333", only_regions=[IRELAND])


@pytest.fixture
def aws_answers(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Aws]:
    """A factory of what AWS answers from now on to every visit; services that were left alone are tried again."""
    from django.db.models.functions import Now

    from inventory.models import ServiceGate
    from inventory.snapshots import access, carry_out
    from inventory.snapshots.pump import pumped
    from tests.snapshots.cast import Aws, nothing

    def answer(answers: Mapping[str, Sequence[Answer]], **options: Any) -> Aws:
        aws = Aws(answers, options.pop("account_id", "111122223333"), **options)
        for module in (access, carry_out):
            monkeypatch.setattr(module, "clients_for", lambda account: aws)

        def walk(source: Generator[Any, None, None], deadline: float) -> Generator[Any, None, None]:
            # What a test does between two pages belongs to its transaction, which no other thread sees.
            return pumped(source, deadline) if aws.before_page is nothing else source

        monkeypatch.setattr(carry_out, "pumped", walk)
        ServiceGate.objects.filter(open_until__isnull=False).update(open_until=Now())
        return aws

    return answer


@pytest.fixture
def take_snapshot(aws_answers: Callable[..., Aws]) -> Take:
    """Take a snapshot of what AWS answers by region; each is a day later than the one before unless told."""
    from inventory.models import Snapshot, Visit
    from inventory.snapshots.carry_out import carry_out
    from inventory.snapshots.plan import plan_snapshot
    from tests.snapshots.cast import BEGIN, DAY

    def take(
        account: Account, answers: Mapping[str, Sequence[Answer]], at: datetime | None = None, **options: Any
    ) -> dict[tuple[str, str], Visit]:
        aws_answers(answers, **options)
        moment = at or BEGIN + DAY * Snapshot.objects.filter(account=account).count()
        snapshot = plan_snapshot(account, moment, hint_workers=False)
        for pk in snapshot.visits.order_by("pk").values_list("pk", flat=True):
            claimed = Visit.objects.claim(pk)
            assert claimed is not None
            carry_out(claimed)
        return {(visit.scope_region, visit.type): visit for visit in snapshot.visits.all()}

    return take
