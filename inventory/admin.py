"""The admin site: accounts and who may see them. What was read from AWS is shown by the product's pages, not here."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from audit.admin import Recorded
from inventory.aws import known_regions
from inventory.aws.organizations import UNIT
from inventory.models import Account, AccountGrant, Organization


class AccountGrantInline(admin.TabularInline):  # type: ignore[type-arg]
    """The users and groups that see an account."""

    model = AccountGrant
    extra = 1


class AccountForm(forms.ModelForm):  # type: ignore[type-arg]
    """What may be edited of an account."""

    def clean_only_regions(self) -> Any:
        """A list of regions that exist."""
        regions = self.cleaned_data["only_regions"] or []
        if not isinstance(regions, list) or not set(map(str, regions)) <= known_regions():
            raise forms.ValidationError('Write a JSON list of region names, such as ["eu-west-1", "us-east-1"].')
        return sorted(regions)


@admin.register(Account)
class AccountAdmin(Recorded):
    """An account's regions, interval and grants. It is added and identified with `manage.py add_account`."""

    form = AccountForm
    is_about = "account"
    list_display = ("name", "account_id", "next_due_at")
    fields = ("name", "account_id", "role_arn", "only_regions", "interval_seconds")
    readonly_fields = ("account_id", "role_arn")
    inlines = (AccountGrantInline,)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never: an account is identified with GetCallerIdentity first."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Account | None = None) -> bool:
        """Never: its history would go with it, which takes `manage.py remove_account`."""
        return False


class OrganizationForm(forms.ModelForm):  # type: ignore[type-arg]
    """Which units members are taken from."""

    def clean_include_units(self) -> Any:
        """Ids of units."""
        return _unit_ids(self.cleaned_data["include_units"])

    def clean_exclude_units(self) -> Any:
        """Ids of units."""
        return _unit_ids(self.cleaned_data["exclude_units"])


def _unit_ids(units: Any) -> list[str]:
    found = units or []
    if not isinstance(found, list) or not all(isinstance(one, str) and UNIT.fullmatch(one) for one in found):
        raise forms.ValidationError('Write a JSON list of ids of units, such as ["ou-abcd-12345678"].')
    return sorted(set(found))


@admin.register(Organization)
class OrganizationAdmin(Recorded):
    """Which units an organization's accounts are taken from. It is added with `manage.py add_organization`.

    Deleting it leaves its accounts as they are; they only follow it no longer.
    """

    form = OrganizationForm
    list_display = ("organization_id", "reader", "read_at", "reason")
    fields = ("organization_id", "reader", "member_role", "include_units", "exclude_units", "read_at", "reason")
    readonly_fields = ("organization_id", "reader", "member_role", "read_at", "reason")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never: it is identified with DescribeOrganization first."""
        return False
