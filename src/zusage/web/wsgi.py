"""The web server asks here for the application."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from zusage.web.serve.lifeline import end_with_server

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zusage.web.settings")
application = get_wsgi_application()
end_with_server()
