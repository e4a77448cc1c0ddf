"""The worker writes and reads the frames of test/vectors/frames.json, the file that the router's tests read too."""

import json
import os
import unittest

from wsgid_worker import frames

VECTORS = os.path.join(os.path.dirname(__file__), "..", "vectors", "frames.json")


def load(side):
    with open(VECTORS) as file:
        return json.load(file)[side]


def bytes_of(vector):
    value = vector["hex"]
    return bytes.fromhex(value if isinstance(value, str) else value[0] + value[1] * value[2])


def text_of(body):
    return body[0] * body[1] if isinstance(body, list) else body


def encode(frame):
    kind, request = frame["kind"], frame.get("id", 0)
    body = text_of(frame.get("body", "")).encode("latin-1")
    head = frame.get("head", "").encode("latin-1")
    if kind == "hello":
        return frames.hello(frame["threads"], frame["pid"], frame["offset"], frame["serial"])
    if kind == "response":
        return frames.response(request, frame["microseconds"], head, body)
    if kind == "responseHead":
        return frames.response_head(request, head, body)
    if kind == "data":
        return frames.response_data(request, len(body)) + body
    if kind == "end":
        return frames.response_end(request, frame["microseconds"])
    if kind == "failed":
        return frames.failed(request, frame["microseconds"], frame["reason"], frame["text"])
    if kind == "credit":
        return frames.body_credit(request, frame["amount"])
    return frames.frame({"returned": frames.RETURNED}[kind], request)


class FramesTest(unittest.TestCase):
    def test_the_worker_writes_each_frame_as_the_protocol_says(self):
        for vector in load("fromWorker"):
            with self.subTest(vector["name"]):
                if vector["frame"]["kind"] == "hello":
                    # The version is the only thing the vector fixes that the call does not take.
                    self.assertEqual(frames.VERSION, 4)
                self.assertEqual(encode(vector["frame"]).hex(), bytes_of(vector).hex())

    def test_the_worker_reads_kind_flags_id_and_length_of_each_frame(self):
        numbers = dict(hello=1, request=2, requestStream=4, data=5, end=6, abort=7, credit=8, recall=9)
        for vector in load("toWorker"):
            with self.subTest(vector["name"]):
                data, frame = bytes_of(vector), vector["frame"]
                word, request = frames.unpack_header(data, 0)
                kind = numbers[frame["kind"]]
                if frame["kind"] == "request" and frame["body"]:
                    kind = frames.REQUEST_BODY
                self.assertEqual(word >> 24 & frames.KIND_MASK, kind)
                self.assertEqual(bool(word >> 24 & frames.ONCE), frame.get("once", False))
                self.assertEqual(request, frame.get("id", 0))
                self.assertEqual(word & 0xFFFFFF, len(data) - 8)
                if frame["kind"] == "hello":
                    self.assertEqual(frames.first_credit(data[8:]), frame["firstCredit"])

    def test_the_hello_of_a_router_of_another_version_is_refused_whatever_its_form(self):
        for payload in (b"\x02\0\0\0\x07\0\0\0", b"\x05\0" + bytes(30)):
            with self.assertRaisesRegex(frames.ProtocolError, "the router speaks version"):
                frames.first_credit(payload)


if __name__ == "__main__":
    unittest.main()
