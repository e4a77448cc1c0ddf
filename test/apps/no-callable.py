def app(environ, start_response):
    """A good application under a name nobody looks for."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"unreachable"]
