#!/usr/bin/env python
"""Run a management command of Countersign."""

import os
import sys


def main() -> None:
    """Hand the command line to Django; settings that are refused are said in their own words, without a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings.base")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
