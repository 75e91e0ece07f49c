"""The page behind Django's own sessions and accounts: what `startproject` sets up, in one file."""

import os
from pathlib import Path

import django
from django.conf import settings

settings.configure(
    SECRET_KEY="9d1f6b0c4e7a83d25c7be4f0a16839cd",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
    ],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "DIRS": [Path(__file__).with_name("templates")],
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ],
            },
        },
    ],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["BENCHMARK_DATABASE"]}},
    USE_TZ=True,
)
django.setup()

from django.contrib.auth import get_user_model, login  # noqa: E402  # needs the settings
from django.contrib.auth.decorators import login_required  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.shortcuts import render  # noqa: E402
from django.urls import path  # noqa: E402


def sign_in(request: HttpRequest) -> HttpResponse:
    login(request, get_user_model().objects.get(username="alice"))
    return HttpResponse(status=204)


@login_required
def page(request: HttpRequest) -> HttpResponse:
    return render(request, "page.html", {"name": request.user.get_username()})


urlpatterns = [path("login", sign_in), path("page", page)]
app = get_wsgi_application()


def create_database() -> None:
    """Create the tables and the user; the benchmark calls this before the server starts."""
    call_command("migrate", verbosity=0)
    get_user_model().objects.create_user("alice")
