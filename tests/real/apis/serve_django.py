"""An API of Django REST framework, written as its documentation does: PORT FORM FOLDER."""

import sys

import django
from django.conf import settings
from django.core.management import call_command

PORT, FORM, FOLDER = sys.argv[1:]
settings.configure(
    SECRET_KEY="of-a-test-and-of-nothing-else-at-all-000000000",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=[
        "django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions",
        "rest_framework", "rest_framework.authtoken",
    ],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware", "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware", "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{FOLDER}/{PORT}.sqlite3"}},
    REST_FRAMEWORK={"DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"]},
)  # fmt: skip
django.setup()

from django.contrib.auth.models import User  # noqa: E402  (Django wants its settings first)
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework.authentication import BaseAuthentication, SessionAuthentication, TokenAuthentication  # noqa: E402
from rest_framework.permissions import AllowAny, IsAuthenticated, IsAuthenticatedOrReadOnly  # noqa: E402
from rest_framework.request import Request  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402
from waitress import serve  # noqa: E402

call_command("migrate", verbosity=0)


class AnyBearer(BaseAuthentication):
    """Only looks whether there is a bearer."""

    def authenticate(self, request: Request) -> tuple[User, str] | None:
        given = request.META.get("HTTP_AUTHORIZATION", "")
        return (User(username="somebody"), given) if given.startswith("Bearer ") else None

    def authenticate_header(self, _request: Request) -> str:
        return "Bearer"


class AnyToken(TokenAuthentication):
    """Only looks whether there is a token."""

    def authenticate_credentials(self, key: str) -> tuple[User, str]:
        return User(username="somebody"), key


AUTHENTICATION, PERMISSION = {
    "token": (TokenAuthentication, IsAuthenticated),
    "session": (SessionAuthentication, IsAuthenticated),
    "any-bearer": (AnyBearer, IsAuthenticated),
    "any-token": (AnyToken, IsAuthenticated),
    "session-read-only": (SessionAuthentication, IsAuthenticatedOrReadOnly),  # as a tutorial's settings have it
    "session-anybody": (SessionAuthentication, AllowAny),  # the framework's default
}[FORM]


class Health(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)

    def get(self, _request: Request) -> Response:
        return Response({"ok": True})


class Notes(APIView):
    authentication_classes = (AUTHENTICATION,)
    permission_classes = (PERMISSION,)

    def get(self, _request: Request, number: str | None = None) -> Response:
        return Response([{"text": "the plans for next year", "number": number}])

    def post(self, request: Request) -> Response:
        if "text" not in request.data:
            return Response({"text": ["This field is required."]}, status=400)
        return Response(request.data, status=201)


urlpatterns = [
    path("api/health", Health.as_view()), path("api/notes", Notes.as_view()), path("api/notes/<str:number>", Notes.as_view()),
]  # fmt: skip
serve(get_wsgi_application(), host="127.0.0.1", port=int(PORT), threads=8, _quiet=True)
