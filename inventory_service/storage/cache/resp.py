"""Replies of Redis told apart where they stand, compiled; RESP2, the protocol that redis.io describes.

A reply begins with its kind: `$` and its length, then a value, where -1 is nothing; `*` and how many replies follow as
one; `-` a refusal, `+` and `:` a line.
"""

from geo.compiled import compiled

BULK, ARRAY, REFUSAL, LINE, NUMBER = (ord(sign) for sign in "$*-+:")
RETURN, MINUS, ZERO, NINE = (ord(sign) for sign in "\r-09")
INCOMPLETE, NO_REPLY = -1, -2
MOST_DIGITS = 18


@compiled
def number_at(data, at):
    """(a whole number that stands at `data[at:]` and ends a line, where the next line begins); where there is none, it
    begins at INCOMPLETE, or NO_REPLY.
    """
    value, sign, begun = 0, 1, at
    if at < len(data) and data[at] == MINUS:
        sign, at = -1, at + 1
    while at < len(data) and ZERO <= data[at] <= NINE and at - begun < MOST_DIGITS:
        value, at = 10 * value + data[at] - ZERO, at + 1
    if at + 1 < len(data):
        return sign * value, at + 2 if data[at] == RETURN and at > begun else NO_REPLY
    return 0, INCOMPLETE


@compiled
def replies_end(data, at, count):
    """(where so many replies end that stand at `data[at:]`, how many are refusals, how many values nothing, in arrays
    too); instead of the first INCOMPLETE, or NO_REPLY where one is none.
    """
    due, refusals, nothings = count, 0, 0
    while due:
        if at >= len(data):
            return INCOMPLETE, refusals, nothings
        kind, due = data[at], due - 1
        if kind in (BULK, ARRAY):
            size, at = number_at(data, at + 1)
            if at < 0:
                return at, refusals, nothings
            nothings += size < 0
            if kind == ARRAY:
                due += max(size, 0)
            elif size >= 0:
                at += size + 2
        elif kind in (REFUSAL, LINE, NUMBER):
            refusals += kind == REFUSAL
            while at < len(data) and data[at] != RETURN:
                at += 1
            at += 2
        else:
            return NO_REPLY, refusals, nothings
        if at > len(data):
            return INCOMPLETE, refusals, nothings
    return at, refusals, nothings
