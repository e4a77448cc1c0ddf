"""What becomes a 403: the application must not be called for this request."""


class Forbidden(Exception):
    """Its script belongs to the wrong account, or the file that it requires is not there. The text is for the log."""
