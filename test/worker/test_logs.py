"""What applications print becomes whole lines, marked with the request that printed them."""

import os
import threading
import unittest

from wsgid_worker import logs


class LogsTest(unittest.TestCase):
    def setUp(self):
        self.reader, self.writer = os.pipe()
        self.stream = logs.LogStream(self.writer, "<test>")

    def tearDown(self):
        logs._streams.remove(self.stream)
        logs.current.request_id = ""
        for descriptor in (self.reader, self.writer):
            os.close(descriptor)

    def written(self):
        return os.read(self.reader, 1 << 20).decode()

    @staticmethod
    def marked(request, text):
        return "\x1e%d %s\x1f%s\n" % (os.getpid(), request, text)

    def test_lines_carry_the_request_and_partial_ones_wait_for_their_end(self):
        logs.current.request_id = "k3"
        self.stream.write("one\ntw")
        self.stream.write("o\nthree")
        self.assertEqual(self.written(), self.marked("k3", "one") + self.marked("k3", "two"))
        logs.end_request()
        self.assertEqual(self.written(), self.marked("k3", "three"))
        self.stream.write("outside\n")
        self.assertEqual(self.written(), self.marked("", "outside"))

    def test_lines_of_many_threads_are_never_mixed(self):
        def work(name):
            logs.current.request_id = name
            for _ in range(50):
                self.stream.write(name)
                self.stream.write(name + "\n")

        threads = [threading.Thread(target=work, args=("t%d" % number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        lines = self.written().split("\n")[:-1]
        self.assertEqual(len(lines), 400)
        for line in lines:
            name, text = line.split(" ")[1].split("\x1f")
            self.assertEqual(text, name * 2)

    def test_an_application_cannot_forge_the_mark_of_another_request(self):
        self.stream.write("\x1eother\x1fforged\r\n")
        self.assertEqual(self.written(), self.marked("", " other forged "))

    def test_bytes_can_be_written_to_the_buffer_as_to_a_real_stderr(self):
        self.stream.buffer.write(b"caf\xc3\xa9 \xff\n")
        self.assertEqual(self.written(), self.marked("", "caf\xe9 \\xff"))

    def test_endless_lines_are_cut(self):
        self.stream.write("x" * (logs.LONGEST_LINE * 2 + 5))
        lengths = [len(line.split("\x1f")[1]) for line in self.written().split("\n")[:-1]]
        self.assertEqual(lengths, [logs.LONGEST_LINE] * 2 + [5])

    def test_a_log_that_is_gone_does_not_disturb_the_application(self):
        reader, writer = os.pipe()
        os.close(reader)
        stream = logs.LogStream(writer, "<gone>")
        stream.write("nobody hears this\n")
        logs._streams.remove(stream)
        os.close(writer)


if __name__ == "__main__":
    unittest.main()
