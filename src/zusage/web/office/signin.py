"""The sign-in library asks here what this office allows and how it speaks: no accounts by oneself, its own words."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import ChangePasswordForm
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone

from zusage.web.office.models import Firm, User
from zusage.web.speech import said

ERRORS = (
    "email_password_mismatch", "too_many_login_attempts", "rate_limited", "enter_current_password",
    "incorrect_password", "incorrect_code", "account_inactive",
)  # fmt: skip
"""The library's errors that can happen here; its German mixes "du" and "Sie"."""


def refusal(library: DefaultAccountAdapter | DefaultMFAAdapter, code: str) -> ValidationError:
    """An error in our words, in the library's where this office cannot cause it."""
    text = said(f"account_error_{code}") if code in ERRORS else library.error_messages[code]
    return ValidationError(text, code=code)


class Adapter(DefaultAccountAdapter):  # type: ignore[misc] # the library has no types
    """Accounts are made by the owner; nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def validation_error(self, code: str, *args: object) -> ValidationError:
        """What was wrong, as this office says it."""
        return refusal(self, code)


class SecondFactor(DefaultMFAAdapter):  # type: ignore[misc] # the library has no types
    """Codes and passkeys."""

    def validation_error(self, code: str, *args: object) -> ValidationError:
        """What was wrong, as this office says it."""
        return refusal(self, code)


class ChangePassword(ChangePasswordForm):  # type: ignore[misc] # the library has no types
    """A new password, twice the same."""

    def add_error(self, field: str | None, error: Any) -> None:
        """The library's own sentence about two different passwords says "du"."""
        repeated = self.cleaned_data.get("password2")  # not there when it was left empty
        differ = field == "password2" and repeated not in (None, self.cleaned_data.get("password1"))
        super().add_error(field, said("account_error_passwords_differ") if differ else error)


class Links(PasswordResetTokenGenerator):
    """Links for one person that end with their use and after a while (`PASSWORD_RESET_TIMEOUT`)."""

    def __init__(self, purpose: str) -> None:
        super().__init__()
        self.key_salt = f"zusage.{purpose}"

    def link(self, person: User) -> str:
        """The part of an address that stands for somebody."""
        return f"{person.pk}-{self.make_token(person)}"

    def person(self, link: str) -> User | None:
        """Whose link it is; nobody's where it was used, is too old, or never was one."""
        pk, _, token = link.partition("-")
        person = User.objects.filter(pk=int(pk), is_active=True).first() if pk.isascii() and pk.isdigit() else None
        return person if person and self.check_token(person, token) else None


PASSWORD_LINKS = Links("password")
DEMO_LINKS = Links("demo")


def use_demo_link(link: str) -> User | None:
    """The example's owner, once: using the link changes the day of the last sign-in, which it was made from."""
    person = DEMO_LINKS.person(link)
    if person is None or not Firm.objects.filter(demo=True).exists():
        return None
    used = User.objects.filter(pk=person.pk, last_login=person.last_login).update(last_login=timezone.now())
    return person if used else None
