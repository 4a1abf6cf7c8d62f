"""The environment comes in (`ZUSAGE_…`), Django's settings go out.

What a firm decides about itself (name, state, who may see what) stands in the database; here stands only how the
program runs on this machine.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import dj_database_url

DATA = Path(os.environ.get("ZUSAGE_DATA", "zusage-data")).resolve()
"""Everything the office keeps: database, uploaded files, backups, keys."""

SECRET_KEY = os.environ["ZUSAGE_SECRET_KEY"]
DEBUG = False
OFFICE = os.environ.get("ZUSAGE_OFFICE") == "1"
"""Reached over the firm's network behind TLS, not only from this machine."""

ADDRESS = os.environ.get("ZUSAGE_ADDRESS", "http://localhost:8000")
"""The address people type; links and passkeys are made for it."""

SETUP_CODE = os.environ.get("ZUSAGE_SETUP_CODE", "")
"""Asked for at the first start where others can reach the page; it stands in the terminal."""

ALLOWED_HOSTS = [host for host in os.environ.get("ZUSAGE_HOSTS", "localhost,127.0.0.1,[::1]").split(",") if host]
CSRF_TRUSTED_ORIGINS = [ADDRESS]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ADDRESS.startswith("https://")
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600
CSRF_USE_SESSIONS = True
CSRF_FAILURE_VIEW = "zusage.web.front.views.stale"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
BEHIND_PROXY = os.environ.get("ZUSAGE_BEHIND_PROXY") == "1"
if BEHIND_PROXY:  # only then may a header say that the connection was safe
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
if SESSION_COOKIE_SECURE:
    SECURE_HSTS_SECONDS = 365 * 24 * 3600

INSTALLED_APPS = [
    "zusage.web",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "auditlog",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "zusage.web.middleware.content_security",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "auditlog.middleware.AuditlogMiddleware",
    "zusage.web.middleware.speak",
    "zusage.web.middleware.guard",
    "zusage.web.middleware.settle",
]
ROOT_URLCONF = "zusage.web.urls"
WSGI_APPLICATION = "zusage.web.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "zusage.web.speech.page_context",
            ],
            "builtins": ["zusage.web.speech", "zusage.web.charter.pictures"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"


def _sqlite_mode() -> str:
    """WAL where it is safe: libraries before 3.51.3 can damage a database when the log is reset."""
    return "WAL" if sqlite3.sqlite_version_info >= (3, 51, 3) else "DELETE"


DATABASES = {
    "default": dj_database_url.parse(
        os.environ.get("ZUSAGE_DATABASE_URL") or f"sqlite:///{DATA / 'zusage.sqlite3'}",
        conn_max_age=600,
        conn_health_checks=True,
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": f"PRAGMA journal_mode={_sqlite_mode()}; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    }
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}
"""Throttles count in the database: the memory of one worker would not know what another has seen. With few entries,
many visitors of a public page would push out the counts of failed sign-ins."""

AUTH_USER_MODEL = "zusage.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 7 * 24 * 3600  # of links for a first password
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "today"
ACCOUNT_ADAPTER = "zusage.web.office.signin.Adapter"
ACCOUNT_FORMS = {"change_password": "zusage.web.office.signin.ChangePassword"}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key", "reauthenticate": "10/m/user"}
ALLAUTH_TRUSTED_PROXY_COUNT = int(BEHIND_PROXY)
"""Attempts count by the reader's own address; a header that names it is believed only from the firm's proxy."""

MFA_ADAPTER = "zusage.web.office.signin.SecondFactor"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses are entered by the owner; no mail is sent
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = ADDRESS.startswith("http://localhost")
MFA_TOTP_TOLERANCE = 1  # a phone's clock may be half a minute off
MFA_TOTP_ISSUER = "Zusage"
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"  # what leaves is handed over by the outbox alone

SMTP_URL = os.environ.get("ZUSAGE_SMTP_URL", "")
"""The firm's mail server, such as `smtp+starttls://user:password@mail.example.org:587`; empty: mails are exported."""
MAIL_FROM = os.environ.get("ZUSAGE_MAIL_FROM", "")
"""Who writes, such as `Muster GmbH <post@example.org>`."""
NOTICE_TOKEN = os.environ.get("ZUSAGE_NOTICE_TOKEN", "")
"""By this secret a program may report bounces and complaints; empty: nobody may."""

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "ENQUEUE_ON_COMMIT": True}}

LANGUAGE_CODE = "de"
LANGUAGES = [("de", "Deutsch"), ("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"  # what is stored; pages show the firm's own

STATIC_URL = "/static/"
STATICFILES_DIRS = [("look", Path(__file__).parents[1] / "look")]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
LARGEST_UPLOAD = 200_000_000
"""Bytes of one uploaded file; a year of a large firm's statements is a tenth of it."""

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {"quiet": {"()": "zusage.web.office.quiet.Quiet"}},  # links open something for whoever has them
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["quiet"]}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # addresses name customers by their number: only mistakes of ours are logged with theirs
    "loggers": {"zusage": {"level": "INFO"}, "django.request": {"level": "ERROR"}},
}
