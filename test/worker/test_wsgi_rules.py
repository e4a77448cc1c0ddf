"""What start_response accepts and refuses (PEP 3333, "The start_response() Callable")."""

import unittest

from wsgid_worker.wsgi_rules import declared_length, encode_head

GOOD = [
    ("200 OK", [], b"200\0OK"),
    ("204 ", [], b"204\0"),
    ("404", [], b"404\0"),
    ("200 \xe9", [("X-A", "\xe9")], b"200\0\xe9\0X-A\0\xe9"),
    ("302 Found", [("Location", "/x"), ("Set-Cookie", "a\tb")], b"302\0Found\0Location\0/x\0Set-Cookie\0a\tb"),
]

BAD = [
    ("OK", [], ValueError),
    ("20 OK", [], ValueError),
    ("2000 OK", [], ValueError),
    ("200 a\r\nX: y", [], ValueError),
    ("200 \u20ac", [], UnicodeEncodeError),
    (b"200 OK", [], TypeError),
    ("200 OK", (), TypeError),
    ("200 OK", [["A", "b"]], TypeError),
    ("200 OK", [("A",)], TypeError),
    ("200 OK", [(b"A", "b")], TypeError),
    ("200 OK", [("A", b"b")], TypeError),
    ("200 OK", [("A", 1)], TypeError),
    ("200 OK", [("A b", "c")], ValueError),
    ("200 OK", [("", "c")], ValueError),
    ("200 OK", [("A:", "c")], ValueError),
    ("200 OK", [("A", "b\r\nSet-Cookie: c")], ValueError),
    ("200 OK", [("A", "b\0c")], ValueError),
    ("200 OK", [("A", "\u20ac")], UnicodeEncodeError),
    ("200 OK", [("Content-Length", "many")], ValueError),
    ("200 OK", [("content-length", "-1")], ValueError),
    ("200 OK", [("Content-Length", "")], ValueError),
    ("200 OK", [("A", [])], TypeError),
    ("101 Switching Protocols", [], ValueError),
    ("200 OK", [("Connection", "close")], ValueError),
    ("200 OK", [("transfer-encoding", "chunked")], ValueError),
    ("200 OK", [("UPGRADE", "h2c")], ValueError),
]


class WsgiRulesTest(unittest.TestCase):
    def test_what_pep_3333_allows_becomes_a_head(self):
        for status, headers, head in GOOD:
            with self.subTest(status=status, headers=headers):
                self.assertEqual(encode_head(status, headers), head)

    def test_what_pep_3333_forbids_is_refused_in_the_applications_frame(self):
        for status, headers, error in BAD:
            with self.subTest(status=status, headers=headers):
                with self.assertRaises(error):
                    encode_head(status, headers)

    def test_inventing_statuses_and_names_without_end_does_not_grow_the_worker(self):
        from wsgid_worker import wsgi_rules

        for number in range(5000):
            encode_head("200 %d" % number, [("X-%d" % number, ""), ("X-A", "%d" % number)])
        self.assertLessEqual(len(wsgi_rules._known_status), wsgi_rules._KNOWN_LIMIT)
        self.assertLessEqual(len(wsgi_rules._known_headers), wsgi_rules._KNOWN_LIMIT)

    def test_a_header_that_was_refused_is_refused_again(self):
        for _ in range(2):
            with self.assertRaises(ValueError):
                encode_head("200 OK", [("X-Good", "1"), ("X-Bad", "1\r\n")])

    def test_the_length_that_a_head_declares_is_found(self):
        for headers, length in [([], None), ([("X", "content-length")], None), ([("X", "1"), ("content-LENGTH", "7")], 7)]:
            self.assertEqual(declared_length(encode_head("200 Content-Length", headers)), length)


if __name__ == "__main__":
    unittest.main()
