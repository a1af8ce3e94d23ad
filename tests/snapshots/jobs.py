"""A resource type of its own for tests of incremental listing: jobs that end and then never change again.

Its table exists only while a test uses it: the type is no part of the product, and no other test must see it.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, models

from inventory import registry
from inventory.aws import Access
from inventory.history import ResourceRevision
from inventory.registry import (
    Answers,
    Call,
    Category,
    Column,
    Incremental,
    Reach,
    Reading,
    ResourceType,
    Scope,
    register,
)
from inventory.snapshots.pump import TimeIsUp

PAGE = 100
FULL_EVERY = timedelta(days=7)


class Job(ResourceRevision):
    """One period during which a job looked the same."""

    status = models.CharField(max_length=16, null=True)

    class Meta(ResourceRevision.Meta):
        app_label = "jobs_of_tests"


def read(answers: Answers, scope: Scope) -> Reading:
    """A job as it is listed."""
    job = answers["ListTrainingJobs"]
    return Reading(
        native_id=job["Name"], name=job["Name"], region=scope.region, tags={}, fields={"status": job["Status"]}
    )


@contextmanager
def registered() -> Iterator[ResourceType]:
    """The type, with its table, for the length of a with-block."""
    with connection.constraint_checks_disabled(), connection.schema_editor() as editor:
        editor.create_model(Job)
    kind = register(
        ResourceType(
            slug="test-job",
            label="Job",
            plural="Jobs",
            category=Category.MACHINE_LEARNING,
            icon="job",
            model=Job,
            call=Call(service="sagemaker", operation="ListTrainingJobs", items="TrainingJobSummaries"),
            reach=Reach.REGIONAL,
            id_key="Name",
            arn="arn:{partition}:sagemaker:{region}:{account_id}:training-job/{native_id}",
            console="https://{region}.{console}/sagemaker/home?region={region}#/jobs/{native_id}",
            read=read,
            columns=(Column(field="status", label="Status"),),
            incremental=Incremental(
                argument="LastModifiedTimeAfter",
                modified=lambda job: job["LastModifiedTime"],
                arguments={"SortBy": "LastModifiedTime", "SortOrder": "Ascending"},
                full_every=FULL_EVERY,
            ),
        )
    )
    try:
        yield kind
    finally:
        registry._types.pop(kind.slug)
        with connection.constraint_checks_disabled(), connection.schema_editor() as editor:
            editor.delete_model(Job)


@dataclass
class Jobs:
    """ListTrainingJobs over whatever jobs there are, oldest first.

    Before the page `time_is_up_before` the visit's time is up; before `silent_before` nothing comes any more.
    """

    account_id: str
    jobs: dict[str, tuple[datetime, str]] = field(default_factory=dict)
    calls: int = 0
    asked: list[dict[str, Any]] = field(default_factory=list)
    time_is_up_before: int | None = None
    silent_before: int | None = None
    order: Callable[[Iterable[Any]], list[Any]] = sorted
    access: Access = field(default_factory=Access)
    home_region: str = "us-east-1"
    silence: threading.Event = field(default_factory=threading.Event)
    _names: Iterator[int] = field(default_factory=itertools.count)

    def identity(self) -> str:
        """The account that the credentials lead to."""
        return self.account_id

    def add(self, number: int, since: datetime, apart: timedelta = timedelta(minutes=1)) -> None:
        """Further jobs, that ended one after the other."""
        for one in range(number):
            self.jobs[f"job-{next(self._names):05d}"] = (since + one * apart, "Completed")

    def pages(
        self, service: str, operation: str, region: str, action: str, items: str, **arguments: Any
    ) -> Iterator[list[Any]]:
        """The jobs modified after the given moment, page by page."""
        self.asked.append(arguments)
        after = arguments.get("LastModifiedTimeAfter")
        found = self.order((at, name, status) for name, (at, status) in self.jobs.items() if not after or at > after)
        for number in itertools.count():
            if number == self.time_is_up_before:
                raise TimeIsUp(silent=0)
            if number == self.silent_before:
                self.silence.wait()
            self.calls += 1
            page = found[number * PAGE : (number + 1) * PAGE]
            yield [{"Name": name, "LastModifiedTime": at, "Status": status} for at, name, status in page]
            if len(found) <= (number + 1) * PAGE:
                return
