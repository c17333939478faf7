"""The entries of a review are found in their order: no sorting of all of them for the newest fifty."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="entryrow",
            name="review",
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.AddIndex(
            model_name="entryrow",
            index=models.Index(fields=["review", "log", "index"], name="ledger_entry_review"),
        ),
    ]
