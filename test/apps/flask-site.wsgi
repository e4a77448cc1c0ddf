# A small Flask site: JSON, cookies, a streaming response and an upload.
import os
import time

from flask import Flask, Response, jsonify, make_response, request

application = Flask("flask-site")


@application.route("/json", methods=["POST"])
def echo_json():
    return jsonify(received=request.get_json(), method=request.method)


@application.route("/cookie")
def cookie():
    visits = int(request.cookies.get("visits", "0")) + 1
    response = make_response("visit %d" % visits)
    response.set_cookie("visits", str(visits), httponly=True)
    return response


@application.route("/stream")
def stream():
    """Chunk n+1 is made when the file n exists in the directory GATES: a client that makes it has received chunk n."""
    gates = os.environ["GATES"]

    def lines():
        for number in range(4):
            give_up = time.monotonic() + 30
            while number > 0 and not os.path.exists(os.path.join(gates, str(number - 1))):
                if time.monotonic() > give_up:
                    raise TimeoutError("nobody made gate %d" % (number - 1))
                time.sleep(0.005)
            yield "line %d\n" % number

    return Response(lines(), mimetype="text/plain")


@application.route("/upload", methods=["POST"])
def upload():
    file = request.files["file"]
    return jsonify(name=file.filename, size=len(file.read()), title=request.form["title"])


@application.route("/broken")
def broken():
    raise RuntimeError("flask-site: on purpose")
