"""A Django project in one file: settings, middleware, sessions, CSRF, forms, redirects, streams, files and errors. No database."""
import io
import sys

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import FileResponse, HttpResponse, HttpResponseRedirect, JsonResponse, StreamingHttpResponse
from django.urls import path, re_path

settings.configure(
    ALLOWED_HOSTS=["compare.example"],
    APPEND_SLASH=True,
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.http.ConditionalGetMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    ROOT_URLCONF=sys.modules[__name__],
    SECRET_KEY="only ever used on loopback by a comparison",
    SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
    USE_TZ=True,
)
django.setup()


def seen(request, **more):
    """What Django made of the request."""
    return JsonResponse({
        "method": request.method,
        "path": request.path,
        "path_info": request.path_info,
        "script": request.META["SCRIPT_NAME"],
        "url": request.build_absolute_uri(),
        "get": dict(request.GET.lists()),
        "cookies": request.COOKIES,
        "type": request.content_type,
        "headers": dict(request.headers),
        **more,
    })


def form(request):
    files = {name: [file.name, file.size, file.content_type] for name, file in request.FILES.items()}
    return seen(request, post=dict(request.POST.lists()), files=files)


form.csrf_exempt = True


def body(request):
    return seen(request, body=request.body.decode("latin-1"))


body.csrf_exempt = True


def cookies(request):
    response = HttpResponse("cookies")
    response.set_cookie("plain", "1")
    response.set_cookie("full", "a b", max_age=60, path="/django", secure=True, httponly=True, samesite="Lax")
    response.delete_cookie("gone")
    return response


def visit(request):
    request.session["visits"] = request.session.get("visits", 0) + 1
    return HttpResponse("visit %d" % request.session["visits"])


def stream(request):
    return StreamingHttpResponse(("line %d\n" % number for number in range(100)), content_type="text/plain")


def download(request):
    return FileResponse(open(__file__, "rb"), as_attachment=True, filename="gr\xfc\xdfe.txt")


def memory(request):
    return FileResponse(io.BytesIO(b"x" * 100_000), filename="x.bin")


def fail(request):
    raise RuntimeError("django: on purpose")


urlpatterns = [
    path("", seen),
    path("form/", form),
    path("body/", body),
    path("protected/", seen),
    path("cookies/", cookies),
    path("visit/", visit),
    path("redirect/", lambda request: HttpResponseRedirect("/django/?from=redirect")),
    path("stream/", stream),
    path("download/", download),
    path("memory/", memory),
    path("fail/", fail),
    path("empty/", lambda request: HttpResponse(status=204)),
    path("teapot/", lambda request: HttpResponse("short", status=418, reason="I am a teapot")),
    re_path(r"^text/(?P<text>.*)$", lambda request, text: seen(request, text=text)),
]

application = get_wsgi_application()
