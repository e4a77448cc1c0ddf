"""A Flask project in one file: routes, converters, sessions, forms, redirects, streams, files and errors."""
import io

from flask import Flask, Response, abort, jsonify, make_response, redirect, request, send_file, session, url_for

application = Flask("flask_project")
application.secret_key = "only ever used on loopback by a comparison"
METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "PROPFIND"]


def seen(**more):
    """What Flask made of the request."""
    return jsonify(
        method=request.method,
        path=request.path,
        root=request.script_root,
        url=request.url,
        args=request.args.to_dict(flat=False),
        cookies=request.cookies,
        type=request.mimetype,
        length=request.content_length,
        headers={name: value for name, value in request.headers},
        **more,
    )


@application.route("/", methods=METHODS)
def root():
    return seen(url_for=url_for("text", rest="a b/c", _external=True))


@application.route("/form", methods=["POST"])
def form():
    files = {name: [file.filename, len(file.read()), file.mimetype] for name, file in request.files.items()}
    return seen(form=request.form.to_dict(flat=False), files=files)


@application.route("/body", methods=METHODS)
def body():
    return seen(body=request.get_data().decode("latin-1"))


@application.route("/json", methods=["POST"])
def json():
    return seen(json=request.get_json())


@application.route("/cookies")
def cookies():
    response = make_response("cookies")
    response.set_cookie("plain", "1")
    response.set_cookie("full", "a b", max_age=60, path="/flask", secure=True, httponly=True, samesite="Lax")
    response.delete_cookie("gone")
    return response


@application.route("/visit")
def visit():
    session["visits"] = session.get("visits", 0) + 1
    return "visit %d" % session["visits"]


@application.route("/redirect")
def away():
    return redirect(url_for("root", source="redirect"))


@application.route("/slash/")
def slash():
    return "slash"


@application.route("/stream")
def stream():
    return Response(("line %d\n" % number for number in range(100)), mimetype="text/plain")


@application.route("/download")
def download():
    return send_file(__file__, as_attachment=True, download_name="gr\xfc\xdfe.txt", mimetype="text/plain")


@application.route("/memory")
def memory():
    return send_file(io.BytesIO(b"x" * 100_000), mimetype="application/octet-stream")


@application.route("/fail")
def fail():
    raise RuntimeError("flask: on purpose")


@application.route("/abort/<int:status>")
def refuse(status):
    abort(status)


@application.route("/empty")
def empty():
    return "", 204


@application.route("/text/<path:rest>")
def text(rest):
    return seen(text=rest)
