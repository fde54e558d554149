"""Erlang's formulas: how many lines so that nobody hears busy, how many agents so that few wait.

A. K. Erlang, "Solution of some problems in the theory of probabilities of significance in automatic
telephone exchanges" (1917). Traffic is in erlangs: calls a second times their seconds.
"""

from math import ceil, exp


def blocking(traffic: float, lines: int) -> float:
    """Erlang B: the share of calls that find all lines taken."""
    lost = 1.0
    for line in range(1, lines + 1):
        lost = traffic * lost / (line + traffic * lost)
    return lost


def lines_for(traffic: float, most_blocked: float) -> int:
    """The fewest lines at which no more than that share of calls hears busy."""
    lost, line = 1.0, 0
    while lost > most_blocked:
        line += 1
        lost = traffic * lost / (line + traffic * lost)
    return line


def waiting(traffic: float, agents: int) -> float:
    """Erlang C: the share of calls that wait, where nobody gives up; 1 with too few agents."""
    if agents <= traffic:
        return 1.0
    lost = blocking(traffic, agents)
    return lost / (1 - traffic / agents * (1 - lost))


def service_level(traffic: float, agents: int, handling: float, within: float) -> float:
    """The share of calls that an agent takes within so many seconds; ``handling`` is theirs."""
    if agents <= traffic:
        return 0.0
    return 1 - waiting(traffic, agents) * exp(-(agents - traffic) * within / handling)


def agents_for(traffic: float, handling: float, share: float, within: float) -> int:
    """The fewest agents who take that share of calls within so many seconds."""
    agents = max(1, ceil(traffic))
    while service_level(traffic, agents, handling, within) < share:
        agents += 1
    return agents
