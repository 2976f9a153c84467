"""What each problem means for who gets it, and what to do: shown at /docs, where the `type` of a problem leads."""

from collections.abc import Mapping

ADVICE: Mapping[str, str] = {
    "moved": (
        "Two entries of our catalogue turned out to be one product. Ask again at the address in Location, and "
        "keep the new id in place of the old one; most HTTP clients follow it by themselves."
    ),
    "invalid-input": (
        "Values are wrong, missing, repeated, or of names that are unknown here. `errors` lists each one: "
        "`pointer` is the parameter, or the JSON pointer of the field of the body, and `detail` says what it must"
        " be. The same request gets the same answer: mend it first."
    ),
    "unauthorized": (
        "Send a key that is in force as `Authorization: Bearer KEY`. Look for a cut or doubled value, and ask "
        "whoever runs the service whether the key was revoked."
    ),
    "forbidden": (
        "The key is known but not for this: its kind, its scopes or its retailers do not cover the request. Exact"
        " counts, and asking for a quantity above 3, need the scope counts; staff's addresses need a staff key."
    ),
    "not-found": (
        "We have not heard of that product or store. Where `pointer` names a GTIN, look at its check digit and at"
        " leading zeros; a retailer's own number needs its retailer as well."
    ),
    "too-slow": (
        "The body of the request stopped or trickled, and the connection was closed. Send the same again; from a "
        "slow line compress less work into one request, and set your own timeout above ours."
    ),
    "settled": (
        "So much has been told of this shelf since, or so long ago was this confirmation, that it has been added "
        "up with the rest. Confirm what is on the shelf now instead."
    ),
    "unsupported": (
        "Bodies are taken as they are: leave Content-Encoding out. Answers are compressed if you accept gzip."
    ),
    "other-request": (
        "This Idempotency-Key was used before with another body. Draw a new one for each new statement, and use "
        "it again only to repeat exactly that one."
    ),
    "too-many": (
        "This device or this address has sent more shoppers' reports today than we take. Come back after Retry-"
        "After seconds; what was taken in before counts."
    ),
    "crowded": (
        "More is asked for the first time at once than can be looked up without making everybody wait. Ask again "
        "after Retry-After seconds; what others have asked meanwhile is then at hand."
    ),
    "unavailable": (
        "Neither our database nor our cache answered in time. Ask again after Retry-After seconds, then after "
        "longer ones; what you hold still stands for as long as its own age allows."
    ),
    "malformed-request": (
        "What came is not HTTP as RFC 9112 has it: a broken header, two lengths, a bad chunk, a line that is too "
        "long. Look for a proxy or a hand-made client on the way."
    ),
    "no-such-address": (
        "There is nothing at this path. All addresses are listed on this page; mind the /v1 and slashes."
    ),
    "method-not-allowed": "The address exists and takes other methods: those in the header Allow.",
    "too-large": ("The body is larger than this address takes; `detail` tells the bound. Send several smaller ones."),
    "expectation-failed": "Only `Expect: 100-continue` is understood. Leave the header out.",
    "internal": (
        "A fault of ours, logged with its cause. Trying once more is fine; if it stays, tell us the time and the "
        "address, without your key."
    ),
}
"""By the last part of the problem's `type`."""


def advice_on(problem_type: str) -> str:
    """`problem_type`: such as /problems/not-found."""
    return ADVICE.get(problem_type.rpartition("/")[2], "")
