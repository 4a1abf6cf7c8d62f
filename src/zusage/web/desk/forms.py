"""What somebody typed at the desk comes in, checked values or readable errors go out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms

from zusage.policy.document import URGENT, Policy
from zusage.policy.terms import CHANNELS
from zusage.promises.order import URGENCIES
from zusage.promises.standing import CAUSES
from zusage.web.desk.models import Request
from zusage.web.office.forms import MOST_MINUTES, Choices, DayField, Said
from zusage.web.office.models import User
from zusage.web.speech import language, said


class _Desk(Said):
    begins = "desk"


class TakeForm(_Desk):
    """A request as it is taken in; by keyboard from top to bottom, what is rarely needed comes last."""

    text = forms.CharField(required=False, max_length=2000, widget=forms.TextInput(attrs={"autofocus": True}))
    what = forms.ChoiceField()
    channel = forms.ChoiceField()
    urgency = forms.ChoiceField()
    phone = forms.CharField(required=False, max_length=32, widget=forms.TextInput(attrs={"inputmode": "tel"}))
    owner = forms.ChoiceField(required=False)
    cause = forms.ChoiceField()
    matter = forms.ChoiceField(required=False)
    wants = forms.ChoiceField(required=False)

    RARE: ClassVar = ("cause", "matter", "wants")

    def __init__(
        self,
        data: Any = None,
        *,
        policy: Policy,
        people: Iterable[User],
        earlier: Iterable[tuple[str, str]],
        **more: Any,
    ) -> None:
        super().__init__(data, **more)
        self.choose("what", [(item.key, item.name[language()]) for item in policy.services])
        self.choose("channel", [(key, said(f"channel_{key}")) for key in CHANNELS])
        self.choose("urgency", [(key, said(f"desk_urgency_{key}")) for key in reversed(URGENCIES)])
        self.choose("cause", [(key, said(f"desk_cause_{key}")) for key in CAUSES])
        self.choose("owner", owners(people))
        self.choose("matter", [("", said("desk_matter_new")), *earlier])
        roles = [(item.key, item.name[language()]) for item in policy.roles]
        self.choose("wants", [("", said("desk_wants_nobody")), *roles])

    def usual(self) -> list[forms.BoundField]:
        """The fields of nearly every request."""
        return [field for field in self if field.name not in self.RARE]

    def rare(self) -> list[forms.BoundField]:
        """The fields that are opened where they are needed."""
        return [field for field in self if field.name in self.RARE]


def owners(people: Iterable[User]) -> Choices:
    """Who can do a request: the team, or one of the people."""
    return [("", said("desk_owner_team")), *((str(item.pk), str(item)) for item in people)]


class NeedForm(_Desk):
    """A need that somebody noticed."""

    text = forms.CharField(max_length=2000, widget=forms.TextInput)
    what = forms.ChoiceField()

    def __init__(self, data: Any = None, *, policy: Policy, **more: Any) -> None:
        super().__init__(data, **more)
        self.choose("what", [(item.key, item.name[language()]) for item in policy.services])


class StepForm(_Desk):
    """A step of a request: the version that was seen, and a remark where there is something to remember."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    text = forms.CharField(required=False, max_length=2000, widget=forms.TextInput)

    def __init__(
        self, data: Any = None, *, request: Request, policy: Policy, people: Iterable[User], **more: Any
    ) -> None:
        super().__init__(data, initial={"version": request.version} | more.pop("initial", {}), **more)
        self.fields["text"].label = said("desk_field_remark")
        self.fill(request, policy, people)

    def fill(self, request: Request, policy: Policy, people: Iterable[User]) -> None:
        """The choices of this step; most have none."""


class DoneForm(StepForm):
    """Done: what it took, and when it was where it is noted later."""

    minutes = forms.IntegerField(min_value=0, max_value=MOST_MINUTES)
    activity = forms.ChoiceField()
    at = forms.DateTimeField(
        required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    field_order = ("minutes", "activity", "at", "text")

    def fill(self, request: Request, policy: Policy, people: Iterable[User]) -> None:
        """The activities of the service model in force: by them the cost is reckoned."""
        self.choose("activity", [(item.key, item.name[language()]) for item in policy.activities])


class WorkForm(DoneForm):
    """Minutes and activity of something that is done already."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        del self.fields["at"], self.fields["text"]


class PostponeForm(StepForm):
    """Later, and by whose wish."""

    until = DayField()
    whom = forms.ChoiceField()
    field_order = ("until", "whom", "text")

    def fill(self, request: Request, policy: Policy, people: Iterable[User]) -> None:
        """Customer or firm: only the customer's wish moves the promise."""
        self.choose("whom", [(key, said(f"desk_whom_{key}")) for key in ("customer", "us")])


class HandOverForm(StepForm):
    """To somebody else, or back to the team."""

    to = forms.ChoiceField(required=False)
    field_order = ("to", "text")

    def fill(self, request: Request, policy: Policy, people: Iterable[User]) -> None:
        """Everyone but who has it now."""
        has = str(request.owner_id or "")
        self.choose("to", [choice for choice in owners(people) if choice[0] != has])


class EscalateForm(StepForm):
    """More urgent than it was."""

    urgency = forms.ChoiceField()
    field_order = ("urgency", "text")

    def fill(self, request: Request, policy: Policy, people: Iterable[User]) -> None:
        """Only what is more urgent than now."""
        more = URGENT[: request.urgency_rank]
        self.choose("urgency", [(key, said(f"desk_urgency_{key}")) for key in reversed(more)])
