"""Answers with everything that it was given: environ with types, and the request's body. Standard library only."""
import json

PLAIN = (str, bool, int, float)


def application(environ, start_response):
    if environ["QUERY_STRING"] == "ready":
        return answer(start_response, b"ready\n")
    body = environ["wsgi.input"].read(-1)
    seen = {key: [type(value).__name__, plain(value)] for key, value in environ.items()}
    return answer(start_response, json.dumps({"environ": seen, "body": body.decode("latin-1")}).encode())


def plain(value):
    """What of a value can be compared: plain ones and tuples of them; of others the type says all."""
    if isinstance(value, tuple):
        return [plain(part) for part in value]
    return value if isinstance(value, PLAIN) else None


def answer(start_response, body):
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
