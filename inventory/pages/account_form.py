"""What an operator may set on an account: how often, where, and whether boot scripts and bills are read."""

from __future__ import annotations

from typing import Any, Self

from django import forms
from django.db import transaction

from audit.models import Kind, record
from inventory.models import Account
from inventory.pages.region_names import region_name

LEAST_SECONDS = 60
MOST_SECONDS = 30 * 24 * 3600


class AccountForm(forms.Form):
    """The settings of one account. Regions are those that it can use, and those that were chosen before."""

    interval_seconds = forms.IntegerField(
        required=False,
        min_value=LEAST_SECONDS,
        max_value=MOST_SECONDS,
        error_messages={
            "invalid": "Write the seconds between two snapshots as a whole number, such as 3600.",
            "min_value": f"Snapshots can be {LEAST_SECONDS} seconds apart at least.",
            "max_value": f"Snapshots can be {MOST_SECONDS} seconds (30 days) apart at most.",
        },
    )
    only_regions = forms.MultipleChoiceField(
        required=False,
        error_messages={"invalid_choice": "%(value)s is no region that this account can use."},
    )
    collects_user_data = forms.BooleanField(required=False)
    asks_cost_explorer = forms.BooleanField(required=False)

    def __init__(self, account: Account, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account = account
        known = sorted({*account.enabled_regions, *account.only_regions})
        self.fields["only_regions"].choices = [(one, region_name(one)) for one in known]  # type: ignore[attr-defined]

    @classmethod
    def of(cls, account: Account) -> Self:
        """The form as it stands before anybody has changed anything."""
        names = ("interval_seconds", "only_regions", "collects_user_data", "asks_cost_explorer")
        return cls(account, initial={name: getattr(account, name) for name in names})

    @property
    def regions(self) -> list[tuple[str, str, bool]]:
        """What can be chosen: region, its name, and whether it is chosen."""
        chosen = self["only_regions"].value() or []
        choices = self.fields["only_regions"].choices  # type: ignore[attr-defined]
        return [(region, name, region in chosen) for region, name in choices]

    @transaction.atomic
    def save(self, by: str) -> list[str]:
        """Store the settings and answer which of them changed, in words. Only for a valid form."""
        words = {
            "interval_seconds": "the interval",
            "only_regions": "the regions",
            "collects_user_data": "whether boot scripts are read",
            "asks_cost_explorer": "whether Cost Explorer is asked",
        }
        changed = [name for name in words if getattr(self.account, name) != self.cleaned_data[name]]
        for name in changed:
            setattr(self.account, name, self.cleaned_data[name])
        if changed:
            self.account.save(update_fields=changed)
            told = f"changed {', '.join(words[name] for name in changed)} of {self.account.name}"
            record(by, Kind.ACCOUNT_CHANGED, told, account=self.account.name)
        return [words[name] for name in changed]

    def clean_only_regions(self) -> list[str]:
        """Sorted, so that the same choice is the same value."""
        return sorted(self.cleaned_data["only_regions"])
