"""What pages of costs have in common that a query or a saved view narrows."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from functools import cached_property

from costs.pages.falling_use import Choice
from inventory.pages.list_query import QUERY
from inventory.pages.query.language import LONGEST, QueryError
from inventory.pages.query.saved import open_views
from inventory.pages.scope import PageScope


class Narrowed:
    """An address with a query in it."""

    scope: PageScope
    url_name: str
    text: str

    everything = "everything"
    """What is there without a query."""

    @property
    @abstractmethod
    def error(self) -> QueryError | None:
        """Why the query finds nothing; None if it can be read."""

    @abstractmethod
    def can_be_asked(self, query: str) -> bool:
        """Whether the page can be narrowed by this query."""

    @abstractmethod
    def address(self, **changes: str) -> str:
        """The same page with other parameters; an empty one falls away."""

    @property
    @abstractmethod
    def own_parameters(self) -> Iterable[tuple[str, str]]:
        """What the address carries beside the query, the accounts and the moment."""

    @property
    def pieces(self) -> tuple[str, str, str]:
        """What stands before, at and after the word that is wrong."""
        return self.error.pieces(self.text) if self.error else (self.text, "", "")

    @property
    def longest(self) -> int:
        """How long a query may be."""
        return LONGEST

    @property
    def form_parameters(self) -> list[tuple[str, str]]:
        """What the form of the query carries beside it."""
        return [*self.own_parameters, *self.scope.url_parameters.items()]

    @cached_property
    def views(self) -> list[Choice]:
        """The saved views that the page can be narrowed by, and everything; nothing where there are none."""
        found = [one.view for one in open_views(self.scope) if self.can_be_asked(one.view.query)]
        if not found:
            return []
        return [
            Choice(label=self.everything, url=self.address(**{QUERY: ""}), is_current=not self.text),
            *(
                Choice(label=view.name, url=self.address(**{QUERY: view.query}), is_current=view.query == self.text)
                for view in found
            ),
        ]

    @property
    def view_words(self) -> str:
        """The saved view that is shown, if it is one."""
        return next((one.label for one in self.views if one.is_current), "saved views")
