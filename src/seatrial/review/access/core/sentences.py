"""One sentence for each ``Why``: what happened, and what to do."""

from __future__ import annotations

from collections.abc import Mapping

from seatrial.review.access.types import Why

SENTENCES: Mapping[Why, str] = {
    Why.UNKNOWN_KEY: "This access key is not known here; send 'Authorization: Bearer stk-…' with a key issued to you.",
    Why.REVOKED_KEY: "This access key was revoked; issue yourself a new one if the consent still names you.",
    Why.NOT_OPEN_YET: "The consented window has not opened yet; the review's page says when it does.",
    Why.WITHDRAWN: "The developer has withdrawn from this review, so all access has ended; make no further calls.",
    Why.RELEASED: "The model was released, so pre-release access has ended; use the released model instead.",
    Why.EXPIRED: "The consented window is over, so access has ended; only a new consent of the developer opens one.",
    Why.CONTAINED: "A leak was reported, so all access has ended; only a new consent of the developer opens one.",
    Why.LEAKED_KEY: "This key is from before a leak and stays dead; issue yourself a new one under the new consent.",
    Why.CLOSED: "This review is closed, so access has ended; no further call is possible.",
    Why.NO_CONSENT: "The developer has signed no consent for this review; wait for it, nothing else opens access.",
    Why.REPLACED: "The consent now covers another build or endpoint than this call used; make the call again.",
    Why.NOT_NAMED: "The consent does not name you as one of the body's people; the developer can sign one that does.",
    Why.PURPOSE: "This key may not be used for that purpose; issue a key for a purpose that the consent names.",
    Why.ENDPOINT: "The consent does not cover this method and path; use a known one, or one that the consent names.",
    Why.MODEL: "The consent covers one model, and the body must name exactly that one once; put it in 'model'.",
    Why.STORED: "Stored answers may be somebody else's; send all of it, or ask for 'GET responses/*' to be consented.",
    Why.LEVEL: "The consent does not reach as deep as this call asks; leave out log-probabilities, or ask for it.",
    Why.LABEL: "What passes here is labelled beyond what you may read; ask the body for someone who may.",
    Why.REQUESTS: "The consented number of requests is spent; only a new consent by the developer gives more.",
    Why.TOKENS: "The consented tokens do not suffice for this call; ask for fewer with a smaller 'max_tokens'.",
    Why.MONEY: "The consented money does not suffice for this call; ask for fewer tokens with a smaller 'max_tokens'.",
    Why.CONCURRENCY: "As many calls as the consent allows at once are in flight; wait for one to end.",
    Why.OVERRUN: "The answer grew past the tokens reserved for it and was cut; say a larger 'max_tokens'.",
    Why.UNVERIFIED: "Whether this access still stands could not be established in time, so the call ended; try again.",
}
