"""wsgi.file_wrapper (PEP 3333, "Optional Platform-Specific File Handling")."""

import io
import os
import stat
import sys


class FileWrapper:
    """Iterates over a file-like object in blocks; a regular file is read by offset instead, from where it stands."""

    def __init__(self, filelike, blksize=8192):
        self.filelike = filelike
        self.blksize = blksize
        if hasattr(filelike, "close"):
            self.close = filelike.close

    def __iter__(self):
        return self

    def __next__(self):
        data = self.filelike.read(self.blksize)
        if not data:
            raise StopIteration
        return data

    def regular_file(self):
        """(descriptor, offset, bytes left) when the object is a regular file that can be read by offset, else None."""
        file = _plain_file(self.filelike)
        if file is None:
            return None
        try:
            descriptor = file.fileno()
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                return None
            offset = file.tell()
        except (OSError, ValueError):
            return None
        return descriptor, offset, max(0, status.st_size - offset)


def _plain_file(filelike):
    """The file that open() made, or None: others may have a fileno() too, but read() gives something else than what is in the file
    (gzip.GzipFile, bz2.BZ2File, text)."""
    # Not imported here: it brings a dozen modules, and there is no such object unless the application has imported it.
    tempfile = sys.modules.get("tempfile")
    if tempfile is not None and isinstance(filelike, tempfile._TemporaryFileWrapper):
        filelike = filelike.file
    raw = getattr(filelike, "raw", None) if isinstance(filelike, (io.BufferedReader, io.BufferedRandom)) else filelike
    return filelike if isinstance(raw, io.FileIO) else None
