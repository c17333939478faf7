"""Determination requests; a determination says itself whose it is and may stand on a request."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import seatrial.review.determinations.models

PROTECT = django.db.models.deletion.PROTECT


def told_by_the_review(apps: Any, editor: Any) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # nothing may be pending when the columns are altered below
    for row in apps.get_model("determinations", "Determination").objects.select_related("review"):
        row.developer_id, row.body_id = row.review.developer_id, row.review.body_id
        row.save(update_fields=["developer", "body"])


def person() -> models.ForeignKey:
    return models.ForeignKey(on_delete=PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)


def organisation(*, null: bool = False) -> models.ForeignKey:
    return models.ForeignKey(null=null, on_delete=PROTECT, related_name="+", to="parties.organisation")


def of_the_request(name: str) -> models.ForeignKey:
    return models.ForeignKey(on_delete=PROTECT, related_name=name, to="determinations.determinationrequest")


def number() -> models.BigAutoField:
    return models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


class Migration(migrations.Migration):
    dependencies = [
        ("determinations", "0001_initial"),
        ("cases", "0004_levels_partners_handling"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DeterminationRequest",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=seatrial.review.determinations.models._request_id,
                        max_length=40,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("model", models.CharField(max_length=200)),
                ("artefact", models.CharField(blank=True, max_length=71)),
                ("description", models.TextField()),
                ("dossier_version", models.PositiveIntegerField(null=True)),
                ("label", models.CharField(max_length=1000)),
                ("drafted_at", models.DateTimeField()),
                ("asked_at", models.DateTimeField(null=True)),
                ("acknowledged_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("developer", organisation()),
                ("body", organisation()),
                ("drafted_by", person()),
                (
                    "review",
                    models.ForeignKey(null=True, on_delete=PROTECT, related_name="+", to="cases.review"),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("asked_at__isnull", False),
                            models.Q(("acknowledged_at__isnull", True), ("closed_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="request_asked_before_the_rest",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("dossier_version__isnull", True), ("review__isnull", False), _connector="OR"
                        ),
                        name="request_dossier_of_a_review",
                    ),
                ],
            },
        ),
        migrations.AddField("determination", "developer", organisation(null=True)),
        migrations.AddField("determination", "body", organisation(null=True)),
        migrations.AddField(
            "determination",
            "request",
            models.ForeignKey(
                null=True, on_delete=PROTECT, related_name="+", to="determinations.determinationrequest"
            ),
        ),
        migrations.RunPython(told_by_the_review, migrations.RunPython.noop),
        migrations.AlterField("determination", "developer", organisation()),
        migrations.AlterField("determination", "body", organisation()),
        migrations.AlterField(
            "determination",
            "review",
            models.ForeignKey(null=True, on_delete=PROTECT, related_name="+", to="cases.review"),
        ),
        migrations.AlterField("determination", "campaign", models.CharField(blank=True, max_length=40)),
        migrations.AddConstraint(
            "determination",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(("request__isnull", True), ("review__isnull", False)),
                    models.Q(("request__isnull", False), ("review__isnull", True)),
                    _connector="OR",
                ),
                name="determination_on_one_thing",
            ),
        ),
        migrations.AddConstraint(
            "determination",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(("campaign", ""), _negated=True), ("finding", "not_determined"), _connector="OR"
                ),
                name="determination_unmeasured_is_open",
            ),
        ),
        migrations.CreateModel(
            name="RequestAnswer",
            fields=[
                ("id", number()),
                ("at", models.DateTimeField()),
                ("by", person()),
                (
                    "determination",
                    models.ForeignKey(on_delete=PROTECT, related_name="+", to="determinations.determination"),
                ),
                ("request", of_the_request("answers")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("request", "determination"), name="request_answered_by_another")
                ],
            },
        ),
        migrations.CreateModel(
            name="Reconsideration",
            fields=[
                ("id", number()),
                ("at", models.DateTimeField()),
                ("reasons", models.TextField()),
                ("evidence", models.TextField(blank=True)),
                ("by", person()),
                ("request", of_the_request("reconsiderations")),
            ],
        ),
        migrations.CreateModel(
            name="RequestPost",
            fields=[
                ("number", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "id",
                    models.CharField(
                        default=seatrial.review.determinations.models._post_id, max_length=40, unique=True
                    ),
                ),
                ("side", models.CharField(max_length=12)),
                ("at", models.DateTimeField()),
                ("text", models.TextField()),
                ("by", person()),
                ("request", of_the_request("posts")),
            ],
        ),
    ]
