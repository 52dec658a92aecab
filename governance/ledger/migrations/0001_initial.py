import django.db.models.deletion
import governance.ledger.models
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Block',
            fields=[
                ('height', models.BigIntegerField(primary_key=True, serialize=False)),
                ('xid', governance.ledger.models.TransactionIdField()),
                ('at', models.DateTimeField()),
                ('n', models.IntegerField()),
                ('prev', models.BinaryField()),
                ('hash', models.BinaryField()),
            ],
            options={
                'ordering': ['-height'],
            },
        ),
        migrations.CreateModel(
            name='Denial',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('actor_id', models.BigIntegerField(null=True)),
                ('actor_kind', models.CharField(max_length=7)),
                ('actor_name', models.CharField(max_length=200)),
                ('token_id', models.CharField(max_length=100, null=True)),
                ('door', models.CharField(max_length=10)),
                ('request_id', models.CharField(max_length=100)),
                ('verb', models.CharField(max_length=60)),
                ('reason', models.TextField()),
                ('kind', models.CharField(help_text='forbidden or conflict', max_length=9)),
                ('code', models.CharField(max_length=100)),
                ('reasons', models.JSONField()),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('xid', governance.ledger.models.TransactionIdField()),
                ('at', models.DateTimeField()),
                ('actor_id', models.BigIntegerField(null=True)),
                ('actor_kind', models.CharField(max_length=7)),
                ('actor_name', models.CharField(help_text='As shown at the time.', max_length=200)),
                ('sponsor_id', models.BigIntegerField(help_text='Who answers for a machine.', null=True)),
                ('minter_id', models.BigIntegerField(help_text='Who made the token a machine used.', null=True)),
                ('token_id', models.CharField(max_length=100, null=True)),
                ('door', models.CharField(max_length=10)),
                ('request_id', models.CharField(max_length=100)),
                ('verb', models.CharField(max_length=60)),
                ('reason', models.TextField()),
                ('table_name', models.CharField(max_length=63)),
                ('key', models.CharField(max_length=200)),
                ('system_id', models.BigIntegerField(null=True)),
                ('op', models.CharField(choices=[('I', 'Created'), ('U', 'Changed'), ('D', 'Removed'), ('B', 'Added evidence'), ('S', 'Reshaped the table'), ('R', 'Reshaped the row')], max_length=1)),
                ('before', models.JSONField(null=True)),
                ('after', models.JSONField(null=True)),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['xid'], name='ledger_even_xid_5d9358_idx'), models.Index(fields=['table_name', 'key', 'id'], name='ledger_even_table_n_102f4a_idx'), models.Index(condition=models.Q(('system_id__isnull', False)), fields=['system_id', 'id'], name='event_by_system')],
            },
        ),
        migrations.CreateModel(
            name='Head',
            fields=[
                ('id', models.SmallIntegerField(primary_key=True, serialize=False)),
                ('height', models.BigIntegerField()),
                ('at', models.DateTimeField()),
                ('hash', models.BinaryField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='ledger_head_one_row')],
            },
        ),
        migrations.CreateModel(
            name='Pending',
            fields=[
                ('xid', governance.ledger.models.TransactionIdField(primary_key=True, serialize=False)),
                ('armed', models.BooleanField()),
            ],
        ),
        migrations.CreateModel(
            name='SealCheck',
            fields=[
                ('name', models.CharField(max_length=50, primary_key=True, serialize=False)),
                ('tables', models.JSONField()),
            ],
        ),
        migrations.CreateModel(
            name='Link',
            fields=[
                ('event', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='link', serialize=False, to='ledger.event')),
                ('digest', models.BinaryField()),
                ('block', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='links', to='ledger.block')),
            ],
            options={
                'indexes': [models.Index(fields=['block', 'event'], name='link_by_block')],
            },
        ),
    ]
