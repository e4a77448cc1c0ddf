"""The same site, watched by wsgiref.validate on both sides."""
from wsgiref.validate import validator

from project.wsgi import application as unwatched

application = validator(unwatched)
