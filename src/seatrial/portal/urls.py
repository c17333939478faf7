"""Where each page lives."""

from __future__ import annotations

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from .pages import (
    campaigns,
    casefiles,
    conduct,
    consent,
    consultations,
    declarations,
    determination_requests,
    dossier,
    dossier_exports,
    engagement,
    findings,
    handling,
    home,
    identity,
    joining,
    keys,
    ledger,
    memo,
    notices,
    organisation,
    oversight,
    partners,
    planning,
    policies,
    reports,
    reviews,
    seen,
    threads,
)


class Id(StringConverter):
    """What an identifier may consist of; anything else is no address here."""

    regex = "[A-Za-z0-9._-]{1,60}"


register_converter(Id, "id")

_SIGN, _NARROW = {"signing": consent.SIGN}, {"signing": consent.NARROW}
_END_REQUEST = {"ending": determination_requests.WITHDRAW}, {"ending": determination_requests.CLOSE}
_WITHDRAW, _RELEASE, _CLOSE = ({"ending": end} for end in (conduct.WITHDRAW, conduct.RELEASE, conduct.CLOSE))

urlpatterns = [
    path("", home.home, name="home"),
    # Reviews
    path("reviews/", reviews.reviews, name="reviews"),
    path("reviews/new/", reviews.plan, name="review-plan"),
    path("reviews/<id:review_id>/", reviews.review, name="review"),
    path("reviews/<id:review_id>/parts/<id:part>/", reviews.review_part, name="review-part"),
    path("reviews/<id:review_id>/uses/", reviews.uses, name="uses"),
    # What either side does with one
    path("reviews/<id:review_id>/offer/", conduct.offer, name="review-offer"),
    path("reviews/<id:review_id>/acknowledge/", conduct.acknowledge, name="review-acknowledge"),
    path("reviews/<id:review_id>/dates/", conduct.dates, name="review-dates"),
    path("reviews/<id:review_id>/policy/", conduct.policy, name="review-policy"),
    path("reviews/<id:review_id>/withdraw/", conduct.end, _WITHDRAW, name="review-withdraw"),
    path("reviews/<id:review_id>/release/", conduct.end, _RELEASE, name="review-release"),
    path("reviews/<id:review_id>/close/", conduct.end, _CLOSE, name="review-close"),
    # Consent and keys
    path("reviews/<id:review_id>/consent/", consent.consent, _SIGN, name="consent-sign"),
    path("reviews/<id:review_id>/consent/narrow/", consent.consent, _NARROW, name="consent-narrow"),
    path("reviews/<id:review_id>/credential/", consent.credential, name="credential"),
    path("reviews/<id:review_id>/keys/", keys.keys, name="keys"),
    path("reviews/<id:review_id>/keys/<id:key>/revoke/", keys.revoke, name="key-revoke"),
    # Evidence
    path("reviews/<id:review_id>/campaigns/", campaigns.campaigns, name="campaigns"),
    path("reviews/<id:review_id>/campaigns/new/", campaigns.plan, name="campaign-plan"),
    path("ladders/<id:ladder_id>/", campaigns.ladder, name="ladder"),
    path("campaigns/<id:campaign_id>/", campaigns.campaign, name="campaign"),
    path("campaigns/<id:campaign_id>/run/", campaigns.run, name="campaign-run"),
    path("campaigns/<id:campaign_id>/part/", campaigns.campaign_part, name="campaign-part"),
    # Determinations
    path("reviews/<id:review_id>/determinations/", memo.memos, name="memos"),
    path("reviews/<id:review_id>/determinations/new/", memo.draft, name="memo-draft"),
    path("reviews/<id:review_id>/consultations/new/", consultations.of_review, name="consultation-new"),
    path("determinations/<id:determination_id>/", memo.memo, name="memo"),
    path("determinations/<id:determination_id>/memo.pdf", memo.memo_pdf, name="memo-pdf"),
    path("determinations/<id:determination_id>/memo.html", memo.memo_page, name="memo-page"),
    path("determinations/<id:determination_id>/sign/", memo.sign, name="memo-sign"),
    path("determinations/<id:determination_id>/share/", memo.share, name="memo-share"),
    path("determinations/<id:determination_id>/statement/", memo.statement, name="memo-statement"),
    # The dossier
    path("reviews/<id:review_id>/dossier/", dossier.dossier, name="dossier"),
    path("reviews/<id:review_id>/dossier/sections/<id:name>/", dossier.section, name="dossier-section"),
    path("reviews/<id:review_id>/dossier/file/", dossier.upload, name="dossier-file"),
    path("reviews/<id:review_id>/dossier/source.toml", dossier.source, {"kind": "toml"}, name="dossier-toml"),
    path("reviews/<id:review_id>/dossier/source.json", dossier.source, {"kind": "json"}, name="dossier-json"),
    path("reviews/<id:review_id>/dossier/changes/", dossier.changes, name="dossier-changes"),
    path("reviews/<id:review_id>/dossier/exports/", dossier_exports.exports, name="dossier-exports"),
    path("reviews/<id:review_id>/dossier/exports/<slug:form>/", dossier_exports.export, name="dossier-export"),
    path("reviews/<id:review_id>/dossier/twin/", dossier.twin, name="dossier-twin"),
    path("reviews/<id:review_id>/dossier/share/", dossier.share, name="dossier-share"),
    path("reviews/<id:review_id>/dossier/sign/", dossier.sign, name="dossier-sign"),
    path("dossiers/blank.toml", dossier.blank, name="dossier-blank"),
    path("dossiers/schema.json", dossier.schema, name="dossier-schema"),
    # Planning: release plans and engagement memos
    path("plans/", planning.plans, name="plans"),
    path("plans/new/", planning.new, name="plan-new"),
    path("plans/<id:plan_id>/", planning.plan, name="plan"),
    path("plans/<id:plan_id>/what-if/", planning.what_if, name="plan-what-if"),
    path("plans/<id:plan_id>/edit/", planning.edit, name="plan-edit"),
    path("plans/<id:plan_id>/review/", planning.link, name="plan-link"),
    path("plans/<id:plan_id>/feed/", planning.feed, name="plan-feed"),
    path("plans/<id:plan_id>/feed/end/", planning.end_feed, name="plan-feed-end"),
    path("plans/<id:plan_id>/plan.ics", planning.as_file, {"form": "ics"}, name="plan-ics"),
    path("plans/<id:plan_id>/plan.toml", planning.as_file, {"form": "toml"}, name="plan-toml"),
    path("plans/<id:plan_id>/milestones/new/", planning.milestone, name="milestone-new"),
    path("plans/<id:plan_id>/milestones/<id:key>/write/", planning.milestone, name="milestone"),
    path("plans/<id:plan_id>/milestones/<id:key>/remove/", planning.remove, name="milestone-remove"),
    path("plans/<id:plan_id>/milestones/<id:key>/mark/<id:progress>/", planning.mark, name="milestone-mark"),
    path("engagements/new/", engagement.new, name="engagement-new"),
    path("engagements/<id:memo_id>/", engagement.memo, name="engagement"),
    path("engagements/<id:memo_id>/write/", engagement.write, name="engagement-write"),
    path("engagements/<id:memo_id>/memo.<id:form>", engagement.export, name="engagement-export"),
    # Model identity
    path("reviews/<id:review_id>/identity/", identity.identity, name="identity"),
    path("reviews/<id:review_id>/identity/declare/", identity.declare, name="identity-declare"),
    path("reviews/<id:review_id>/identity/fingerprint/", identity.take, name="identity-take"),
    path("reviews/<id:review_id>/identity/bring/", identity.bring, name="identity-bring"),
    path("reviews/<id:review_id>/identity/statement/", identity.state, name="identity-state"),
    path(
        "reviews/<id:review_id>/identity/declarations/<int:number>/share/",
        identity.share_declaration,
        name="declaration-share",
    ),
    path(
        "reviews/<id:review_id>/identity/statements/<id:statement_id>/share/",
        identity.share_statement,
        name="statement-share",
    ),
    path("fingerprints/<id:fingerprint_id>/", identity.fingerprint, name="fingerprint"),
    path("statements/<id:statement_id>/statement.json", identity.statement_file, name="statement-file"),
    # Threads, attachments, who has seen what
    path("reviews/<id:review_id>/threads/", threads.threads, name="threads"),
    path("reviews/<id:review_id>/threads/ask/", threads.begin_thread, {"way": threads.ASK}, name="thread-ask"),
    path("reviews/<id:review_id>/threads/new/", threads.begin_thread, {"way": threads.OPEN}, name="thread-open"),
    path("reviews/<id:review_id>/threads/note/", threads.begin_thread, {"way": threads.NOTE}, name="thread-note"),
    path("reviews/<id:review_id>/seen/", seen.seen, name="seen"),
    path("reviews/<id:review_id>/seen.csv", seen.seen_table, name="seen-table"),
    path("threads/<id:thread_id>/", threads.thread, name="thread"),
    path("threads/<id:thread_id>/take-back/", threads.take_back, name="thread-take-back"),
    path("reviews/<id:review_id>/timeline/", reviews.timeline, name="timeline"),
    # Determination requests
    path("determination-requests/", determination_requests.determination_requests, name="determination-requests"),
    path("determination-requests/new/", determination_requests.new, name="determination-request-new"),
    path(
        "determination-requests/<id:request_id>/",
        determination_requests.determination_request,
        name="determination-request",
    ),
    path(
        "determination-requests/<id:request_id>/edit/", determination_requests.edit, name="determination-request-edit"
    ),
    path(
        "determination-requests/<id:request_id>/consultations/new/",
        consultations.of_request,
        name="determination-request-consultation",
    ),
    path("determination-requests/<id:request_id>/ask/", determination_requests.ask, name="determination-request-ask"),
    path(
        "determination-requests/<id:request_id>/acknowledge/",
        determination_requests.acknowledge,
        name="determination-request-acknowledge",
    ),
    path(
        "determination-requests/<id:request_id>/answer/",
        determination_requests.answer,
        name="determination-request-answer",
    ),
    path(
        "determination-requests/<id:request_id>/draft/",
        determination_requests.draft,
        name="determination-request-draft",
    ),
    path(
        "determination-requests/<id:request_id>/reconsideration/",
        determination_requests.reconsideration,
        name="determination-request-reconsideration",
    ),
    path(
        "determination-requests/<id:request_id>/withdraw/",
        determination_requests.end,
        _END_REQUEST[0],
        name="determination-request-withdraw",
    ),
    path(
        "determination-requests/<id:request_id>/close/",
        determination_requests.end,
        _END_REQUEST[1],
        name="determination-request-close",
    ),
    # Partners, leaks, what was handed over
    path("reviews/<id:review_id>/partners/", partners.propose, name="review-partners"),
    path("reviews/<id:review_id>/partners/<id:organisation>/terms/", partners.terms, name="partner-terms"),
    path("reviews/<id:review_id>/partners/<id:organisation>/sign/", partners.countersign, name="partner-sign"),
    path("reviews/<id:review_id>/partners/<id:organisation>/end/", partners.end, name="partner-end"),
    path("shared/", partners.shared, name="shared-with-you"),
    path("shared/<id:review_id>/key/", partners.issue, name="shared-key"),
    path("reviews/<id:review_id>/consent/countersign/", handling.countersign, name="consent-countersign"),
    path("reviews/<id:review_id>/handed-over/", handling.inventory, name="handed-over"),
    path("reviews/<id:review_id>/handed-over/new/", handling.give, name="hand-over"),
    path("reviews/<id:review_id>/weights/<id:transfer>/complete/", handling.complete_weights, name="complete-weights"),
    path("reviews/<id:review_id>/weights/<id:transfer>/cancel/", handling.cancel_weights, name="cancel-weights"),
    path("reviews/<id:review_id>/handed-over/<id:item>/attest/", handling.attest, name="attest-destruction"),
    path("reviews/<id:review_id>/canaries/", handling.plant, name="plant-canary"),
    path("reviews/<id:review_id>/leak/", handling.leak, name="report-leak"),
    path("reviews/<id:review_id>/leaks/<id:leak_id>/acknowledge/", handling.acknowledge, name="acknowledge-leak"),
    path("duties/", handling.duties, name="duties"),
    path("found/", handling.found, name="found"),
    # The case as one file
    path("reviews/<id:review_id>/case/", casefiles.case, name="case"),
    # Oversight
    path("oversight/", oversight.home, name="oversight"),
    path("oversight/reviews/<id:review_id>/", oversight.review, name="oversight-review"),
    path("oversight/sample/", oversight.sample, name="oversight-sample"),
    # Notices
    path("notices/", notices.page, name="notices"),
    path("notices/choose/", notices.choose, name="notices-choose"),
    path("notices/unsubscribe/<str:token>/", notices.unsubscribe, name="unsubscribe"),
    path("notices/webhooks/add/", notices.add, name="webhook-add"),
    path("notices/webhooks/<id:webhook>/rotate/", notices.rotate, name="webhook-rotate"),
    path("notices/webhooks/<id:webhook>/test/", notices.test, name="webhook-test"),
    path("notices/webhooks/<id:webhook>/redeliver/", notices.redeliver, name="webhook-redeliver"),
    path("notices/webhooks/<id:webhook>/remove/", notices.remove, name="webhook-remove"),
    # Joining: invitations, delegation, declarations, policies
    path("join/<id:code>/", joining.join, name="join"),
    path("organisations/", organisation.organisations, name="organisations"),
    path("organisations/<id:organisation_id>/", organisation.organisation, name="organisation"),
    path("organisations/<id:organisation_id>/invite/", organisation.invite, name="invite"),
    path(
        "organisations/<id:organisation_id>/invitations/<id:invitation>/withdraw/",
        organisation.uninvite,
        name="uninvite",
    ),
    path("organisations/<id:organisation_id>/people/<id:person_id>/", organisation.person, name="organisation-person"),
    path(
        "organisations/<id:organisation_id>/people/<id:person_id>/remove/",
        organisation.remove,
        name="organisation-remove",
    ),
    path(
        "organisations/<id:organisation_id>/people/<id:person_id>/roles/<id:role>/end/",
        organisation.end_role,
        name="role-end",
    ),
    path("organisations/<id:organisation_id>/delegate/", organisation.delegate, name="delegate"),
    path(
        "organisations/<id:organisation_id>/delegations/<id:delegation>/end/",
        organisation.end_delegation,
        name="delegation-end",
    ),
    path("declarations/", declarations.declarations, name="declarations"),
    path("declarations/<id:developer>/", declarations.declare, name="declare"),
    path("policies/", policies.policies, name="policies"),
    path("policies/<id:body>/<id:version>/", policies.policy, name="policy"),
    path("policies/<id:body>/<id:version>/policy.json", policies.document, name="policy-document"),
    path("schemas/<id:name>", policies.schema, name="schema"),
    # The record
    path("reviews/<id:review>/uses/<id:exchange>/receipt.json", ledger.use_receipt, name="use-receipt"),
    path("ledger/", ledger.entries, name="ledger"),
    path("ledger/key", ledger.public_key, name="ledger-key"),
    path("ledger/<id:log>/<int:index>/", ledger.entry, name="entry"),
    path("ledger/<id:log>/<int:index>/receipt.json", ledger.receipt, name="receipt"),
    # Vulnerabilities
    path("findings/", findings.queue, name="findings"),
    path("findings/flow/", findings.flow, name="findings-flow"),
    path("findings/<id:report_id>/", findings.finding, name="finding"),
    path("findings/<id:report_id>/point/", findings.point, name="finding-point"),
    path("findings/<id:report_id>/patch/", findings.patch, name="finding-patch"),
    path("findings/<id:report_id>/link/", findings.link, name="finding-link"),
    path("judgements/<id:judgement_id>/transcript/", findings.transcript, name="judgement-transcript"),
    path("clusters/<id:cluster_id>/", findings.cluster, name="cluster"),
    path("clusters/<id:cluster_id>/decisions/<int:decision>/undo/", findings.undo, name="decision-undo"),
    path("reports/", reports.report, name="report"),
    path("reports/follow/", reports.follow, name="report-follow"),
    path("reports/many/", reports.many, name="reports-many"),
    path("reports/mine/", reports.own, name="reports-mine"),
    path("reports/<id:report_id>/", reports.one_report, name="report-page"),
    path("reports/<id:report_id>/acknowledge/", reports.report_acknowledge, name="report-acknowledge"),
    path("reports/<id:report_id>/withdraw/", reports.report_withdraw, name="report-withdraw"),
]
