"""Offered work and a number of people come in, the share of those who find all of them busy goes out.

Erlang's two formulas by the recursion that neither overflows nor cancels: B(0) = 1, B(n) = a·B(n−1) / (n + a·B(n−1)).
Sources: A. K. Erlang 1917; the recursion and its stability: R. Cooper, Introduction to Queueing Theory, 2nd ed. 1981.
"""

from __future__ import annotations

import math
from numbers import Integral, Real

from zusage.ground.reasons import Finding, Refused, mistake


def erlang_b(load: float, servers: int) -> float:
    """The share of arrivals that find all servers busy where nobody waits (M/M/n/n, any handling times).

    `load` is arrivals in a unit of time × mean handling time, in Erlang. Raises Refused for a load that is negative or
    no number, and for servers that are no whole number from 0 on.

    >>> round(erlang_b(5, 10), 10)
    0.0183845703
    """
    _check(load, servers)
    blocked = 1.0
    for number in range(1, servers + 1):
        busy = load * blocked
        blocked = busy / (number + busy)
    return blocked


def erlang_c(load: float, servers: int) -> float:
    """The share of arrivals that have to wait where all wait (M/M/n). Arguments and errors as for `erlang_b`.

    A load that the servers cannot carry makes the queue grow without end; then everybody waits in the long run: 1.

    >>> round(erlang_c(5, 10), 10)
    0.0361053592
    """
    _check(load, servers)
    if load >= servers:
        return 1.0
    blocked = erlang_b(load, servers)
    return blocked / (1 - load / servers * (1 - blocked))


def _check(load: float, servers: int) -> None:
    mistakes: list[Finding] = []
    if isinstance(load, bool) or not isinstance(load, Real) or not math.isfinite(load) or load < 0:
        mistakes.append(mistake("simulate_bad_load", text=str(load)))
    if isinstance(servers, bool) or not isinstance(servers, Integral) or servers < 0:
        mistakes.append(mistake("simulate_bad_servers", text=str(servers)))
    if mistakes:
        raise Refused(mistakes)
