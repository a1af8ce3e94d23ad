"""Adding an account by a role: a name and an ARN, and the page that comes back says what the role must trust.

No page asks AWS. The account is kept as pending until a worker could assume its role, which is tried at every tick.
"""

from __future__ import annotations

import re

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from audit.models import Kind, record
from inventory.models import Account
from inventory.pages.operators import for_operators
from inventory.signals import check_wanted
from inventory.snapshots.way_in import EXTERNAL_ID, PROFILE, ROLE_ARN, is_name, new_external_id

TAKEN = "There is already an account called %s: choose another name."


class AddForm(forms.Form):
    """What must be known of an account before its role can be assumed."""

    name = forms.CharField(error_messages={"required": "Say what to call the account."})
    role_arn = forms.CharField(error_messages={"required": "Say which role opens the account."})
    external_id = forms.CharField(required=False)
    profile = forms.CharField(required=False)

    def clean_name(self) -> str:
        """A name of its own that is no account's id."""
        name: str = self.cleaned_data["name"]
        if not is_name(name):
            raise ValidationError(
                "A name has up to 64 letters, digits, blanks, dots, underscores and hyphens, and not digits alone."
            )
        if Account.objects.filter(name=name).exists():
            raise ValidationError(TAKEN % name)
        return name

    def clean_role_arn(self) -> str:
        """The ARN of a role that no other account is read through."""
        role = self._matching("role_arn", ROLE_ARN, "A role's ARN looks like arn:aws:iam::123456789012:role/NAME.")
        other = Account.objects.filter(role_arn=role).first()
        if other is not None:
            raise ValidationError(f"{other.name} is read through this role already.")
        return role

    def clean_external_id(self) -> str:
        """An external id as STS takes them, or none."""
        said = "An external id has 2 to 1224 letters, digits and any of +=,.@:/-_"
        return self._matching("external_id", EXTERNAL_ID, said)

    def clean_profile(self) -> str:
        """The name of a profile, or none."""
        return self._matching("profile", PROFILE, "A profile is named as in the host's AWS configuration.")

    def save(self, by: str) -> Account | None:
        """Keep the account as pending; None if somebody took its name in this moment. Only for a valid form."""
        wanted = self.cleaned_data
        try:
            with transaction.atomic():
                made = Account.objects.create(
                    name=wanted["name"],
                    role_arn=wanted["role_arn"],
                    external_id=wanted["external_id"] or new_external_id(),
                    profile=wanted["profile"],
                )
                record(by, Kind.ACCOUNT_ADDED, f"added {made.name}", account=made.name)
                return made
        except IntegrityError:
            self.add_error("name", TAKEN % wanted["name"])
            return None

    def _matching(self, field: str, pattern: re.Pattern[str], otherwise: str) -> str:
        text: str = self.cleaned_data[field]
        if text and not pattern.fullmatch(text):
            raise ValidationError(otherwise)
        return text


@for_operators
def add_account(request: HttpRequest) -> HttpResponse:
    """The form, and the page of the account that it made."""
    form = AddForm(request.POST or None)
    account = form.save(request.user.get_username()) if form.is_valid() else None
    if account is None:
        status = 400 if form.is_bound else 200
        return render(request, "inventory/account_add.html", {"form": form}, status=status)
    check_wanted.send(sender=Account, account_id=account.pk)
    messages.success(
        request,
        f"{account.name} is kept as pending until its role can be assumed. Give the role the trust policy below; "
        "a worker tries it by itself.",
    )
    return redirect("account", account.pk)
