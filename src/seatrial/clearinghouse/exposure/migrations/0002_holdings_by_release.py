"""Holdings lie by release, each release's side by side; on SQLite that takes a table without row ids, which Django
does not write by itself. A later migration that makes Django remake this table must end as this one does.
"""

import django.db.models.deletion
from django.db import migrations, models

_TABLE = """
CREATE TABLE exposure_holding (
    release_id bigint NOT NULL REFERENCES exposure_releaserow (id) DEFERRABLE INITIALLY DEFERRED,
    inventory_id bigint NOT NULL REFERENCES exposure_inventoryrow (number) DEFERRABLE INITIALLY DEFERRED,
    places {bytes} NOT NULL,
    PRIMARY KEY (release_id, inventory_id)
)"""


def by_release(apps, schema_editor):
    on_sqlite = schema_editor.connection.vendor == "sqlite"
    for statement in (
        "ALTER TABLE exposure_holding RENAME TO exposure_holding_before",
        _TABLE.format(bytes="BLOB" if on_sqlite else "bytea") + (" WITHOUT ROWID" if on_sqlite else ""),
        "CREATE INDEX exposure_holding_of_inventory ON exposure_holding (inventory_id)",
        "INSERT INTO exposure_holding SELECT release_id, inventory_id, places FROM exposure_holding_before",
        "DROP TABLE exposure_holding_before",
    ):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("exposure", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(by_release, migrations.RunPython.noop)],
            state_operations=[
                migrations.DeleteModel(name="Holding"),
                migrations.CreateModel(
                    name="Holding",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "release", "inventory", blank=True, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("places", models.BinaryField()),
                        (
                            "inventory",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="holdings",
                                to="exposure.inventoryrow",
                            ),
                        ),
                        (
                            "release",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="holdings",
                                to="exposure.releaserow",
                            ),
                        ),
                    ],
                ),
            ],
        )
    ]
