import django.core.serializers.json
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('inventory', '0008_assets'),
        ('policy', '0003_adoption'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Change',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.SlugField(help_text='A kind of the policy pack.', max_length=60)),
                ('title', models.CharField(max_length=200)),
                ('what', models.TextField(blank=True, verbose_name='what changes')),
                ('why', models.TextField(blank=True)),
                ('components', models.JSONField(blank=True, default=list, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name='affected components')),
                ('rollback_plan', models.TextField(blank=True, verbose_name='roll-back plan')),
                ('test_plan', models.TextField(blank=True)),
                ('test_results', models.TextField(blank=True)),
                ('communication', models.TextField(blank=True, verbose_name='who is told, when and how')),
                ('planned_from', models.DateTimeField(blank=True, null=True)),
                ('planned_until', models.DateTimeField(blank=True, null=True)),
                ('answers', models.JSONField(blank=True, default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('emergency', models.BooleanField(default=False)),
                ('created_at', models.DateTimeField()),
                ('tier', models.CharField(blank=True, help_text='Of the system when it was assessed.', max_length=40)),
                ('computed', models.CharField(choices=[('none', 'Not material'), ('minor', 'Minor'), ('material', 'Material')], max_length=8)),
                ('rule', models.CharField(max_length=60)),
                ('explanation', models.TextField()),
                ('materiality', models.CharField(choices=[('none', 'Not material'), ('minor', 'Minor'), ('material', 'Material')], max_length=8)),
                ('override_reason', models.TextField(blank=True)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('in_approval', 'In approval'), ('approved', 'Approved'), ('rejected', 'Rejected'), ('withdrawn', 'Withdrawn'), ('implemented', 'Carried out'), ('closed', 'Verified and closed'), ('rolled_back', 'Rolled back')], default='draft', max_length=11)),
                ('submitted_at', models.DateTimeField(blank=True, null=True)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('decision', models.TextField(blank=True)),
                ('implemented_at', models.DateTimeField(blank=True, null=True)),
                ('verify_due', models.DateTimeField(blank=True, null=True)),
                ('verified_at', models.DateTimeField(blank=True, null=True)),
                ('verification', models.TextField(blank=True, verbose_name='what shows that it works')),
                ('rolled_back_at', models.DateTimeField(blank=True, null=True)),
                ('rollback_reason', models.TextField(blank=True)),
                ('ratification', models.CharField(choices=[('none', 'Not needed'), ('due', 'Due'), ('ratified', 'Ratified'), ('refused', 'Refused')], default='none', max_length=8)),
                ('ratify_due', models.DateTimeField(blank=True, null=True)),
                ('ratified_at', models.DateTimeField(blank=True, null=True)),
                ('ratification_reason', models.TextField(blank=True)),
                ('updated_at', models.DateTimeField()),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('implemented_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('overridden_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('pack', models.ForeignKey(help_text='The policy that assessed it.', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='policy.pack')),
                ('ratified_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('requester', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('rollback_release', models.ForeignKey(blank=True, help_text='Gone back to if it fails.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.release')),
                ('rolled_back_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('system', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='inventory.system')),
                ('target_release', models.ForeignKey(blank=True, help_text='Carries the change out.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='inventory.release')),
                ('verified_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-created_at', '-id'],
                'indexes': [models.Index(fields=['system', 'state'], name='change_of_system')],
                'constraints': [models.CheckConstraint(condition=models.Q(('title', ''), _negated=True), name='change_has_title'), models.CheckConstraint(condition=models.Q(('planned_from', None), ('planned_until', None), ('planned_until__gt', models.F('planned_from')), _connector='OR'), name='change_window_ends_later'), models.CheckConstraint(condition=models.Q(('materiality', models.F('computed')), models.Q(('overridden_by__isnull', False), models.Q(('override_reason', ''), _negated=True)), _connector='OR'), name='change_override_has_reason'), models.CheckConstraint(condition=models.Q(models.Q(('decided_by', models.F('requester')), _negated=True), models.Q(('ratified_by', models.F('requester')), _negated=True)), name='change_decided_by_another'), models.CheckConstraint(condition=models.Q(models.Q(('verified_by', models.F('implemented_by')), _negated=True), models.Q(('ratified_by', models.F('implemented_by')), _negated=True)), name='change_verified_by_another'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['approved', 'rejected']), _negated=True), ('decided_by__isnull', False), _connector='OR'), name='change_decided_by_somebody'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['implemented', 'closed', 'rolled_back']), _negated=True), ('implemented_by__isnull', False), _connector='OR'), name='change_implemented_by_somebody'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'closed'), _negated=True), models.Q(('verified_by__isnull', False), ('ratification__in', ['none', 'ratified'])), _connector='OR'), name='change_closed_when_verified'), models.CheckConstraint(condition=models.Q(('ratification', 'none'), models.Q(('emergency', True), ('ratify_due__isnull', False)), _connector='OR'), name='change_ratified_in_emergency'), models.CheckConstraint(condition=models.Q(('ratification__in', ['none', 'due']), ('ratified_by__isnull', False), _connector='OR'), name='change_ratified_by_somebody')],
            },
        ),
        migrations.CreateModel(
            name='AffectedAsset',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asset', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='inventory.asset')),
                ('change', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assets', to='changes.change')),
            ],
            options={
                'ordering': ['asset_id'],
                'constraints': [models.UniqueConstraint(fields=('change', 'asset'), name='affectedasset_once')],
            },
        ),
        migrations.CreateModel(
            name='Contribution',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('request', 'Request'), ('implementation', 'Implementation')], max_length=14)),
                ('at', models.DateTimeField()),
                ('change', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contributions', to='changes.change')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('change', 'person', 'kind'), name='change_contribution_once')],
            },
        ),
        migrations.CreateModel(
            name='Opinion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('agrees', models.BooleanField()),
                ('comment', models.TextField(blank=True)),
                ('at', models.DateTimeField()),
                ('change', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='opinions', to='changes.change')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('system', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='opinions', to='inventory.system')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('agrees', True), models.Q(('comment', ''), _negated=True), _connector='OR'), name='opinion_objection_has_reason')],
            },
        ),
        migrations.CreateModel(
            name='Revalidation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=200)),
                ('tier', models.CharField(blank=True, help_text='A tier of the policy; empty for every tier.', max_length=60)),
                ('ends_before', models.DateTimeField(blank=True, help_text='Only approvals that end before; empty: all.', null=True)),
                ('due', models.DateTimeField()),
                ('reason', models.TextField(blank=True, help_text='Why, and what reviewers should look at in particular.')),
                ('started_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('ended_reason', models.TextField(blank=True, verbose_name='why it was ended')),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('started_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.unit')),
            ],
            options={
                'ordering': ['-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('title', ''), _negated=True), name='revalidation_has_title'), models.CheckConstraint(condition=models.Q(('due__gt', models.F('started_at'))), name='revalidation_due_later'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('ended_by', None), ('ended_reason', '')), models.Q(('ended_at__isnull', False), ('ended_by__isnull', False), models.Q(('ended_reason', ''), _negated=True)), _connector='OR'), name='revalidation_ended_by_somebody')],
            },
        ),
        migrations.CreateModel(
            name='FollowUp',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cause', models.CharField(choices=[('asset', 'Something it depends on stopped'), ('roll_back', 'A change was rolled back'), ('policy', 'Law or policy changes'), ('revalidation', 'A campaign asks for a new review'), ('change', 'A material change took effect'), ('incident', 'An incident was closed'), ('documents', 'A document is owed'), ('engagement', 'An audit comes round again')], max_length=12)),
                ('step', models.SlugField(help_text='Which of the things that follow from one cause.', max_length=40)),
                ('origin', models.CharField(blank=True, help_text='Page of what made it necessary, of an app further on.', max_length=200)),
                ('title', models.CharField(max_length=300, verbose_name='what is to be done')),
                ('text', models.TextField(blank=True, verbose_name='what to look at')),
                ('due', models.DateTimeField(blank=True, null=True)),
                ('opened_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('open', 'Open'), ('done', 'Done'), ('moot', 'No longer needed')], default='open', max_length=4)),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('note', models.TextField(blank=True, verbose_name='what was done, or why nothing is to be done')),
                ('asset', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='follow_ups', to='inventory.asset')),
                ('change', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='follow_ups', to='changes.change')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('pack', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='follow_ups', to='policy.pack')),
                ('revalidation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='follow_ups', to='changes.revalidation')),
                ('settled_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('system', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='follow_ups', to='inventory.system')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('state', 'open')), fields=['system', 'due'], name='followup_open_of_system'), models.Index(condition=models.Q(('state', 'open')), fields=['owner'], name='followup_open_of_owner')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('asset__isnull', False), ('cause', 'asset'), ('change', None), ('origin', ''), ('pack', None), ('revalidation', None)), models.Q(('asset', None), ('cause__in', ['roll_back', 'change']), ('change__isnull', False), ('origin', ''), ('pack', None), ('revalidation', None)), models.Q(('asset', None), ('cause', 'policy'), ('change', None), ('origin', ''), ('pack__isnull', False), ('revalidation', None)), models.Q(('asset', None), ('cause', 'revalidation'), ('change', None), ('origin', ''), ('pack', None), ('revalidation__isnull', False)), models.Q(('asset', None), ('cause__in', ['incident', 'documents', 'engagement']), ('change', None), ('pack', None), ('revalidation', None), models.Q(('origin', ''), _negated=True)), _connector='OR'), name='followup_has_its_cause'), models.CheckConstraint(condition=models.Q(models.Q(('note', ''), ('settled_at', None), ('settled_by', None), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('settled_at__isnull', False), ('settled_by__isnull', False), models.Q(('note', ''), _negated=True)), _connector='OR'), name='followup_settled_by_somebody'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'moot'), _negated=True), ('owner', None), ('cause__in', ['policy', 'revalidation']), models.Q(('settled_by', models.F('owner')), _negated=True), _connector='OR'), name='followup_dropped_by_another'), models.UniqueConstraint(condition=models.Q(('cause', 'asset'), ('state', 'open')), fields=('system', 'asset', 'step'), name='followup_once_for_an_asset'), models.UniqueConstraint(condition=models.Q(('change__isnull', False)), fields=('change', 'step'), name='followup_once_for_a_roll_back'), models.UniqueConstraint(condition=models.Q(('cause', 'revalidation')), fields=('system', 'revalidation'), name='followup_once_for_a_campaign'), models.UniqueConstraint(condition=models.Q(('origin', ''), _negated=True), fields=('system', 'cause', 'origin', 'step'), name='followup_once_for_an_origin'), models.UniqueConstraint(condition=models.Q(('cause', 'policy')), fields=('system', 'pack'), name='followup_once_for_a_policy')],
            },
        ),
    ]
