"""Gathers the models of all rooms for Django, which looks for them here."""

from zusage.web.book.models import (
    Address,
    Book,
    Choice,
    Consent,
    Contract,
    Erased,
    Import,
    ImportFile,
    Phone,
    Referral,
    TidyRow,
    Work,
    Yield,
)
from zusage.web.calendar.models import Touchpoint
from zusage.web.charter.letters.models import LetterText, LetterWave, LetterWeek, WaveLetter
from zusage.web.charter.link.models import ReplyList
from zusage.web.charter.models import CustomerLink, ReplyCode, Sheet
from zusage.web.charter.newsletter.models import NewsletterIssue
from zusage.web.charter.outbox.models import AlsoFor, Message, Notice, Watch
from zusage.web.customers.choices.models import DeclinedService, Wish
from zusage.web.customers.consent.models import ConsentUse, Lock, Objection, OwnConsent
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
from zusage.web.customers.referrals.models import OwnReferral, ReferralAsk
from zusage.web.desk.models import Event, Request
from zusage.web.insight.models import CapacityStudy
from zusage.web.office.models import Absence, Firm, Job, PolicyVersion, User
from zusage.web.privacy.keeping.models import RetentionRule
from zusage.web.review.models import Flag, Proposal
from zusage.web.services.models import Announcement, Ask, Check, Draft, DraftStep, Mover, Taker, TimeSample

__all__ = [
    "Absence",
    "Account",
    "Address",
    "AlsoFor",
    "Announcement",
    "Ask",
    "Book",
    "CapacityStudy",
    "Check",
    "Choice",
    "Consent",
    "ConsentUse",
    "Contract",
    "Customer",
    "CustomerLink",
    "DeclinedService",
    "Draft",
    "DraftStep",
    "Erased",
    "Event",
    "Firm",
    "Flag",
    "Import",
    "ImportFile",
    "Job",
    "LetterText",
    "LetterWave",
    "LetterWeek",
    "Lock",
    "Membership",
    "Message",
    "Mover",
    "NewsletterIssue",
    "Note",
    "Notice",
    "Objection",
    "Override",
    "OwnChoice",
    "OwnConsent",
    "OwnReferral",
    "OwnWork",
    "Phone",
    "PolicyVersion",
    "Proposal",
    "Referral",
    "ReferralAsk",
    "ReplyCode",
    "ReplyList",
    "Request",
    "RetentionRule",
    "Run",
    "SavedView",
    "Sheet",
    "Taker",
    "TidyRow",
    "TimeSample",
    "Told",
    "Touchpoint",
    "Unit",
    "User",
    "Watch",
    "WaveLetter",
    "Wish",
    "Work",
    "Yield",
]
