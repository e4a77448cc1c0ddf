"""The worker side of wsgid: loads WSGI applications and serves them to routers. Standard library only, Python 3.8 and later."""
