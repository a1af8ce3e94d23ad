"""Collecting: AWS's answers about one scope, batch by batch.

A listing that fails raises, so that nobody can take a part of it for the whole. An enrichment that fails leaves its
answer out of the item and is noted in `unread`, so that only the fields read from it become unknown.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from inventory.aws import AwsFailure, Clients, FailureKind
from inventory.registry import GLOBAL, Answers, Ask, Call, LookUp, Measurement, ResourceType, Scope
from inventory.snapshots.pump import spread

T = TypeVar("T")

BATCH = 100
ASKING_THREADS = 8
# What a `keep` may stumble over when AWS answers something new.
UNKEPT = (LookupError, TypeError, ValueError, AttributeError)


@dataclass
class Collector:
    """One listing of one scope; `unread` notes the enrichments that failed.

    `arguments` are further ones of the listing, `taken_at` is the moment of the look. Measurements are asked for only
    if it `is_measuring`, and stand in `measured` by native id. It uses no database, so that it can run in a thread of
    its own.
    """

    resource_type: ResourceType
    scope: Scope
    clients: Clients
    taken_at: datetime
    arguments: Mapping[str, Any] = field(default_factory=dict)
    is_measuring: bool = False
    measured: dict[str, tuple[Measurement, ...]] = field(default_factory=dict)
    unread: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    _looked_up: dict[tuple[str, str], dict[str, Any] | None] = field(default_factory=dict)
    # Services that did not answer in a region: waiting for each of a thousand buckets there would take the whole day.
    _silent: dict[tuple[str, str], AwsFailure] = field(default_factory=dict)
    _named: set[str] = field(default_factory=set)
    _asked: Counter[str] = field(default_factory=Counter)
    _noting: threading.Lock = field(default_factory=threading.Lock)
    _is_over: bool = False

    @property
    def region(self) -> str:
        """The region that is asked: the scope's, or the partition's first one for a global type."""
        return self.clients.home_region if self.scope.region == GLOBAL else self.scope.region

    def batches(self) -> Iterator[list[Answers]]:
        """The listed items with their enrichments. Raises AwsFailure when anything of the listing is missing."""
        for call in self.resource_type.listings:
            for page in self._pages(call):
                for items in _batched(page, BATCH):
                    batch = self._listed_anew([{call.operation: item} for item in items])
                    self._enrich(batch)
                    yield batch

    def stop(self) -> None:
        """Ask nothing more, from whichever thread: nobody waits for the answers."""
        self._is_over = True

    def _pages(self, call: Call) -> Iterator[list[Any]]:
        """What one listing names, as it may be read."""
        arguments = dict(call.arguments)
        if call is self.resource_type.call:
            arguments |= self.arguments
        if call.page_size:
            name, size = call.page_size
            arguments[name] = size
        asked = self.clients.pages(call.service, call.operation, self.region, call.action, call.items, **arguments)
        pages = (list(call.kept(page, self.scope)) for page in asked)
        if call.grouped_by:
            yield call.grouped(item for page in pages for item in page)
        else:
            yield from pages

    def _listed_anew(self, batch: list[Answers]) -> list[Answers]:
        """The items that no listing of this visit has named yet; where there is but one listing, all."""
        if not self.resource_type.also:
            return batch
        found = []
        for answers in batch:
            try:
                native_id = self.resource_type.native_id(answers)
            except UNKEPT:
                native_id = None
            if native_id is None or native_id not in self._named:
                found.append(answers)
            if native_id is not None:
                self._named.add(native_id)
        return found

    def _enrich(self, batch: list[Answers]) -> None:
        asks = [question for question in self.resource_type.enrich if isinstance(question, Ask) and self._may(question)]
        for question in self.resource_type.enrich:
            if isinstance(question, LookUp):
                self._look_up(question, batch)
        # Without an id there is nothing to ask by; the item is counted as unreadable later.
        named = [answers for answers in batch if self.resource_type.native_id(answers)]
        if asks and named:
            spread(lambda answers: self._ask_all(asks, answers), named, ASKING_THREADS)

    def _may(self, question: Ask) -> bool:
        if question.measures and not self.is_measuring:
            return False
        return question.switch is None or question.switch in self.scope.switches

    def _ask_all(self, asks: list[Ask], answers: Answers) -> None:
        for question in asks:
            if not self._is_over and question.wanted(answers) and self._is_among_the_first(question):
                self._ask(question, answers)

    def _is_among_the_first(self, question: Ask) -> bool:
        """Whether a visit may ask this once more; what it may not is noted."""
        if question.most is None:
            return True
        call = question.call
        with self._noting:
            self._asked[call.operation] += 1
            is_first = self._asked[call.operation] <= question.most
        if not is_first:
            reason = f"{call.action} is asked for {question.most:,} things of a region at the most, and there are more."
            self._note(call, AwsFailure(FailureKind.FAILED, reason, code="TooMany", action=call.action))
        return is_first

    def _ask(self, question: Ask, answers: Answers) -> None:
        call = question.call
        region = question.region(answers) or self.region
        if (silence := self._silent.get((call.service, region))) is not None:
            self._note(call, silence)
            return
        try:
            arguments = question.arguments_at(answers, self.taken_at)
            answer = self.clients.ask(call.service, call.operation, region, call.action, items=call.items, **arguments)
        except AwsFailure as failure:
            if failure.code in question.absent:
                answers[call.operation] = None
                return
            if failure.kind is FailureKind.UNREACHABLE:
                self._silent[call.service, region] = failure
            self._note(call, failure)
            return
        try:
            self._keep(question, answers, answer)
        except UNKEPT as error:
            reason = f"{call.action} in {region} answered something that could not be read ({type(error).__name__})."
            self._note(call, AwsFailure(FailureKind.FAILED, reason, code="Unreadable", action=call.action))

    def _keep(self, question: Ask, answers: Answers, answer: dict[str, Any]) -> None:
        """Add an answer to its item, or its measurements to the others."""
        if question.measures is None:
            answers[question.call.operation] = question.keep(answer)
        elif native_id := self.resource_type.native_id(answers):
            self.measured[native_id] = question.measures.read(answer)

    def _look_up(self, question: LookUp, batch: list[Answers]) -> None:
        operation = question.call.operation
        names = {name for answers in batch if (name := question.key(answers))}
        missing = sorted(name for name in names if (operation, name) not in self._looked_up)
        for some in _batched(missing, question.batch):
            self._look_up_names(question, list(some))
        for answers in batch:
            found = self._looked_up.get((operation, question.key(answers) or ""))
            if found is not None:
                answers[operation] = found

    def _look_up_names(self, question: LookUp, names: list[str]) -> None:
        call = question.call
        try:
            pages = list(
                self.clients.pages(
                    call.service,
                    call.operation,
                    self.region,
                    call.action,
                    call.items,
                    **question.arguments_for(names),
                )
            )
        except AwsFailure as failure:
            if failure.code == question.invalid and len(names) > 1:
                for name in names:
                    self._look_up_names(question, [name])
                return
            self._note(call, failure)
            pages = []
        found = {item[question.item_key]: item for page in pages for item in page}
        for name in names:
            self._looked_up[call.operation, name] = found.get(name)

    def _note(self, call: Call, failure: AwsFailure) -> None:
        with self._noting:
            note = self.unread.setdefault(
                (call.action, failure.code),
                {"action": call.action, "code": failure.code, "reason": failure.reason, "count": 0},
            )
            note["count"] += 1


def _batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
