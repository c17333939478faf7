"""One document and its shared twins instead of sections. What was composed before has no form here, and is not kept."""

import django.db.models.deletion
from django.db import migrations, models

import seatrial.review.dossiers.models


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial"), ("dossiers", "0001_initial")]

    operations = [
        migrations.DeleteModel(name="SectionRow"),
        migrations.DeleteModel(name="DossierVersion"),
        migrations.CreateModel(
            name="DossierVersion",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=seatrial.review.dossiers.models._version_id,
                        max_length=40,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("source", models.TextField()),
                ("digest", models.CharField(max_length=71)),
                ("salt", models.CharField(max_length=32)),
                ("composed_at", models.DateTimeField()),
                (
                    "review",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="dossier_versions", to="cases.review"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SharedTwin",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("audience", models.CharField(max_length=10)),
                ("partner", models.CharField(blank=True, default="", max_length=60)),
                ("document", models.TextField()),
                ("digest", models.CharField(max_length=71)),
                ("withheld", models.JSONField()),
                ("statement", models.JSONField()),
                ("signature", models.JSONField(null=True)),
                ("shared_at", models.DateTimeField()),
                (
                    "dossier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="twins",
                        to="dossiers.dossierversion",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="dossierversion",
            constraint=models.UniqueConstraint(fields=("review", "version"), name="dossier_version_once"),
        ),
        migrations.AddConstraint(
            model_name="sharedtwin",
            constraint=models.UniqueConstraint(fields=("dossier", "audience", "partner"), name="dossier_twin_once"),
        ),
        migrations.AddConstraint(
            model_name="sharedtwin",
            constraint=models.CheckConstraint(
                condition=models.Q(("audience", "partner"), ("partner", ""), _connector="XOR"),
                name="dossier_twin_partner_named",
            ),
        ),
    ]
