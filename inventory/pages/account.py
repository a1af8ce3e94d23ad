"""One account: how it is reached, what its last test found, its regions, its settings, and how to set its role up."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from inventory.models import Account, Outcome, Snapshot
from inventory.pages.account_form import AccountForm
from inventory.pages.accounts import AccountFacts, AccountState, RegionLine, regions_of, state_of
from inventory.pages.extensions import extensions
from inventory.pages.operators import for_operators
from inventory.snapshots import iam_policy, role_templates

SNAPSHOTS_SHOWN = 10
PLACEHOLDER = "arn:aws:iam::ACCOUNT-OF-SKYLEDGER:role/ROLE-OF-SKYLEDGER"
FAILED, NOT_TRIED = "failed", "not tried"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """How one IAM action was answered when the account was tested, and in which regions it was answered so."""

    action: str
    result: str
    reason: str
    regions: Sequence[str]


@dataclass(frozen=True)
class AccountPage(AccountFacts):
    """All that the page shows."""

    form: AccountForm

    @property
    def state(self) -> AccountState:
        """Whether it is collected."""
        return state_of(self.account)

    @cached_property
    def regions(self) -> list[RegionLine]:
        """Its regions."""
        return list(regions_of(self.account))

    @cached_property
    def snapshots(self) -> list[Snapshot]:
        """The newest ones, each with how many visits it has and how many were complete."""
        found = Snapshot.objects.filter(account=self.account).annotate(
            total=Count("visits"), complete=Count("visits", filter=Q(visits__outcome=Outcome.COMPLETE))
        )
        return list(found.order_by("-taken_at")[:SNAPSHOTS_SHOWN])

    @property
    def notes(self) -> list[str]:
        """What other packages say beside the settings."""
        return [words for note in extensions.account_notes if (words := note(self.account))]

    # --- the last test ----------------------------------------------------------------------------------------

    @property
    def accepts_wrong_external_id(self) -> bool | None:
        """Whether its role can be assumed by those who do not know its external id; None: unknown."""
        accepts: bool | None = self._tested.get("accepts_wrong_external_id")
        return accepts

    @cached_property
    def failed(self) -> list[Answer]:
        """The actions that failed."""
        return self._answers(FAILED)

    @cached_property
    def untried(self) -> list[Answer]:
        """The actions that could not be tried."""
        return self._answers(NOT_TRIED)

    @property
    def allowed(self) -> int:
        """How many actions were allowed everywhere."""
        bad = {one.action for one in (*self.failed, *self.untried)}
        return len({one["action"] for one in self._tested.get("results", ())} - bad)

    @property
    def _tested(self) -> dict[str, Any]:
        tested: dict[str, Any] = self.account.check_result or {}
        return tested

    def _answers(self, result: str) -> list[Answer]:
        alike: dict[tuple[str, str], list[str]] = {}
        for one in self._tested.get("results", ()):
            if one["result"] == result:
                alike.setdefault((one["action"], one["reason"]), []).append(one["region"])
        return [
            Answer(action=action, result=result, reason=reason, regions=sorted(regions))
            for (action, reason), regions in sorted(alike.items())
        ]

    # --- setting it up ----------------------------------------------------------------------------------------

    @cached_property
    def documents(self) -> list[tuple[str, str, str]]:
        """What makes its role: key, label and text of each; for an account without a role the policy alone."""
        policies = iam_policy.split(iam_policy.document(self.account.switches))
        if not self.account.role_arn:
            return [(f"policy-{number}", "IAM policy", _json(one)) for number, one in enumerate(policies, 1)]
        role = role_templates.Role(
            policies=policies,
            principal=self.principal,
            external_id=self.account.external_id,
            name=self.account.role_arn.rpartition("/")[2],
        )
        trust = role_templates.trust_document(self.principal or PLACEHOLDER, self.account.external_id)
        return [
            ("trust", "Trust policy", _json(trust)),
            ("cloudformation", "CloudFormation", role_templates.cloudformation(role)),
            ("terraform", "Terraform", role_templates.terraform(role)),
        ]

    @property
    def principal(self) -> str:
        """Who we are at AWS, as a worker found out when it last tested the account; empty if none has."""
        principal: str = self._tested.get("principal", "")
        return principal

    @property
    def has_guessable_id(self) -> bool:
        """Whether the external id was given and is shorter than 128 random bits."""
        return bool(self.account.role_arn) and len(self.account.external_id) < role_templates.LEAST_EXTERNAL_ID


def _json(document: iam_policy.Document) -> str:
    return json.dumps(document, indent=2) + "\n"


@for_operators
def account(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of one account."""
    found = get_object_or_404(Account, pk=pk)
    return render(request, "inventory/account.html", {"page": AccountPage(found, AccountForm.of(found))})
