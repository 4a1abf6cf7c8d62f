"""The office's settings with the benchmark's view beside its pages."""

from zusage.web.settings import *  # noqa: F403 - all of them

ROOT_URLCONF = "benchmarks.office.bare"
