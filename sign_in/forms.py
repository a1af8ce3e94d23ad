"""Allauth's forms in our words: labels instead of placeholders, which vanish as soon as one types."""

from __future__ import annotations

from typing import Any

from allauth.account import forms
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.totp import forms as totp_forms
from django.contrib.auth.password_validation import password_validators_help_texts
from django.forms import Form


class LoginForm(forms.LoginForm):  # type: ignore[misc]
    """User name or e-mail address, and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _without_placeholders(self)
        login = self.fields["login"]
        login.label = "User name or e-mail address"
        login.widget.attrs |= {
            "autocomplete": "username",
            "autocapitalize": "none",
            "spellcheck": "false",
            "autofocus": True,
        }
        self.fields["password"].help_text = ""


class SetPasswordForm(forms.SetPasswordForm):  # type: ignore[misc]
    """A first password, twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _without_placeholders(self)
        _name_new_password(self)


class ChangePasswordForm(forms.ChangePasswordForm):  # type: ignore[misc]
    """The password in use, and a new one, twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _without_placeholders(self)
        _name_new_password(self)
        self.fields["oldpassword"].label = "Password in use"
        self.fields["oldpassword"].help_text = ""


class ReauthenticateForm(forms.ReauthenticateForm):  # type: ignore[misc]
    """The password once more, before something that only its owner may do."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _without_placeholders(self)
        self.fields["password"].help_text = ""
        self.fields["password"].widget.attrs["autofocus"] = True


class AuthenticateForm(mfa_forms.AuthenticateForm):  # type: ignore[misc]
    """The code that signing in asks for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _ask_for_code(self, "Code of the authenticator app, or a recovery code")


class ReauthenticateByCodeForm(mfa_forms.ReauthenticateForm):  # type: ignore[misc]
    """A code once more, before something that only its owner may do."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _ask_for_code(self, "Code of the authenticator app, or a recovery code")


class ActivateTOTPForm(totp_forms.ActivateTOTPForm):  # type: ignore[misc]
    """The first code of an authenticator app, which shows that it has the key."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _ask_for_code(self, "Code that the app shows now")


def _without_placeholders(form: Form) -> None:
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)


def _name_new_password(form: Form) -> None:
    form.fields["password1"].label = "New password"
    form.fields["password1"].help_text = " ".join(password_validators_help_texts())
    form.fields["password2"].label = "The same again"


def _ask_for_code(form: Form, label: str) -> None:
    """Name the field, and let phones show digits and offer the code that they know."""
    _without_placeholders(form)
    code = form.fields["code"]
    code.label = label
    code.widget.attrs |= {"inputmode": "numeric", "autocomplete": "one-time-code", "autofocus": True, "maxlength": "12"}
