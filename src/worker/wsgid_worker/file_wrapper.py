"""wsgi.file_wrapper (PEP 3333, "Optional Platform-Specific File Handling")."""

import os
import stat


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
        try:
            descriptor = self.filelike.fileno()
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                return None
            offset = self.filelike.tell()
        except (AttributeError, OSError, ValueError):
            return None
        return descriptor, offset, max(0, status.st_size - offset)
