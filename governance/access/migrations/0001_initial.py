import datetime
import django.contrib.auth.validators
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
import django.utils.timezone
import governance.access.models
import governance.access.vocabulary
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='ProofKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fingerprint', models.CharField(max_length=32)),
                ('since', models.DateTimeField()),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='Token',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token_key', models.CharField(db_index=True, max_length=25)),
                ('digest', models.CharField(editable=False, max_length=128, unique=True)),
                ('name', models.CharField(max_length=120)),
                ('description', models.CharField(blank=True, max_length=500)),
                ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[(governance.access.vocabulary.Scope['GATE_CHECK'], governance.access.vocabulary.Scope['GATE_CHECK']), (governance.access.vocabulary.Scope['RELEASE_WRITE'], governance.access.vocabulary.Scope['RELEASE_WRITE']), (governance.access.vocabulary.Scope['DEPLOYMENT_WRITE'], governance.access.vocabulary.Scope['DEPLOYMENT_WRITE']), (governance.access.vocabulary.Scope['MEASUREMENT_WRITE'], governance.access.vocabulary.Scope['MEASUREMENT_WRITE']), (governance.access.vocabulary.Scope['ALERT_WRITE'], governance.access.vocabulary.Scope['ALERT_WRITE'])], max_length=40), size=None)),
                ('created', models.DateTimeField()),
                ('expiry', models.DateTimeField()),
                ('last_used', models.DateTimeField(blank=True, editable=False, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['-created', '-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('expiry__gt', models.F('created')), ('expiry__lte', django.db.models.expressions.CombinedExpression(models.F('created'), '+', models.Value(datetime.timedelta(days=90))))), name='token_lives_90_days_at_most'), models.CheckConstraint(condition=models.Q(('scopes__len__gt', 0)), name='token_has_a_scope'), models.CheckConstraint(condition=models.Q(('digest', ''), _negated=True), name='token_has_a_digest')],
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('username', models.CharField(error_messages={'unique': 'A user with that username already exists.'}, help_text='Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.', max_length=150, unique=True, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()], verbose_name='username')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='email address')),
                ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
                ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date joined')),
                ('name', models.CharField(max_length=150, verbose_name='printed name')),
                ('kind', models.CharField(choices=[('human', 'Person'), ('machine', 'Machine')], default='human', max_length=7)),
                ('theme', models.CharField(choices=[('light', 'Light'), ('dark', 'Dark')], default='light', max_length=5)),
                ('salt', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('closed_reason', models.CharField(blank=True, max_length=500)),
                ('session_version', models.PositiveIntegerField(default=0, editable=False)),
                ('password_changed_at', models.DateTimeField(editable=False, null=True)),
                ('password_key', models.CharField(blank=True, default='', editable=False, max_length=32)),
                ('password_proof', models.CharField(blank=True, default='', editable=False, max_length=64)),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('sponsor', models.ForeignKey(blank=True, help_text='The person who answers for a machine.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sponsored', to=settings.AUTH_USER_MODEL)),
                ('put_forward_by', models.ForeignKey(blank=True, editable=False, help_text='Who put the person forward for governance; another member gives the role.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'verbose_name': 'person',
                'verbose_name_plural': 'people',
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), condition=models.Q(('email', ''), _negated=True), name='user_email_once', violation_error_message='Another account has this e-mail address.'), models.UniqueConstraint(django.db.models.functions.text.Lower('username'), name='user_username_once'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'human'), ('sponsor', None)), models.Q(('kind', 'machine'), ('sponsor__isnull', False)), _connector='OR'), name='user_machine_has_sponsor'), models.CheckConstraint(condition=models.Q(('closed_at', None), ('is_active', False), _connector='OR'), name='user_closed_is_inactive')],
            },
            managers=[
                ('objects', governance.access.models.People()),
            ],
        ),
        migrations.CreateModel(
            name='UsableToken',
            fields=[
                ('token', models.OneToOneField(db_column='id', on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name='+', serialize=False, to=settings.KNOX_TOKEN_MODEL)),
                ('digest', models.CharField(max_length=128)),
                ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None)),
            ],
            options={
                'managed': False,
            },
        ),
        migrations.AddField(
            model_name='token',
            name='minted_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='minted_tokens', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='token',
            name='revoked_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='token',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='auth_token_set', to=settings.AUTH_USER_MODEL),
        ),
        migrations.CreateModel(
            name='RolePermission',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(max_length=20)),
                ('permission', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='auth.permission')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('role', 'permission'), name='rolepermission_once')],
            },
        ),
        migrations.CreateModel(
            name='Identity',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('issuer', models.CharField(max_length=500)),
                ('subject', models.CharField(max_length=255)),
                ('linked_at', models.DateTimeField()),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('proof_key', models.CharField(editable=False, max_length=32)),
                ('proof', models.CharField(editable=False, max_length=64)),
                ('confirmed_key', models.CharField(blank=True, default='', editable=False, max_length=32)),
                ('confirmed_proof', models.CharField(blank=True, default='', editable=False, max_length=64)),
                ('confirmed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('linked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='identities', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'identities',
                'ordering': ['person', 'id'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('issuer', 'subject'), name='identity_signs_in_one_person'), models.CheckConstraint(condition=models.Q(models.Q(('issuer', ''), _negated=True), models.Q(('subject', ''), _negated=True)), name='identity_is_named'), models.CheckConstraint(condition=models.Q(models.Q(('linked_by', None), models.Q(('linked_by', models.F('person')), _negated=True), _connector='OR'), models.Q(('confirmed_by', None), models.Q(('confirmed_by', models.F('person')), _negated=True), _connector='OR'), models.Q(('confirmed_by', None), ('linked_by', None), models.Q(('confirmed_by', models.F('linked_by')), _negated=True), _connector='OR')), name='identity_takes_two_others'), models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at', None), ('confirmed_by', None)), models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False)), models.Q(('confirmed_at', models.F('linked_at')), ('confirmed_by', None), ('linked_by', None)), _connector='OR'), name='identity_is_confirmed_by_somebody')],
            },
        ),
    ]
