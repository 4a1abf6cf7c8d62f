"""A folder of files comes in and is imported into the office of the environment: read, published, in this process."""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zusage.web.settings")
import django

django.setup()

from benchmarks.office.prepare import bring_in

from zusage.web.office.models import User

os.nice(10)  # as the worker of the office does
bring_in(Path(sys.argv[1]), User.objects.order_by("pk")[0])
