"""The answer to a request, frozen: what holds, who does it, where, until when, with a copy of the terms it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from zusage.ground.reasons import Reason
from zusage.policy.document import Promise, Response, Text, UsedUp
from zusage.promises.allowance import Charge, State
from zusage.promises.standing import Request, RuleName

Settlement = Literal["included", "not_promised"] | UsedUp


@dataclass(frozen=True)
class Answer:
    """What a customer is owed for a request. Moments are UTC."""

    customer_id: str
    class_key: str
    request: Request
    policy_hash: str
    policy_version: str
    rule: RuleName | None  # where the promise comes from; None: not promised to this customer
    promise: Promise | None
    response_rule: RuleName
    response: Response  # how fast
    cut_off_seconds: int
    settlement: Settlement
    charge: Charge | None
    allowance: State | None
    who: str | None  # role
    where: str | None  # a mode of the measure `venue`
    channel: str
    due_at: datetime
    reply: Response | None  # how fast each later message is answered
    completion_at: datetime | None
    opens_at: datetime | None  # asked in closed hours: when the firm is there again
    customer_text: Text
    reasons: tuple[Reason, ...]

    @property
    def within(self) -> bool:
        """Whether the request is within what was promised."""
        return self.settlement == "included"
