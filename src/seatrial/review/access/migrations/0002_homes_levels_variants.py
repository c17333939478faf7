"""Keys and accounts say for which organisation they are; calls say which build; levels stand each for itself."""

from django.db import migrations, models
from django.db.models import F

_DEEPER = ("api", "logits", "safeguards-off", "fine-tuning", "weights")


def everything_was_the_bodys(apps, schema_editor):
    for name in ("AccessKey", "Account"):
        apps.get_model("access", name).objects.update(home=F("body"))
    for account in apps.get_model("access", "Account").objects.all():
        deepest = account.terms.pop("level", None)
        if deepest is not None:
            account.terms["levels"] = sorted(_DEEPER[: _DEEPER.index(deepest) + 1])
            account.save(update_fields=["terms"])


class Migration(migrations.Migration):

    dependencies = [("access", "0001_initial")]

    operations = [
        migrations.AddField("accesskey", "home", models.CharField(default="", max_length=40), preserve_default=False),
        migrations.AddField("account", "home", models.CharField(default="", max_length=40), preserve_default=False),
        migrations.AddField(
            "exchange", "model", models.CharField(blank=True, default="", max_length=200), preserve_default=False
        ),
        migrations.RunPython(everything_was_the_bodys, migrations.RunPython.noop),
    ]
