"""Gathers the models of all rooms for Django, which looks for them here."""

from zusage.web.book.models import (
    Book,
    Choice,
    Consent,
    Contract,
    Import,
    ImportFile,
    Phone,
    Referral,
    TidyRow,
    Work,
    Yield,
)
from zusage.web.calendar.models import Touchpoint
from zusage.web.customers.models import (
    Account,
    Customer,
    Membership,
    Note,
    Override,
    OwnChoice,
    OwnWork,
    Run,
    SavedView,
    Told,
    Unit,
)
from zusage.web.desk.models import Event, Request
from zusage.web.office.models import Absence, Firm, Job, PolicyVersion, User
from zusage.web.review.models import Flag, Proposal
from zusage.web.services.models import Ask, Draft, DraftStep, Taker, TimeSample

__all__ = [
    "Absence",
    "Account",
    "Ask",
    "Book",
    "Choice",
    "Consent",
    "Contract",
    "Customer",
    "Draft",
    "DraftStep",
    "Event",
    "Firm",
    "Flag",
    "Import",
    "ImportFile",
    "Job",
    "Membership",
    "Note",
    "Override",
    "OwnChoice",
    "OwnWork",
    "Phone",
    "PolicyVersion",
    "Proposal",
    "Referral",
    "Request",
    "Run",
    "SavedView",
    "Taker",
    "TidyRow",
    "TimeSample",
    "Told",
    "Touchpoint",
    "Unit",
    "User",
    "Work",
    "Yield",
]
