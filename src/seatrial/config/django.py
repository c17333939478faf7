"""Django's settings module: what Django must know, derived from the one frozen ``Settings``."""

from __future__ import annotations

from urllib.parse import urlsplit

from csp.constants import SELF

from seatrial.config.environment import django_database, django_mail, settings

SEATRIAL = settings()

SECRET_KEY = SEATRIAL.secret_key
DEBUG = SEATRIAL.debug
_public = urlsplit(SEATRIAL.portal_url)
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", SEATRIAL.host, _public.netloc.removesuffix(f":{_public.port}")]
CSRF_TRUSTED_ORIGINS = [SEATRIAL.portal_url]

INSTALLED_APPS = [
    "seatrial.portal",  # first, so that its templates stand before allauth's own
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "django_tasks",
    "django_tasks_db",
    "django_htmx",
    "csp",
    "seatrial.idempotency",
    "seatrial.ledger",
    "seatrial.parties",
    "seatrial.notices",
    "seatrial.review.cases",
    "seatrial.review.access",
    "seatrial.review.threads",
    "seatrial.review.identity",
    "seatrial.review.weights",
    "seatrial.review.benchmarks",
    "seatrial.review.planning",
    "seatrial.review.dossiers",
    "seatrial.review.determinations",
    "seatrial.review.casefiles",
    "seatrial.review.oversight",
    "seatrial.clearinghouse.findings",
    "seatrial.clearinghouse.triage",
    "seatrial.clearinghouse.coordination",
    "seatrial.clearinghouse.advisories",
    "seatrial.clearinghouse.members",
    "seatrial.clearinghouse.exposure",
    "seatrial.clearinghouse.remediation",
    "seatrial.clearinghouse.delivery",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "seatrial.config.sightings.Sightings",
    "seatrial.portal.middleware.ErrorPages",
]

ROOT_URLCONF = "seatrial.config.urls"
ASGI_APPLICATION = "seatrial.config.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "seatrial.portal.context.portal",
            ],
        },
    },
]

DATABASES = {"default": django_database(SEATRIAL.database_url)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "parties.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "seatrial.portal.signin.ClosedSignup"  # people come by invitation
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"

DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000  # the guided form of a dossier's section is one form

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _public.scheme == "https"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 8 * 3600
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "style-src": [SELF],
        "script-src": [SELF],
        "frame-ancestors": ["'none'"],
        "form-action": [SELF],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
    },
}

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}

STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-us"
USE_I18N = False

EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = SEATRIAL.home / "mail"
DEFAULT_FROM_EMAIL = SERVER_EMAIL = SEATRIAL.mail_from
globals().update(django_mail(SEATRIAL.smtp_url))

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
