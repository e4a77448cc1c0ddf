"""Serves a script's application by wsgiref alone, as the measure of what the application itself does.

serve-by-wsgiref.py SCRIPT; prints its port; ends when its standard input does.
"""
import os
import runpy
import sys
import threading
from wsgiref.simple_server import make_server

application = runpy.run_path(sys.argv[1], run_name="served_by_wsgiref")["application"]
with make_server("127.0.0.1", 0, application) as server:
    print(server.server_port, flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()
    os._exit(0)
