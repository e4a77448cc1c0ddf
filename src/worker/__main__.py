"""Entry of a template process and its workers: `python LIB/worker`. Leaves no trace of this directory in the application's sys.path."""

import sys

import wsgid_worker.template

# Python put this directory first; the application must not be able to import from it by accident.
del sys.path[0]

if __name__ == "__main__":
    sys.exit(wsgid_worker.template.main())
