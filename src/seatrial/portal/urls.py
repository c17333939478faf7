"""Where each page lives."""

from __future__ import annotations

from django.urls import path

from .pages import campaigns, conduct, consent, dossier, home, keys, ledger, memo, reports, reviews

_SIGN, _NARROW = {"signing": consent.SIGN}, {"signing": consent.NARROW}
_WITHDRAW, _RELEASE, _CLOSE = ({"ending": end} for end in (conduct.WITHDRAW, conduct.RELEASE, conduct.CLOSE))

urlpatterns = [
    path("", home.home, name="home"),
    # Reviews
    path("reviews/", reviews.reviews, name="reviews"),
    path("reviews/new/", reviews.plan, name="review-plan"),
    path("reviews/<str:review_id>/", reviews.review, name="review"),
    path("reviews/<str:review_id>/parts/<str:part>/", reviews.review_part, name="review-part"),
    path("reviews/<str:review_id>/uses/", reviews.uses, name="uses"),
    # What either side does with one
    path("reviews/<str:review_id>/offer/", conduct.offer, name="review-offer"),
    path("reviews/<str:review_id>/acknowledge/", conduct.acknowledge, name="review-acknowledge"),
    path("reviews/<str:review_id>/ask/", conduct.ask, name="review-ask"),
    path("reviews/<str:review_id>/answer/", conduct.answer, name="review-answer"),
    path("reviews/<str:review_id>/dates/", conduct.dates, name="review-dates"),
    path("reviews/<str:review_id>/policy/", conduct.policy, name="review-policy"),
    path("reviews/<str:review_id>/partners/", conduct.partners, name="review-partners"),
    path("reviews/<str:review_id>/partners/<str:organisation>/sign/", conduct.partner_sign, name="partner-sign"),
    path("reviews/<str:review_id>/partners/<str:organisation>/end/", conduct.partner_end, name="partner-end"),
    path("reviews/<str:review_id>/withdraw/", conduct.end, _WITHDRAW, name="review-withdraw"),
    path("reviews/<str:review_id>/release/", conduct.end, _RELEASE, name="review-release"),
    path("reviews/<str:review_id>/close/", conduct.end, _CLOSE, name="review-close"),
    # Consent and keys
    path("reviews/<str:review_id>/consent/", consent.consent, _SIGN, name="consent-sign"),
    path("reviews/<str:review_id>/consent/narrow/", consent.consent, _NARROW, name="consent-narrow"),
    path("reviews/<str:review_id>/credential/", consent.credential, name="credential"),
    path("reviews/<str:review_id>/keys/", keys.keys, name="keys"),
    path("reviews/<str:review_id>/keys/<str:key>/revoke/", keys.revoke, name="key-revoke"),
    # Evidence
    path("reviews/<str:review_id>/campaigns/", campaigns.campaigns, name="campaigns"),
    path("reviews/<str:review_id>/campaigns/new/", campaigns.plan, name="campaign-plan"),
    path("campaigns/<str:campaign_id>/", campaigns.campaign, name="campaign"),
    path("campaigns/<str:campaign_id>/part/", campaigns.campaign_part, name="campaign-part"),
    # Determinations
    path("reviews/<str:review_id>/determinations/", memo.memos, name="memos"),
    path("reviews/<str:review_id>/determinations/new/", memo.draft, name="memo-draft"),
    path("determinations/<str:determination_id>/", memo.memo, name="memo"),
    path("determinations/<str:determination_id>/sign/", memo.sign, name="memo-sign"),
    path("determinations/<str:determination_id>/share/", memo.share, name="memo-share"),
    path("determinations/<str:determination_id>/statement/", memo.statement, name="memo-statement"),
    # The dossier
    path("reviews/<str:review_id>/dossier/", dossier.dossier, name="dossier"),
    path("reviews/<str:review_id>/dossier/write/", dossier.write, name="dossier-write"),
    path("reviews/<str:review_id>/dossier/share/", dossier.share, name="dossier-share"),
    # The record
    path("ledger/", ledger.entries, name="ledger"),
    path("ledger/key", ledger.public_key, name="ledger-key"),
    path("ledger/<str:log>/<int:index>/", ledger.entry, name="entry"),
    path("ledger/<str:log>/<int:index>/receipt.json", ledger.receipt, name="receipt"),
    # Vulnerabilities
    path("reports/", reports.report, name="report"),
    path("reports/follow/", reports.follow, name="report-follow"),
    path("reports/<str:report_id>/", reports.one_report, name="report-page"),
    path("reports/<str:report_id>/acknowledge/", reports.report_acknowledge, name="report-acknowledge"),
]
