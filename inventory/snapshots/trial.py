"""Trying what an account lets us do: every action that the resource types declare, region by region."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from django.utils import timezone

from inventory.aws import AwsFailure, Clients, region_states
from inventory.models import Account
from inventory.models.account import USABLE_REGION_STATES
from inventory.registry import Answers, Ask, Call, LookUp, Reach, ResourceType, Scope, collected_types

SMALLEST_PAGE = 5
"""The fewest items that every listing of EC2 can be asked for."""


class Tried(StrEnum):
    """How an action was answered."""

    OK = "ok"
    NOT_TRIED = "not tried"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Result:
    """How one action was answered in one region; `reason` says why it failed or was not tried, and what to do."""

    action: str
    region: str
    result: Tried
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Check:
    """How every action was answered; `accepts_wrong_external_id` is None where that could not be found out."""

    results: tuple[Result, ...]
    accepts_wrong_external_id: bool | None

    @property
    def failed(self) -> list[Result]:
        """What was refused, or not answered."""
        return [one for one in self.results if one.result is Tried.FAILED]

    @property
    def is_good(self) -> bool:
        """Whether nothing failed and a wrong external id is refused."""
        return not self.failed and self.accepts_wrong_external_id is False

    def as_json(self) -> dict[str, Any]:
        """`results` (action, region, result, reason) in their order, `accepts_wrong_external_id` and `is_good`."""
        return {
            "is_good": self.is_good,
            "accepts_wrong_external_id": self.accepts_wrong_external_id,
            "results": [asdict(one) for one in self.results],
        }


class Trial:
    """One check of one account."""

    def __init__(self, account: Account, clients: Clients, open_role_words: str) -> None:
        self._account = account
        self._clients = clients
        self._open_role_words = open_role_words
        self._results: dict[tuple[str, str], Result] = {}
        self._regions = account.regions

    def run(self) -> Check:
        """Try everything; what cannot be tried for want of something else says so."""
        if not self._is_reached():
            self._note_all_untried()
            return self._checked(accepts_wrong_external_id=None)
        accepts = self._accepts_wrong_external_id()
        self._read_regions()
        for kind in collected_types():
            if kind.reach is Reach.GLOBAL:
                self._try_type(kind, self._clients.home_region)
            elif not self._regions:
                self._note_type_untried(kind, self._clients.home_region, "No region of the account is known.")
            else:
                for region in self._regions:
                    self._try_type(kind, region)
        return self._checked(accepts_wrong_external_id=accepts)

    def _checked(self, *, accepts_wrong_external_id: bool | None) -> Check:
        return Check(results=tuple(self._results.values()), accepts_wrong_external_id=accepts_wrong_external_id)

    # --- the way in -------------------------------------------------------------------------------------------

    def _is_reached(self) -> bool:
        """Whether the credentials lead to the account."""
        home = self._clients.home_region
        try:
            found = self._clients.identity()
        except AwsFailure as failure:
            self._note(failure.action or "sts:GetCallerIdentity", home, Tried.FAILED, failure.reason)
            return False
        if self._account.role_arn:
            self._note("sts:AssumeRole", home, Tried.OK)
        if self._account.account_id not in (None, found):
            reason = f"The credentials lead to account {found}, not to {self._account.account_id}: correct the role."
            self._note("sts:GetCallerIdentity", home, Tried.FAILED, reason)
            return False
        self._note("sts:GetCallerIdentity", home, Tried.OK)
        return True

    def _accepts_wrong_external_id(self) -> bool | None:
        home = self._clients.home_region
        try:
            accepts = self._clients.accepts_wrong_external_id()
        except AwsFailure as failure:
            reason = f"Whether a wrong external id is refused could not be found out. {failure.reason}"
            self._note("sts:AssumeRole", home, Tried.FAILED, reason)
            return None
        if accepts:
            self._note("sts:AssumeRole", home, Tried.FAILED, self._open_role_words)
        return accepts

    def _read_regions(self) -> None:
        home = self._clients.home_region
        try:
            states = region_states(self._clients)
        except AwsFailure as failure:
            self._note("ec2:DescribeRegions", home, Tried.FAILED, failure.reason)
            return
        self._note("ec2:DescribeRegions", home, Tried.OK)
        enabled = sorted(name for name, state in states.items() if state in USABLE_REGION_STATES)
        self._regions = self._account.only_regions or enabled

    # --- what is behind it ------------------------------------------------------------------------------------

    def _try_type(self, kind: ResourceType, region: str) -> None:
        """List as little as can be, then ask what is asked of each item about the first one of each listing."""
        for call in kind.listings:
            self._try_listing(kind, call, region)

    def _try_listing(self, kind: ResourceType, call: Call, region: str) -> None:
        arguments = dict(call.arguments)
        if call.page_size:
            name, size = call.page_size
            arguments[name] = min(size, SMALLEST_PAGE)
        try:
            pages = self._clients.pages(call.service, call.operation, region, call.action, call.items, **arguments)
            first = next((one for page in pages for one in call.kept(page, self._scope(region))), None)
        except AwsFailure as failure:
            self._note(call.action, region, Tried.FAILED, failure.reason)
            self._note_questions_untried(kind, region, f"{call.action} was not answered.")
            return
        self._note(call.action, region, Tried.OK)
        if first is None:
            self._note_questions_untried(kind, region, f"There are no {kind.plural} to ask about.")
            return
        answers: Answers = {call.operation: call.grouped([first])[0] if call.grouped_by else first}
        for question in kind.enrich:
            if isinstance(question, LookUp):
                self._look_up(question, answers, region)
            else:
                self._ask(question, answers, region)

    def _scope(self, region: str) -> Scope:
        partition = self._clients.access.partition
        return Scope(account_id=self._account.account_id or "", region=region, partition=partition)

    def _ask(self, question: Ask, answers: Answers, region: str) -> None:
        call = question.call
        region = question.region(answers) or region
        if question.switch is not None and question.switch not in self._account.switches:
            self._note(call.action, region, Tried.NOT_TRIED, _switched_off(question.switch))
            return
        if not question.wanted(answers):
            self._note(call.action, region, Tried.NOT_TRIED, "The first one found does not need it.")
            return
        try:
            arguments = question.arguments_at(answers, timezone.now())
            answer = self._clients.ask(call.service, call.operation, region, call.action, items=call.items, **arguments)
        except AwsFailure as failure:
            if failure.code not in question.absent:
                self._note(call.action, region, Tried.FAILED, failure.reason)
                return
            answers[call.operation] = None
        else:
            answers[call.operation] = question.keep(answer)
        self._note(call.action, region, Tried.OK)

    def _look_up(self, question: LookUp, answers: Answers, region: str) -> None:
        call = question.call
        name = question.key(answers)
        if not name:
            self._note(call.action, region, Tried.NOT_TRIED, "The first one found does not need it.")
            return
        try:
            arguments = question.arguments_for([name])
            pages = self._clients.pages(call.service, call.operation, region, call.action, call.items, **arguments)
            next(iter(pages), None)
        except AwsFailure as failure:
            if failure.code != question.invalid:
                self._note(call.action, region, Tried.FAILED, failure.reason)
                return
        self._note(call.action, region, Tried.OK)

    # --- noting -----------------------------------------------------------------------------------------------

    def _note(self, action: str, region: str, result: Tried, reason: str = "") -> None:
        """Note an answer; of several to the same action in the same region the worst one that was given stays."""
        order = (Tried.NOT_TRIED, Tried.OK, Tried.FAILED)
        before = self._results.get((action, region))
        if before is None or order.index(result) > order.index(before.result):
            self._results[action, region] = Result(action=action, region=region, result=result, reason=reason)

    def _note_all_untried(self) -> None:
        why = "The account could not be reached."
        self._note("ec2:DescribeRegions", self._clients.home_region, Tried.NOT_TRIED, why)
        for kind in collected_types():
            is_global = kind.reach is Reach.GLOBAL or not self._regions
            for region in [self._clients.home_region] if is_global else self._regions:
                self._note_type_untried(kind, region, why)

    def _note_type_untried(self, kind: ResourceType, region: str, why: str) -> None:
        for call in kind.listings:
            self._note(call.action, region, Tried.NOT_TRIED, why)
        self._note_questions_untried(kind, region, why)

    def _note_questions_untried(self, kind: ResourceType, region: str, why: str) -> None:
        for call, reason in _questions(kind, self._account, why):
            self._note(call.action, region, Tried.NOT_TRIED, reason)


def _questions(kind: ResourceType, account: Account, why: str) -> Iterator[tuple[Call, str]]:
    """What is asked about each item, with why it is not tried."""
    for question in kind.enrich:
        switch = question.switch if isinstance(question, Ask) else None
        is_off = switch is not None and switch not in account.switches
        yield question.call, _switched_off(switch) if is_off and switch else why


def _switched_off(switch: str) -> str:
    return f"It is asked only where {switch} is switched on, and here it is not."
