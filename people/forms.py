"""What operators write about people and groups."""

from __future__ import annotations

from typing import Any, Self

from django import forms
from django.contrib.auth.models import Group, User
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.validators import RegexValidator

from inventory.models import Account

ONE_LINE = RegexValidator(r"\A[^\x00-\x1f\x7f]*\Z", "Write it in one line.")


class DetailsForm(forms.Form):
    """What is known of a person. An e-mail address can be signed in with, so that no two people may share one."""

    first_name = forms.CharField(max_length=150, required=False, validators=[ONE_LINE])
    last_name = forms.CharField(max_length=150, required=False, validators=[ONE_LINE])
    email = forms.EmailField(
        max_length=254,
        required=False,
        error_messages={"invalid": "This is no e-mail address. Write it like rita@example.com, or leave it empty."},
    )
    is_superuser = forms.BooleanField(required=False)

    def __init__(self, *args: Any, user: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    @classmethod
    def of(cls, user: User) -> Self:
        """The form as it stands before anybody has changed anything."""
        names = ("first_name", "last_name", "email", "is_superuser")
        return cls(user=user, initial={name: getattr(user, name) for name in names})

    def clean_email(self) -> str:
        """Nobody else's."""
        email: str = self.cleaned_data["email"]
        others = User.objects.exclude(pk=self.user.pk) if self.user else User.objects.all()
        if email and others.filter(email__iexact=email).exists():
            raise forms.ValidationError(f"{email} is somebody else's address already.")
        return email


class InviteForm(DetailsForm):
    """Somebody to be invited."""

    username = forms.CharField(
        max_length=150,
        validators=[UnicodeUsernameValidator(message="A user name has letters, digits and @ . + - _ only.")],
        error_messages={"required": "Write the name to sign in with."},
    )
    groups = forms.ModelMultipleChoiceField(Group.objects.order_by("name"), required=False)
    accounts = forms.ModelMultipleChoiceField(Account.objects.order_by("name"), required=False)

    @property
    def group_choices(self) -> list[tuple[Group, bool]]:
        """Each group, and whether it is chosen."""
        return [(one, str(one.pk) in self._chosen("groups")) for one in Group.objects.order_by("name")]

    @property
    def account_choices(self) -> list[tuple[Account, bool]]:
        """Each account, and whether it is chosen."""
        return [(one, str(one.pk) in self._chosen("accounts")) for one in Account.objects.all()]

    def clean_username(self) -> str:
        """Nobody else's, in whatever letters: people mix up Ada and ada."""
        name: str = self.cleaned_data["username"]
        if User.objects.filter(username__iexact=name).exists():
            raise forms.ValidationError(f"There is a user named {name} already.")
        if User.objects.filter(email__iexact=name).exists():
            raise forms.ValidationError(f"{name} is somebody else's e-mail address, by which he or she signs in.")
        return name

    def _chosen(self, name: str) -> set[str]:
        return {str(one) for one in self[name].value() or ()}


class GroupForm(forms.Form):
    """The name of a group."""

    name = forms.CharField(
        max_length=150, validators=[ONE_LINE], error_messages={"required": "Write the name of the group."}
    )

    def __init__(self, *args: Any, group: Group | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.group = group

    def clean_name(self) -> str:
        """No other group's, in whatever letters."""
        name: str = self.cleaned_data["name"]
        others = Group.objects.exclude(pk=self.group.pk) if self.group else Group.objects.all()
        if others.filter(name__iexact=name).exists():
            raise forms.ValidationError(f"There is a group named {name} already.")
        return name


class GrantForm(forms.Form):
    """Accounts to be shown to a person or to a group."""

    user = forms.ModelChoiceField(User.objects.all(), required=False)
    group = forms.ModelChoiceField(Group.objects.all(), required=False)
    accounts = forms.ModelMultipleChoiceField(
        Account.objects.order_by("name"), error_messages={"required": "Choose an account to grant."}
    )

    @property
    def whom(self) -> User | Group | None:
        """The person or the group; None unless it is one of them."""
        user: User | None = self.cleaned_data.get("user")
        group: Group | None = self.cleaned_data.get("group")
        return None if user and group else user or group


class MembersForm(forms.Form):
    """People, and a group that they join or leave."""

    group = forms.ModelChoiceField(Group.objects.all(), error_messages={"required": "Choose a group."})
    users = forms.ModelMultipleChoiceField(
        User.objects.order_by("username"), error_messages={"required": "Choose somebody."}
    )
