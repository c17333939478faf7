import django.db.models.deletion
import seatrial.notices.models
import seatrial.notices.types
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('parties', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Cursor',
            fields=[
                ('log', models.CharField(max_length=60, primary_key=True, serialize=False)),
                ('next', models.PositiveBigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='Webhook',
            fields=[
                ('id', models.CharField(default=seatrial.notices.models._webhook_id, max_length=40, primary_key=True, serialize=False)),
                ('url', models.CharField(max_length=500)),
                ('label', models.CharField(max_length=1000)),
                ('sealed', models.TextField()),
                ('sealed_before', models.TextField(blank=True)),
                ('before_until', models.DateTimeField(null=True)),
                ('state', models.CharField(choices=[(seatrial.notices.types.WebhookState['WORKING'], seatrial.notices.types.WebhookState['WORKING']), (seatrial.notices.types.WebhookState['FAILING'], seatrial.notices.types.WebhookState['FAILING']), (seatrial.notices.types.WebhookState['GONE'], seatrial.notices.types.WebhookState['GONE']), (seatrial.notices.types.WebhookState['REMOVED'], seatrial.notices.types.WebhookState['REMOVED'])], max_length=10)),
                ('rests_until', models.DateTimeField(null=True)),
                ('added_by', models.CharField(max_length=40)),
                ('added_at', models.DateTimeField()),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parties.organisation')),
            ],
        ),
        migrations.CreateModel(
            name='Choice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('review', models.CharField(blank=True, max_length=40)),
                ('cadence', models.CharField(choices=[(seatrial.notices.types.Cadence['EACH'], seatrial.notices.types.Cadence['EACH']), (seatrial.notices.types.Cadence['DAILY'], seatrial.notices.types.Cadence['DAILY']), (seatrial.notices.types.Cadence['NONE'], seatrial.notices.types.Cadence['NONE'])], max_length=10)),
                ('chosen_at', models.DateTimeField()),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('person', 'review'), name='notices_choice_once')],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('notice', models.CharField(default=seatrial.notices.models._notice_id, max_length=40, unique=True)),
                ('review', models.CharField(blank=True, max_length=40)),
                ('label', models.CharField(max_length=1000)),
                ('at', models.DateTimeField()),
                ('urgent', models.BooleanField(default=False)),
                ('cadence', models.CharField(choices=[(seatrial.notices.types.Cadence['EACH'], seatrial.notices.types.Cadence['EACH']), (seatrial.notices.types.Cadence['DAILY'], seatrial.notices.types.Cadence['DAILY']), (seatrial.notices.types.Cadence['NONE'], seatrial.notices.types.Cadence['NONE'])], max_length=10)),
                ('state', models.CharField(choices=[(seatrial.notices.types.DeliveryState['DUE'], seatrial.notices.types.DeliveryState['DUE']), (seatrial.notices.types.DeliveryState['FAILED'], seatrial.notices.types.DeliveryState['FAILED']), (seatrial.notices.types.DeliveryState['DELIVERED'], seatrial.notices.types.DeliveryState['DELIVERED']), (seatrial.notices.types.DeliveryState['GIVEN_UP'], seatrial.notices.types.DeliveryState['GIVEN_UP'])], max_length=10)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('due_at', models.DateTimeField()),
                ('claimed_until', models.DateTimeField(null=True)),
                ('settled_at', models.DateTimeField(null=True)),
                ('status', models.PositiveSmallIntegerField(null=True)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('webhook', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='notices.webhook')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state__in', ['due', 'failed'])), fields=['due_at'], name='notices_due'), models.Index(fields=['person', 'review', 'settled_at'], name='notices_of_person'), models.Index(fields=['webhook', '-id'], name='notices_of_webhook')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('person', None), ('webhook__isnull', False)), models.Q(('person__isnull', False), ('webhook', None)), _connector='OR'), name='notices_one_receiver'), models.CheckConstraint(condition=models.Q(models.Q(('settled_at', None), ('state__in', ['due', 'failed'])), models.Q(('settled_at__isnull', False), ('state__in', ['delivered', 'given-up'])), _connector='OR'), name='notices_settled_whole')],
            },
        ),
    ]
