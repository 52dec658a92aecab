"""The portal's one clock."""

from django.db import migrations

CLOCK = """
CREATE FUNCTION public.portal_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
    AS 'SELECT pg_catalog.statement_timestamp()'
"""


class Migration(migrations.Migration):
    """Every comparison with the present goes through portal_now(), so that a test can replace the present."""

    initial = True
    dependencies = []
    operations = [migrations.RunSQL(CLOCK, "DROP FUNCTION public.portal_now()")]
