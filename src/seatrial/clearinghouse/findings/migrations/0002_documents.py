"""Reports are kept as documents in the own format. Those from before get theirs from their columns."""

from __future__ import annotations

import json
from typing import Any

from django.db import migrations, models


def written(apps: Any, schema_editor: Any) -> None:
    """A document for each report. Its content digest stays what its ledger entry committed to, and since two strangers
    could send the same, each is a scope of its own."""
    reports = apps.get_model("findings", "Report").objects
    for row in reports.iterator():
        said: dict[str, Any] = {
            "format": "seatrial-report/1",
            "title": row.title,
            "description": row.description,
            "product": {"name": row.product},
            "tlp": row.label.split("//")[2].removeprefix("TLP:"),
        }
        if row.version:
            said["versions"] = [row.version]
        if row.finder:
            said["credits"] = [{"name": row.finder}]
        if row.proof:
            said["proof"] = {"text": row.proof}
        text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        reports.filter(id=row.id).update(document=text, scope=row.id, lane="stranger-0")


class Migration(migrations.Migration):
    dependencies = [("findings", "0001_initial")]

    operations = [
        migrations.AddField("report", "document", models.TextField(default=""), preserve_default=False),
        migrations.AddField("report", "scope", models.CharField(blank=True, default="", max_length=40), preserve_default=False),
        migrations.AddField("report", "lane", models.CharField(default="", max_length=50), preserve_default=False),
        migrations.RunPython(written, migrations.RunPython.noop),
    ]
