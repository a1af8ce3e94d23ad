"""What is wrong with a condition, an order or a column that an address or a command asks for, and what was meant."""

from __future__ import annotations

import re
from collections.abc import Sequence

from inventory.pages.columns import NATIVE_ID
from inventory.pages.extensions import extensions
from inventory.pages.nearest import hint, nearest
from inventory.registry import ResourceType

AS_IN_FILTERS = {":": "", ">=": "__gte", "<=": "__lte", ">": "__gt", "<": "__lt"}
"""How a filter spells a comparison of the query language, for who writes vcpu>=8 where vcpu__gte=8 is meant."""

_AS_IN_A_QUERY = re.compile(r"(?P<sign>-?)(?P<field>\w+)(?P<comparison>:|>=|<=|>|<)(?P<value>.+)", re.DOTALL)


class FilterError(ValueError):
    """A condition that cannot be met; the message names the word and says what is possible.

    `wrong` is the word as it was written, and `suggestion` what was probably meant by it; both are empty where nobody
    can tell. `is_value` says that the word stands behind the name of the column.
    """

    def __init__(self, message: str, *, wrong: str = "", suggestion: str = "", is_value: bool = False) -> None:
        super().__init__(message)
        self.wrong = wrong
        self.suggestion = suggestion
        self.is_value = is_value

    def pieces(self, text: str) -> tuple[str, str, str]:
        """A text before, at and after the word that is wrong; nothing if it is not in there."""
        if not self.wrong or self.wrong not in text:
            return ("", "", "")
        return text.rpartition(self.wrong) if self.is_value else text.partition(self.wrong)

    def corrected(self, text: str) -> str:
        """The text with the suggestion in the place of the word; empty without one."""
        before, word, after = self.pieces(text)
        return f"{before}{self.suggestion}{after}" if word and self.suggestion else ""


def no_column(kind: ResourceType, field: str, written: str, possible: Sequence[str]) -> FilterError:
    """What to say of a condition on a column that there is not: how it is spelled here, or which column is near."""
    short = {"id": NATIVE_ID.field}
    short |= {one.short_name: one.key for one in extensions.columns_of(kind.slug) if one.short_name}
    asked = _AS_IN_A_QUERY.fullmatch(written)
    name = "" if asked is None else short.get(asked["field"], asked["field"])
    if asked is not None and name in possible:
        spelled = f"{asked['sign']}{name}{AS_IN_FILTERS[asked['comparison']]}={asked['value']}"
        message = f"“{written}” is written as in a query; a condition is written {spelled}."
        return FilterError(message, wrong=written, suggestion=spelled)
    near = short.get(field) or nearest(field, possible)
    message = f"There is no column “{field}”.{hint(near)} Possible are {', '.join(possible)} and tag:<key>."
    return FilterError(message, wrong=field, suggestion=near)
