import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('inventory', '0011_failure_modes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Engagement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('model', 'Periodic audit of models'), ('third_party', 'Audit by a third party'), ('security', 'Security audit'), ('ethics', 'Ethics audit')], max_length=11)),
                ('title', models.CharField(max_length=200)),
                ('purpose', models.TextField(verbose_name='what is looked at, and against what')),
                ('period_from', models.DateTimeField(verbose_name='period looked at, from')),
                ('ends_at', models.DateTimeField(verbose_name='planned end')),
                ('planned_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('planned', 'Planned'), ('running', 'Running'), ('reported', 'Reported'), ('closed', 'Closed'), ('cancelled', 'Cancelled')], default='planned', max_length=9)),
                ('summary', models.TextField(blank=True, verbose_name='what the report says in short')),
                ('report_name', models.CharField(blank=True, max_length=200)),
                ('reported_at', models.DateTimeField(blank=True, null=True)),
                ('next_at', models.DateTimeField(blank=True, null=True, verbose_name='next audit')),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('note', models.TextField(blank=True, verbose_name='how it was settled, or why it was cancelled')),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('planned_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('report', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='engagements', to='inventory.evidencefile')),
                ('reported_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.unit')),
            ],
            options={
                'ordering': ['-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('title', ''), _negated=True), models.Q(('purpose', ''), _negated=True)), name='engagement_says_what'), models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('planned_at'))), name='engagement_ends_later'), models.CheckConstraint(condition=models.Q(('period_from__lt', models.F('ends_at'))), name='engagement_period_before_end'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['reported', 'closed']), _negated=True), models.Q(('report__isnull', False), ('reported_at__isnull', False), ('reported_by__isnull', False), models.Q(('report_name', ''), _negated=True)), _connector='OR'), name='engagement_reported_with_report'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', False), ('ended_by__isnull', False), ('state__in', ['closed', 'cancelled']), models.Q(('note', ''), _negated=True)), models.Q(('state__in', ['closed', 'cancelled']), _negated=True), _connector='OR'), name='engagement_ended_by_somebody')],
            },
        ),
        migrations.CreateModel(
            name='Covered',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('system', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='engagements', to='inventory.system')),
                ('engagement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='covered', to='engagements.engagement')),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('engagement', 'system'), name='covered_once')],
            },
        ),
        migrations.CreateModel(
            name='AuditFinding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=200)),
                ('text', models.TextField()),
                ('severity', models.CharField(help_text='A severity of the policy.', max_length=60)),
                ('due', models.DateTimeField()),
                ('raised_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('open', 'Open'), ('answered', 'Answered'), ('closed', 'Closed'), ('withdrawn', 'Withdrawn')], default='open', max_length=9)),
                ('response', models.TextField(blank=True)),
                ('verification', models.TextField(blank=True)),
                ('raised_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('responded_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('system', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='audit_findings', to='inventory.system')),
                ('verified_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('engagement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='findings', to='engagements.engagement')),
            ],
            options={
                'ordering': ['-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('title', ''), _negated=True), models.Q(('text', ''), _negated=True)), name='auditfinding_says_what'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['answered', 'closed']), _negated=True), models.Q(('responded_by__isnull', False), models.Q(('response', ''), _negated=True)), _connector='OR'), name='auditfinding_answered_by_somebody'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'closed'), _negated=True), ('verified_by__isnull', False), _connector='OR'), name='auditfinding_verified_by_somebody'), models.CheckConstraint(condition=models.Q(('verified_by', models.F('responded_by')), _negated=True), name='auditfinding_verified_by_another')],
            },
        ),
        migrations.CreateModel(
            name='Member',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('leads', models.BooleanField(default=False)),
                ('until', models.DateTimeField()),
                ('added_at', models.DateTimeField()),
                ('left_at', models.DateTimeField(blank=True, null=True)),
                ('left_reason', models.CharField(blank=True, max_length=500)),
                ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('engagement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='team', to='engagements.engagement')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='engagements', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('left_at', None)), fields=('engagement', 'person'), name='member_once'), models.UniqueConstraint(condition=models.Q(('leads', True), ('left_at', None)), fields=('engagement',), name='member_one_leads'), models.CheckConstraint(condition=models.Q(('until__gt', models.F('added_at'))), name='member_ends_later'), models.CheckConstraint(condition=models.Q(('added_by', models.F('person')), _negated=True), name='member_named_by_another')],
            },
        ),
        migrations.CreateModel(
            name='TeamRight',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('assignment', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='team_right', to='inventory.assignment')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rights', to='engagements.member')),
            ],
        ),
    ]
