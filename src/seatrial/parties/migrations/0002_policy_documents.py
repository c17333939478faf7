"""Policies become documents. What was published before keeps its words and its digest: its document is what that pins."""

from django.db import migrations, models

from seatrial.kernel.canonical import canonical


def carry_over_row(row):
    said = {
        "body": row.body_id,
        "version": row.version,
        "max_window_seconds": row.max_window_seconds,
        "purposes": sorted(row.purposes),
        "terms": row.terms,
    }
    row.document = canonical(said).decode()
    row.valid_from = row.published_at
    row.save(update_fields=["document", "valid_from"])


def carry_over(apps, schema_editor):
    for row in apps.get_model("parties", "PolicyVersion").objects.all():
        carry_over_row(row)


class Migration(migrations.Migration):

    dependencies = [
        ('parties', '0001_initial'),
    ]

    operations = [
        migrations.AddField('policyversion', 'document', models.TextField(default='')),
        migrations.AddField('policyversion', 'valid_from', models.DateTimeField(null=True)),
        migrations.AddField('policyversion', 'signature', models.JSONField(null=True)),
        migrations.RunPython(carry_over, migrations.RunPython.noop),
        migrations.AlterField('policyversion', 'document', models.TextField()),
        migrations.AlterField('policyversion', 'valid_from', models.DateTimeField()),
    ]
