"""Working time: hours, holidays, closures and pauses come in; due moments, working seconds and working days go out.

One question at a time: the methods of `Calendar`. A year's requests at once: `worktime.vector`. Questions of other
programs as JSON lines: `worktime.questions`. The rules with an example each: docs/developer/worktime.md.
"""

from zusage.ground.worktime.calendar import Calendar
from zusage.ground.worktime.hours import Season
from zusage.ground.worktime.public import PublicHolidays

__all__ = ["Calendar", "PublicHolidays", "Season"]
