"""What PEP 3333 demands of start_response's arguments, checked in the application's own frame. Pure: text in, head out."""

import re

#: Control characters cannot be in a status or a header (PEP 3333, "The start_response() Callable"); tab may be in a value.
_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f]").search
#: From 200 on: interim answers (1xx) are the server's, an application gives the final one.
_STATUS = re.compile(r"([2-9][0-9][0-9])(?: ([^\x00-\x1f\x7f]*))?").fullmatch
#: A header's name is a token (RFC 9110 §5.6.2).
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+").fullmatch
_LENGTH = re.compile("[0-9]{1,15}").fullmatch
#: They belong to a connection, and that is the server's: "it is a fatal error" to use them (PEP 3333, "Other HTTP Features").
_HOP_BY_HOP = {
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "trailers",
    "transfer-encoding",
    "upgrade",
}

# Applications use few different ones; checking each once saves about 1 µs a request. Bounded, since an application may
# invent names and values without end.
_KNOWN_LIMIT = 512
_KNOWN_LENGTH = 200
_known_status = {}
_known_headers = set()


def encode_head(status, headers):
    """The response head of the protocol, latin-1 bytes.

    Raises TypeError or ValueError (UnicodeEncodeError for text beyond latin-1) for what PEP 3333 forbids.
    """
    if type(headers) is not list:
        raise TypeError("start_response: headers must be a list, not %s" % type(headers).__name__)
    fields = [_known_status.get(status) or _check_status(status)]
    for header in headers:
        if type(header) is not tuple or len(header) != 2:
            raise TypeError("start_response: each header must be a tuple of name and value, not %r" % (header,))
        if header not in _known_headers:
            _check_header(*header)
        fields += header
    return "\0".join(fields).encode("latin-1")


def declared_length(head):
    """Content-Length of a head that encode_head made; None without one."""
    fields = head.split(b"\0")
    for index in range(2, len(fields), 2):
        if len(fields[index]) == 14 and fields[index].lower() == b"content-length":
            return int(fields[index + 1])
    return None


def _check_status(status):
    if not isinstance(status, str):
        raise TypeError("start_response: status must be str, not %s" % type(status).__name__)
    match = _STATUS(status)
    if match is None:
        raise ValueError("start_response: status must be three digits from 200 on and a reason, not %r" % status)
    encoded = match.group(1) + "\0" + (match.group(2) or "")
    encoded.encode("latin-1")
    if len(_known_status) < _KNOWN_LIMIT:
        _known_status[status] = encoded
    return encoded


def _check_header(name, value):
    if not isinstance(name, str):
        raise TypeError("start_response: header names must be str, not %s" % type(name).__name__)
    if _TOKEN(name) is None:
        raise ValueError("start_response: %r is not a header name" % name)
    lower = name.lower()
    if lower in _HOP_BY_HOP:
        raise ValueError("start_response: the header %s is hop-by-hop: it is the server's, not the application's" % name)
    if not isinstance(value, str):
        raise TypeError("start_response: the value of %s must be str, not %s" % (name, type(value).__name__))
    if _CONTROL(value):
        raise ValueError("start_response: the value of %s holds a control character: %r" % (name, value))
    if lower == "content-length" and _LENGTH(value) is None:
        raise ValueError("start_response: Content-Length must be a number of bytes, not %r" % value)
    if len(_known_headers) < _KNOWN_LIMIT and len(name) + len(value) <= _KNOWN_LENGTH:
        _known_headers.add((name, value))
