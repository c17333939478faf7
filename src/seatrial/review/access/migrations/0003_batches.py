"""An exchange is proven by its place in a batch of the ledger; what the hot path does not need is not indexed."""

import django.db.models.deletion
import seatrial.review.access.models
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('access', '0002_homes_levels_variants'),
    ]

    operations = [
        migrations.CreateModel(
            name='Batch',
            fields=[
                ('id', models.CharField(default=seatrial.review.access.models._batch_id, max_length=40, primary_key=True, serialize=False)),
                ('review', models.CharField(max_length=40)),
                ('gateway', models.CharField(max_length=300)),
                ('log', models.CharField(max_length=60)),
                ('index', models.PositiveBigIntegerField()),
                ('size', models.PositiveIntegerField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='exchange',
            name='exchange_entry_once',
        ),
        migrations.RemoveConstraint(
            model_name='exchange',
            name='exchange_settled_whole',
        ),
        migrations.RemoveIndex(
            model_name='exchange',
            name='exchange_open',
        ),
        migrations.RemoveField(
            model_name='exchange',
            name='index',
        ),
        migrations.RemoveField(
            model_name='exchange',
            name='log',
        ),
        migrations.RemoveField(
            model_name='exchange',
            name='settled_index',
        ),
        migrations.AddField(
            model_name='exchange',
            name='place',
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name='exchange',
            name='account',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='exchanges', to='access.account'),
        ),
        migrations.AlterField(
            model_name='exchange',
            name='key',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='exchanges', to='access.accesskey'),
        ),
        migrations.AddConstraint(
            model_name='batch',
            constraint=models.UniqueConstraint(fields=('log', 'index'), name='batch_entry_once'),
        ),
        migrations.AddField(
            model_name='exchange',
            name='batch',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='exchanges', to='access.batch'),
        ),
        migrations.AddIndex(
            model_name='exchange',
            index=models.Index(condition=models.Q(('batch', None)), fields=['gateway'], name='exchange_unproven'),
        ),
        migrations.AddConstraint(
            model_name='exchange',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended', None), ('settled_at', None), ('status', None)), models.Q(('ended__isnull', False), ('settled_at__isnull', False), ('status__isnull', False)), _connector='OR'), name='exchange_settled_whole'),
        ),
    ]
