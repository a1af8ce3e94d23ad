"""How an operation is declared: its address, what it takes, what it answers, and which scope it needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Router
from pydantic import BaseModel

from api.authentication import may
from api.models import Scope
from api.parameters import Parameter, refuse_others
from api.problems import Kind, Refused
from inventory.pages.operators import is_operator

View = Callable[..., Any]


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One thing that can be asked; every one of them only reads.

    To all but operators an operation for them does not exist, as its page does not, whatever scopes they have.
    `checks_own` leaves unknown parameters to the view, whose filters know better what is possible.
    """

    path: str
    name: str
    summary: str
    answer: type[BaseModel]
    tag: str
    scope: Scope = Scope.INVENTORY
    parameters: Sequence[Parameter] = ()
    takes_tags: bool = False
    is_for_operators: bool = False
    checks_own: bool = False

    def add_to(self, router: Router, view: View) -> None:
        """Let the router answer it with the view, after the checks that all operations share."""

        @wraps(view)
        def checked(request: HttpRequest, **path: Any) -> Any:
            if self.is_for_operators and not is_operator(request):
                raise Http404("This is for operators.")
            need(request, self.scope)
            if not self.checks_own:
                refuse_others(request, self.parameters, takes_tags=self.takes_tags)
            return view(request, **path)

        router.get(
            self.path,
            response=self.answer,
            operation_id=self.name,
            url_name=self.name,
            summary=self.summary,
            tags=[self.tag],
            exclude_unset=True,
            openapi_extra={
                "parameters": [parameter.as_openapi() for parameter in self.parameters],
                "x-scope": self.scope.value,
            },
        )(checked)


def need(request: HttpRequest, scope: Scope) -> None:
    """Refused if whoever asks lacks the scope."""
    if not may(request, scope):
        raise Refused(Kind.FORBIDDEN, f"This needs the scope {scope}, which the token does not have.")
