"""The words have moved to the room of threads; the table of messages goes."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ("cases", "0002_requests"),
        ("threads", "0002_messages_moved"),
    ]

    operations = [
        migrations.DeleteModel(name="MessageRow"),
    ]
