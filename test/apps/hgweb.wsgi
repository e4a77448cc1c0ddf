# Debian's mercurial serving the repositories of HGWEB_CONFIG, as /usr/share/doc/mercurial/examples/hgweb.wsgi does.
import os

from mercurial import demandimport

demandimport.enable()

from mercurial.hgweb import hgweb  # noqa: E402

application = hgweb(os.environb[b"HGWEB_CONFIG"])
