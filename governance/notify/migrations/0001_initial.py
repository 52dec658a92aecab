import django.contrib.postgres.fields
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('access', '0006_passwords'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Endpoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120)),
                ('host', models.CharField(editable=False, max_length=260)),
                ('url', models.CharField(help_text='Kept out of the ledger: for chat services it is the secret.', max_length=2000)),
                ('form', models.CharField(choices=[('json', 'Signed JSON'), ('slack', 'Slack'), ('teams', 'Microsoft Teams'), ('pagerduty', 'PagerDuty (Events v2)'), ('ticket', 'Ticket by template (Jira and others)'), ('wiki', 'Wiki page (Markdown)')], default='json', max_length=9)),
                ('topics', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('alert.raised', 'An alert was raised'), ('alias.moved', "A registry's alias stands on a version nobody approved"), ('approval.ending', 'An approval is about to end'), ('audit.finding', 'An audit found something, or was answered'), ('certification.asked', 'You are asked to certify a record'), ('certification.due', 'A certification falls due'), ('certification.refused', 'An owner says that a record is not right'), ('change.answered', 'An owner agreed or objected to a change'), ('change.asked', 'A change waits for approval'), ('change.closed', 'A change was verified or rolled back'), ('change.decided', 'A change was decided'), ('change.done', 'A change was carried out'), ('change.reaches', 'A change reaches a system of yours'), ('condition.due', 'A condition falls due'), ('other.due', 'Something else falls due'), ('engagement.joined', 'You were put on the team of an audit'), ('finding.due', 'A finding falls due'), ('finding.raised', 'A finding was raised'), ('follow_up.opened', 'Something has to be followed up'), ('hold.placed', 'A hold was placed'), ('incident.over', 'An incident was resolved or put away'), ('incident.reopened', 'An incident was opened again'), ('incident.reported', 'An incident was reported'), ('incident.reviewed', 'The review of an incident is complete'), ('incident.taken_on', 'An incident was taken on'), ('incident.update', 'An update on an incident, for people inside'), ('incident.update_outside', 'An update on an incident, for people outside'), ('review.assigned', 'A review was assigned to you or handed back'), ('review.open', 'A review is open'), ('review.remarked', 'You were asked, answered or named in a review'), ('review.overdue', 'A stage has been open for longer than the policy allows'), ('role.delegated', 'A role was delegated to you, or a delegation ended'), ('waiver.asked', 'An exception was asked for'), ('waiver.ending', 'An exception is about to end')], max_length=40), blank=True, default=list, size=None)),
                ('seed', models.UUIDField(default=uuid.uuid4, editable=False, help_text='What the secret is derived from.')),
                ('created_at', models.DateTimeField()),
                ('secret_renewed_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('answer_key', models.CharField(blank=True, max_length=100, verbose_name='where the answer names the ticket')),
                ('answer_link', models.CharField(blank=True, max_length=1000, verbose_name='address of a ticket')),
                ('credential', models.CharField(blank=True, help_text='A routing key, or what stands in Authorization. Kept out of the ledger.', max_length=500)),
                ('template', models.JSONField(blank=True, null=True, verbose_name='template of a ticket')),
            ],
            options={
                'ordering': ['ended_at', 'name', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('topic', models.CharField(choices=[('alert.raised', 'An alert was raised'), ('alias.moved', "A registry's alias stands on a version nobody approved"), ('approval.ending', 'An approval is about to end'), ('audit.finding', 'An audit found something, or was answered'), ('certification.asked', 'You are asked to certify a record'), ('certification.due', 'A certification falls due'), ('certification.refused', 'An owner says that a record is not right'), ('change.answered', 'An owner agreed or objected to a change'), ('change.asked', 'A change waits for approval'), ('change.closed', 'A change was verified or rolled back'), ('change.decided', 'A change was decided'), ('change.done', 'A change was carried out'), ('change.reaches', 'A change reaches a system of yours'), ('condition.due', 'A condition falls due'), ('other.due', 'Something else falls due'), ('engagement.joined', 'You were put on the team of an audit'), ('finding.due', 'A finding falls due'), ('finding.raised', 'A finding was raised'), ('follow_up.opened', 'Something has to be followed up'), ('hold.placed', 'A hold was placed'), ('incident.over', 'An incident was resolved or put away'), ('incident.reopened', 'An incident was opened again'), ('incident.reported', 'An incident was reported'), ('incident.reviewed', 'The review of an incident is complete'), ('incident.taken_on', 'An incident was taken on'), ('incident.update', 'An update on an incident, for people inside'), ('incident.update_outside', 'An update on an incident, for people outside'), ('review.assigned', 'A review was assigned to you or handed back'), ('review.open', 'A review is open'), ('review.remarked', 'You were asked, answered or named in a review'), ('review.overdue', 'A stage has been open for longer than the policy allows'), ('role.delegated', 'A role was delegated to you, or a delegation ended'), ('waiver.asked', 'An exception was asked for'), ('waiver.ending', 'An exception is about to end')], max_length=40)),
                ('about_model', models.CharField(help_text='Label of the model of what it is about.', max_length=80)),
                ('about_id', models.BigIntegerField()),
                ('title', models.CharField(max_length=300)),
                ('text', models.CharField(blank=True, max_length=2000)),
                ('href', models.CharField(help_text='The page of it, as a path.', max_length=500)),
                ('due', models.DateTimeField(blank=True, null=True)),
                ('people', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, help_text='Keys of the people to ask about.', size=None)),
                ('permissions', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), help_text='A person needs one of these rights on it.', size=None)),
                ('state', models.CharField(blank=True, help_text='People are told while it stands in this state.', max_length=40)),
                ('to_holders', models.BooleanField(default=False, help_text='Also to everybody who holds one of the rights.')),
                ('occurred_at', models.DateTimeField()),
                ('once', models.CharField(blank=True, max_length=64, null=True, unique=True)),
                ('spread_at', models.DateTimeField(blank=True, help_text='When its deliveries were made.', null=True)),
                ('error', models.CharField(blank=True, help_text='Why no deliveries could be made of it.', max_length=500)),
                ('actor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['id'],
                'indexes': [models.Index(condition=models.Q(('spread_at', None)), fields=['id'], name='notice_to_spread')],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('sending', 'Being sent'), ('sent', 'Sent'), ('dropped', 'Not sent: not wanted or not to be seen any more'), ('given_up', 'Given up')], default='waiting', max_length=8)),
                ('bundled', models.BooleanField(default=False, help_text='Goes into one message with what else waits.')),
                ('not_before', models.DateTimeField()),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('leased_until', models.DateTimeField(blank=True, null=True)),
                ('error', models.CharField(blank=True, max_length=500)),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('endpoint', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='notify.endpoint')),
                ('notice', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='notify.notice')),
            ],
            options={
                'ordering': ['not_before', 'id'],
                'indexes': [models.Index(condition=models.Q(('state__in', ['waiting', 'sending'])), fields=['not_before'], name='delivery_to_send'), models.Index(condition=models.Q(('state', 'given_up')), fields=['settled_at'], name='delivery_given_up')],
                'constraints': [models.UniqueConstraint(fields=('notice', 'person'), name='delivery_once_a_person'), models.UniqueConstraint(fields=('notice', 'endpoint'), name='delivery_once_an_endpoint'), models.CheckConstraint(condition=models.Q(models.Q(('endpoint', None), ('person__isnull', False)), models.Q(('endpoint__isnull', False), ('person', None)), _connector='OR'), name='delivery_to_one')],
            },
        ),
        migrations.CreateModel(
            name='Preference',
            fields=[
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('rhythm', models.CharField(choices=[('at_once', 'At once'), ('daily', 'Once a day, everything in one message')], default='at_once', max_length=7)),
                ('digest_hour', models.PositiveSmallIntegerField(default=7)),
                ('quiet_from', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('quiet_until', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('zone', models.CharField(default='UTC', max_length=60)),
                ('muted', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('alert.raised', 'An alert was raised'), ('alias.moved', "A registry's alias stands on a version nobody approved"), ('approval.ending', 'An approval is about to end'), ('audit.finding', 'An audit found something, or was answered'), ('certification.asked', 'You are asked to certify a record'), ('certification.due', 'A certification falls due'), ('certification.refused', 'An owner says that a record is not right'), ('change.answered', 'An owner agreed or objected to a change'), ('change.asked', 'A change waits for approval'), ('change.closed', 'A change was verified or rolled back'), ('change.decided', 'A change was decided'), ('change.done', 'A change was carried out'), ('change.reaches', 'A change reaches a system of yours'), ('condition.due', 'A condition falls due'), ('other.due', 'Something else falls due'), ('engagement.joined', 'You were put on the team of an audit'), ('finding.due', 'A finding falls due'), ('finding.raised', 'A finding was raised'), ('follow_up.opened', 'Something has to be followed up'), ('hold.placed', 'A hold was placed'), ('incident.over', 'An incident was resolved or put away'), ('incident.reopened', 'An incident was opened again'), ('incident.reported', 'An incident was reported'), ('incident.reviewed', 'The review of an incident is complete'), ('incident.taken_on', 'An incident was taken on'), ('incident.update', 'An update on an incident, for people inside'), ('incident.update_outside', 'An update on an incident, for people outside'), ('review.assigned', 'A review was assigned to you or handed back'), ('review.open', 'A review is open'), ('review.remarked', 'You were asked, answered or named in a review'), ('review.overdue', 'A stage has been open for longer than the policy allows'), ('role.delegated', 'A role was delegated to you, or a delegation ended'), ('waiver.asked', 'An exception was asked for'), ('waiver.ending', 'An exception is about to end')], max_length=40), blank=True, default=list, size=None)),
                ('calendar', models.UUIDField(blank=True, help_text='What the address of the calendar is made of.', null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('digest_hour__lte', 23), models.Q(models.Q(('quiet_from', None), ('quiet_until', None)), models.Q(('quiet_from__lte', 23), ('quiet_until__lte', 23)), _connector='OR')), name='preference_hours')],
            },
        ),
    ]
