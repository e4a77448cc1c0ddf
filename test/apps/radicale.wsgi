# Debian's Radicale on the storage directory RADICALE_STORAGE; with RADICALE_HTPASSWD (plain text) it asks for a password.
import os

from radicale import config
from radicale.app import Application

configuration = config.load()
configuration.update({"storage": {"filesystem_folder": os.environ["RADICALE_STORAGE"]}}, "radicale.wsgi")
if "RADICALE_HTPASSWD" in os.environ:
    htpasswd = {"type": "htpasswd", "htpasswd_filename": os.environ["RADICALE_HTPASSWD"], "htpasswd_encryption": "plain"}
    configuration.update({"auth": htpasswd}, "radicale.wsgi")
else:
    configuration.update({"auth": {"type": "none"}, "rights": {"type": "authenticated"}}, "radicale.wsgi")

application = Application(configuration)
