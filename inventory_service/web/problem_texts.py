"""What is said of each problem on its own page: what it means, what to do, and how one reads."""

from typing import NamedTuple

from inventory_service.runtime.http.problems import Fault, http_problem


class Text(NamedTuple):
    """`detail` and `errors` are those of the example."""

    means: str
    do: str
    detail: str
    errors: tuple[Fault, ...] = ()


USUAL = Text(
    "The title says what is the matter; the problem's detail says it of your request.",
    "Read the detail. It names each field that is wrong, where one is.",
    "…",
)
TEXTS = {
    "moved": Text(
        "Two products turned out to be one. What you ask for has become part of the other.",
        "Follow Location: it asks the same with the id that stands now. Keep that id.",
        "The product is now 17.",
    ),
    "invalid-input": Text(
        "Values are missing, wrong, repeated or unknown. Nothing was looked up or changed.",
        "Look at errors: each names a field by its pointer (a parameter, or the JSON pointer of a field of the "
        "body) and says what is wrong with it. What is wrong with the values themselves is told all at once; what has "
        "to be looked up (whether a place, a product or a store is known, whether a url may be delivered to) once "
        "the rest is right. Sending the same again fails again.",
        "lat: must be at most 90",
        (Fault(pointer="lat", detail="must be at most 90"),),
    ),
    "key-required": Text(
        "This service was told to answer nobody without a key, or this address is for keys of one kind; and the "
        "request had none.",
        "Send a key as Authorization: Bearer KEY. A publishable key (pk_) may stand in the address instead, as "
        "?key=. Ask whoever runs this service for one: keys create makes it.",
        "Send a key as Authorization: Bearer KEY.",
    ),
    "key-invalid": Text(
        "A key came with the request, and it is none that is valid: it was never one of ours, or was cut off on its"
        " way, or it has been revoked, or it has expired. The detail says which. Nobody else's limit was touched.",
        "Compare the key with the one that you were given, all of it. One that was rotated has a successor: use "
        "that. Do not try again with the same key; it will not become valid.",
        "This key expired at 2026-11-22T03:40:12Z; another one has taken its place.",
    ),
    "forbidden": Text(
        "The key is valid and does not allow this: it lacks a scope, or is for other retailers, or for staff.",
        "Ask for less, or with another key. Exact counts, and quantity above 3, need a secret key with scope counts.",
        "Asking for quantity above 3 needs a key with scope counts.",
    ),
    "wrong-origin": Text(
        "A publishable key works from the web origins that it was made for, exactly these, and the page that asks "
        "has another one, or the request names none.",
        "Compare the origin in the detail with those of the key, to the letter: scheme, host and port, and www or "
        "not. Another origin takes another key: keys create --kind publishable --origin https://shop.example. From "
        "a server use a secret key.",
        "This key is not for pages of https://www.shop.example: it has other web origins.",
    ),
    "rate-limited": Text(
        "The key, or the address where there is no key, has asked as much as it may for now. RateLimit-Policy names"
        " all limits that hold (q: how much, w: in how many seconds); RateLimit tells of the one that is nearest to"
        " its end what remains (r) and in how many seconds all is there again (t).",
        "Wait as many seconds as Retry-After says, then go on. Earlier tries are refused too, and cost nothing. To "
        "stay below: keep answers for as long as Cache-Control allows, send If-None-Match, ask for smaller radii, "
        "and look at r before you ask. A key has higher limits than none.",
        "No more than 600 a minute without a key are allowed. Ask again in 42 s.",
    ),
    "too-costly": Text(
        "A wide radius, many results or a long list counts as several requests, and this one as more than the limit"
        " allows at all. It would be refused at any time.",
        "Do not send it again. Ask for less at once: a smaller radius, fewer results, a shorter list. Or use a key "
        "with a higher limit.",
        "This counts as 100 requests, and no more than 60 a minute with this key are allowed: ask for less at once.",
    ),
    "not-found": Text(
        "Nothing is known by that name. It is spelled as such things are, or you would have been told that it is not.",
        "Check the GTIN or id. What nobody has ever told of has no availability, not even unknown.",
        "No product with GTIN 00012345678905 is known.",
        (Fault(pointer="gtin", detail="is not known"),),
    ),
    "too-slow": Text(
        "The body of the request stopped or trickled, and was not waited for any longer.",
        "Send the same again. From a slow line, put less into one request.",
        "The body did not come within 10 seconds.",
    ),
    "unsupported": Text(
        "The body came compressed, or as something else than what this address reads.",
        "Send it as it is: leave Content-Encoding out. Answers are compressed for those who accept gzip.",
        "Content-Encoding br is not understood here: leave the header out.",
    ),
    "overtaken": Text(
        "Something newer has been told of this shelf since: sending the old delivery again would be a step back.",
        "Nothing. What stands now was delivered, or is on its way, under an id of its own.",
        "Something newer has been told of this shelf since.",
    ),
    "settled": Text(
        "What was said has been added up with all that came after it, and cannot be taken back any more.",
        "Say what is true now: a new word counts more than an old one.",
        "This confirmation can no longer be taken back.",
    ),
    "other-request": Text(
        "Under this Idempotency-Key another request came before. To do both would be to guess.",
        "Send each request under a name of its own, and the same one again under the same.",
        "This Idempotency-Key came with another request before.",
    ),
    "too-many": Text(
        "A device, or all from one address, have said as much of shelves today as is taken of one.",
        "Come back after Retry-After seconds, when the next day begins (UTC).",
        "So many reports a day are taken of one device and of one address.",
    ),
    "unauthorized": Text(
        "A webhook came to the receiver whose signature is not right: another secret, another body, or too long ago.",
        "Compare the secret with the one that the source was declared with. Sign the body byte for byte as it is "
        "sent, and look at your clock.",
        "The signature is not right.",
    ),
    "feed-refused": Text(
        "The file is refused as a whole, not line by line: it breaks off, or is not in the format that its source is "
        "declared with.",
        "The detail says what is wrong with it. Repair it and send the whole file again, in the source's format.",
        "The XML holds no <item> or <entry>.",
    ),
    "busy": Text(
        "The receiver has as much to do as it can take just now, and took nothing of this.",
        "Send the same again after Retry-After seconds, each time later.",
        "There is too much to do just now.",
    ),
    "paused": Text(
        "A person has paused this source: nothing is taken of it until it goes on.",
        "Keep what you have to send, and send it after Retry-After seconds. Ask whoever runs this service why.",
        "The source is paused.",
    ),
    "no-room": Text(
        "The receiver's disk has no room for what was sent, and took nothing of it.",
        "Send the same again after Retry-After seconds, and tell whoever runs this service.",
        "The disk has no room for this.",
    ),
    "unavailable": Text(
        "Neither the database nor the cache answered in time. It is not your request's fault.",
        "Ask again after Retry-After seconds, each time later, and show until then what you had.",
        "The service cannot answer just now.",
    ),
    "crowded": Text(
        "More is asked at once than can be looked up. It is not your request's fault.",
        "Ask again after Retry-After seconds.",
        "More is asked at once than can be looked up.",
    ),
    "malformed-request": Text(
        "What came over the wire is no well-formed HTTP.",
        "Use an HTTP library, and look for control characters in addresses and headers. Percent-encode what stands in "
        "an address: curl does it with -G --data-urlencode 'near=Zürich'.",
        http_problem(400).detail,
    ),
    "no-such-address": Text(
        "There is nothing at this address.",
        "Compare it with those in /openapi.json; they begin with /v1/ and end without a slash.",
        "There is nothing at this address.",
    ),
    "method-not-allowed": Text(
        "The address is right and takes another method.",
        "Allow names the methods that it takes.",
        "This address does not take that method.",
    ),
    "too-large": Text(
        "The body is larger than this address takes, packed or not.",
        "Send less at once, in several requests: the detail tells the bound.",
        "The body is larger than 4,096 bytes.",
    ),
    "expectation-failed": Text(
        "The request expects (Expect) something that we do not know.",
        "Leave Expect out, or send 100-continue.",
        "The expectation cannot be met.",
    ),
    "internal": Text(
        "Something went wrong on our side. It has been logged, without what you asked.",
        "Ask again later; if it stays, tell whoever runs this service when it was.",
        "Something went wrong on our side.",
    ),
}


def advice_on(problem_type: str) -> str:
    """What to do about a problem, such as /problems/not-found."""
    return TEXTS.get(problem_type.rpartition("/")[2], USUAL).do
