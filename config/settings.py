"""Settings: each value is read from the environment, checked, and explained in one sentence.

A wrong value stops start-up with a message that says what to write instead. `docs/settings.md` lists all of them.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from config import broker
from config.environment import Environment, kept_secret, read_defaults
from config.logs import FORMATTERS, logging_settings

BASE_DIR = Path(__file__).resolve().parent.parent
environment = Environment(os.environ)

# --- Where things are ---------------------------------------------------------------------------------------------

# The folder of everything that this installation keeps: database, secret key, broker data, logs.
STATE_DIR = Path(environment.text("SKYLEDGER_STATE", str(BASE_DIR / ".state"))).absolute()
STATE_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)

# Variables that are not set take their value from this file; the demo writes its emulator's address there.
read_defaults(STATE_DIR / "environment")

# The address, and the port, on which our web server listens.
BIND_ADDRESS = environment.text("BIND_ADDRESS", "127.0.0.1")
PORT = environment.whole("PORT", 8000, least=1, most=65535)

# The address by which browsers reach the pages; with https, cookies, redirects and HSTS follow it.
PUBLIC_URL = environment.web_address("PUBLIC_URL", f"http://127.0.0.1:{PORT}")
_public = urlsplit(PUBLIC_URL)
_https = _public.scheme == "https"

# --- Security -----------------------------------------------------------------------------------------------------

# Signs sessions and links; made up at the first start and kept in the state folder unless given.
SECRET_KEY = environment.text("SECRET_KEY") or kept_secret(STATE_DIR / "secret_key")

# Shows tracebacks in the browser, which is for developers only.
DEBUG = environment.flag("DEBUG", default=False)

# The host names that a request may ask for: that of PUBLIC_URL and the loopback names, unless given.
ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS", [str(_public.hostname), "127.0.0.1", "localhost", "[::1]"])

CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
SESSION_COOKIE_SECURE = _https
CSRF_COOKIE_SECURE = _https
SECURE_SSL_REDIRECT = _https
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _https else 0

# Our web server speaks no TLS itself: an https address means a proxy in front, which tells how it was reached.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _https else None

if _https:
    # The address that limits count by is the one the proxy names; without a proxy anybody could name any.
    ALLAUTH_TRUSTED_PROXY_COUNT = 1

# HSTS for all subdomains, or for browsers' preload lists, binds hosts that are not ours to bind.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# What a browser may do with our pages: load from us and send to us, and run or style nothing that stands in a page.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# --- Signing in ---------------------------------------------------------------------------------------------------

# Nobody signs up, and nothing is sent by e-mail. Attempts are limited by allauth's own rates; each web process counts
# in its own memory, so that no Redis is needed and several processes allow as many times more.
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
SESSION_COOKIE_AGE = 7 * 24 * 3600
CSRF_FAILURE_VIEW = "sign_in.views.csrf_failure"
ACCOUNT_ADAPTER = "sign_in.adapter.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_FORMS = {
    "login": "sign_in.forms.LoginForm",
    "set_password": "sign_in.forms.SetPasswordForm",
    "change_password": "sign_in.forms.ChangePasswordForm",
    "reauthenticate": "sign_in.forms.ReauthenticateForm",
}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]

# Multi-factor authentication: authenticator apps and recovery codes, which are shown when they are made.
MFA_ADAPTER = "sign_in.mfa.MFAAdapter"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # there are no verified ones: nothing is sent by e-mail
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_FORMS = {
    "authenticate": "sign_in.forms.AuthenticateForm",
    "reauthenticate": "sign_in.forms.ReauthenticateByCodeForm",
    "activate_totp": "sign_in.forms.ActivateTOTPForm",
}

# The OpenID Connect provider that people may sign in through, and this installation's client there.
OIDC_ISSUER = environment.issuer("OIDC_ISSUER")
OIDC_CLIENT_ID = environment.text("OIDC_CLIENT_ID")
OIDC_CLIENT_SECRET = environment.text("OIDC_CLIENT_SECRET")
environment.all_or_none("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")

# What the provider is called on the sign-in page, and what it is asked to tell.
OIDC_NAME = environment.text("OIDC_NAME", "single sign-on")
OIDC_SCOPES = environment.words("OIDC_SCOPES", ["openid", "profile", "email"])

# Whom of those that the provider knows we let in: all domains unless given, and only users that exist already.
OIDC_EMAIL_DOMAINS = environment.words("OIDC_EMAIL_DOMAINS", [])
OIDC_TRUST_EMAIL = environment.flag("OIDC_TRUST_EMAIL", default=False)
OIDC_NEW_USERS = environment.flag("OIDC_NEW_USERS", default=False)

# The claim that names somebody's groups, and which of ours each of them is.
OIDC_GROUPS_CLAIM = environment.text("OIDC_GROUPS_CLAIM", "groups")
OIDC_GROUPS = environment.pairs("OIDC_GROUPS")
SOCIALACCOUNT_ADAPTER = "sign_in.single_sign_on.SocialAccountAdapter"

# --- Django -------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "audit",
    "sign_in",
    "inventory",
    "costs",
    "api",
    "people",
]

MIDDLEWARE = [
    # These two put headers on every answer. An answer passes only what stands before its giver, so they stand first.
    "sign_in.middleware.SecurityHeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.health.HealthMiddleware",
    "config.compression.CompressionMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "sign_in.middleware.SignInRequiredMiddleware",
    "inventory.pages.last_visit.LastVisitMiddleware",
    "inventory.pages.reader.ReaderMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    # Last, so that what the others store of a request that took too long is still stored.
    "inventory.pages.budget.PageTimeLimitMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

LANGUAGE_CODE = "en-gb"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"

# whitenoise serves static files straight from where they lie, so that nothing needs to be collected first.
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_ALLOW_ALL_ORIGINS = False

# --- Database -----------------------------------------------------------------------------------------------------

# The ledger: SQLite in the state folder, or the PostgreSQL server that is named.
DATABASES: dict[str, dict[str, Any]] = {"default": environment.database("DATABASE_URL", STATE_DIR / "ledger.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A deferred transaction that reads and then writes fails at once when another one wrote in between, whatever the
    # timeout; IMMEDIATE takes the write lock first and waits for it. For the same reason, no ATOMIC_REQUESTS.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
# Opening a connection is dear on both: SQLite reads its whole schema.
DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}

# --- Snapshots ----------------------------------------------------------------------------------------------------

# Seconds between two snapshots of an account.
SNAPSHOT_INTERVAL = environment.whole("SNAPSHOT_INTERVAL", 3600, least=60, most=30 * 24 * 3600)

# Resource types that no snapshot reads, by slug.
LEFT_OUT_TYPES = frozenset(environment.words("LEFT_OUT_TYPES", []))

# Seconds between two looks of the scheduler at what is due.
TICK = environment.whole("TICK", 15, least=1, most=60)

# Seconds after which a visit whose worker fell silent may be claimed by another.
VISIT_LEASE = environment.whole("VISIT_LEASE", 45, least=1, most=600)

# Seconds after which a visit is stopped, however far it came.
VISIT_TIME_LIMIT = environment.whole("VISIT_TIME_LIMIT", 600, least=5, most=800)

# Seconds for which `take_snapshot` waits for a worker to begin.
CLAIM_WAIT = environment.whole("CLAIM_WAIT", 30, least=1, most=3600)

# Public ranges that together hold more addresses than a network of this prefix length are "wide".
WIDE_IPV4_PREFIX = environment.whole("WIDE_IPV4_PREFIX", 16, least=0, most=32)
WIDE_IPV6_PREFIX = environment.whole("WIDE_IPV6_PREFIX", 32, least=0, most=128)

# --- Prices ---------------------------------------------------------------------------------------------------------

AWS_PRICE_LISTS = "https://pricing.us-east-1.amazonaws.com"

# The host of price lists, from which those of the regions in use are kept up to date; without it nothing is asked.
PRICE_LIST_URL = environment.text("PRICE_LIST_URL") and environment.web_address("PRICE_LIST_URL", AWS_PRICE_LISTS)

# Seconds after which a price list is looked at anew.
PRICE_REFRESH_INTERVAL = environment.whole("PRICE_REFRESH_INTERVAL", 7 * 24 * 3600, least=3600, most=90 * 24 * 3600)

# How many pages of Cost Explorer, of USD 0.01 each, may be paid for on one day, for each account where it is asked.
COST_EXPLORER_PAGES_A_DAY = environment.whole("COST_EXPLORER_PAGES_A_DAY", 10, least=1, most=1000)

# The tag by which Cost Explorer is asked, too: one more question a day. Empty: by service alone.
COST_EXPLORER_TAG = environment.text("COST_EXPLORER_TAG")

# --- Workers ------------------------------------------------------------------------------------------------------

# How many visits one worker does at a time, and how many processes serve pages.
WORKER_CONCURRENCY = environment.whole("WORKER_CONCURRENCY", 4, least=1, most=256)
WEB_CONCURRENCY = environment.whole("WEB_CONCURRENCY", 1, least=1, most=64)

# The server for hints between processes: the one that is named, else our own on a socket of this state folder.
CELERY_BROKER_URL = environment.broker("REDIS_URL", broker.url(STATE_DIR))
EMBEDDED_BROKER = broker.url(STATE_DIR) == CELERY_BROKER_URL

# A task that a dead worker held comes back after the visibility timeout. kombu looks for such tasks every
# interval x throttle seconds, and without these two values about every 100 s whatever the timeout.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 5,
    # Whoever hints a worker tries twice: hints can be lost, and somebody waits for the page. Workers try for ever.
    "max_retries": 1,
    "interval_start": 0.1,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_DEFAULT_QUEUE = "skyledger"
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0.1}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT = VISIT_TIME_LIMIT + 20  # a visit ends by itself, and may then take time to be recorded
CELERY_TASK_TIME_LIMIT = VISIT_TIME_LIMIT + 30  # below the visibility timeout, else a task would run twice
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
# A process makes a client for each account, region and service, which is dear, keeps it, and ends when it has too many.
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 600_000  # KiB
CELERY_WORKER_MAX_TASKS_PER_CHILD = 10_000
CELERY_DB_REUSE_MAX = 1_000  # Celery would close the database after each task; config/celery.py closes broken ones
CELERY_WORKER_REDIRECT_STDOUTS = False

# The schedule needs no memory of its own: what is due stands in the database.
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "tick": {"task": "inventory.tasks.tick", "schedule": TICK, "options": {"expires": TICK}}
}
if PRICE_LIST_URL:
    CELERY_BEAT_SCHEDULE["prices"] = {
        "task": "costs.tasks.refresh_prices",
        "schedule": 900,
        "options": {"expires": 900},
    }

# Where no account has Cost Explorer switched on, this asks the database alone.
CELERY_BEAT_SCHEDULE["costs"] = {"task": "costs.tasks.ask_costs", "schedule": 900, "options": {"expires": 900}}

# --- Pages --------------------------------------------------------------------------------------------------------

# Seconds after which the database is stopped that works for one page.
PAGE_TIME_LIMIT = environment.whole("PAGE_TIME_LIMIT", 20, least=1, most=600)

# --- Logging ------------------------------------------------------------------------------------------------------

# How much is logged, and whether a line is for a terminal or for a machine.
LOG_LEVEL = environment.one_of("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
LOG_FORMAT = environment.one_of("LOG_FORMAT", "console", tuple(FORMATTERS))
LOGGING = logging_settings(LOG_LEVEL, LOG_FORMAT)
