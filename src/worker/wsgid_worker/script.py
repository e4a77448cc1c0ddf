"""A script's file: whether it has changed hands, place or contents since it was loaded."""

import os
import stat

from . import loader


class Script:
    """The file that an application came from, as it was when it was loaded."""

    def __init__(self, path):
        self.path = path
        self._loaded = self._identify()
        #: False once it is not whose script-user or script-group or where script-directories demand: the application is not
        #: called.
        self.trusted = True

    def check(self, user, group, directories):
        """Whose it is and where it stands now, see below; None: anybody's, anywhere."""
        owned = (user is None and group is None) or self._is_owned_by(user, group)
        # script-directories count for the file that the path leads to.
        self.trusted = owned and (directories is None or loader.stands_in(os.path.realpath(self.path), directories))

    def _is_owned_by(self, user, group):
        """script-user and script-group as mod_wsgi has them: the script and its directory belong to the user and nobody else
        may write there; or the script belongs to the group and neither is writable by everybody."""
        try:
            script, directory = os.stat(self.path), os.stat(os.path.dirname(self.path))
        except OSError:
            return False
        if user is None:
            return script.st_gid == group and not (script.st_mode | directory.st_mode) & stat.S_IWOTH
        return all(each.st_uid == user and not each.st_mode & (stat.S_IWGRP | stat.S_IWOTH) for each in (script, directory))

    def changed(self):
        """Whether the file is another one now, or of another time, older or newer (as mod_wsgi compares). A missing one has
        not changed: a deploy may be just about to put the new one there."""
        now = self._identify()
        return now is not None and now != self._loaded

    def _identify(self):
        try:
            status = os.stat(self.path)
        except OSError:
            return None
        return status.st_mtime_ns, status.st_ino, status.st_size
