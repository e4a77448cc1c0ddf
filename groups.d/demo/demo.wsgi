"""The demo application of wsgid: what a worker sees of a request, and how a response streams.

Plain WSGI (PEP 3333), standard library only, Python 3.8 or newer.
"""
import json
import os
import platform
import pwd
import threading
import time
from html import escape
from string import Template

STARTED = time.monotonic()
LINES = 20
PAUSE_SECONDS = 0.25

PAGE = Template("""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>wsgid: it works</title>
<style>
  :root { color-scheme: light dark; --line: light-dark(#d8dee4, #3a4149); --soft: light-dark(#57606a, #9aa4ae) }
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 3rem auto; padding: 0 1rem }
  h1 { font-size: 1.6rem; margin-bottom: 0 }
  h2 { font-size: 1rem; margin: 2rem 0 .3rem }
  p { color: var(--soft); margin-top: .3rem }
  table { border-collapse: collapse; width: 100%; font-size: .9rem }
  th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; border-top: 1px solid var(--line) }
  th { font-weight: 500; white-space: nowrap }
  td { font-family: ui-monospace, monospace; overflow-wrap: anywhere }
</style>
<h1>wsgid: it works</h1>
<p>Reload to meet another worker. See also <a href="$base/stream">a streamed page</a>,
   <a href="$base/json">this as JSON</a>, and <code>groups.d/demo.yaml</code>.</p>
<h2>Worker</h2>
<table>$worker</table>
<h2>Request</h2>
<table>$request</table>
</html>
""")


def application(environ, start_response):
    page = PAGES.get(environ.get('PATH_INFO') or '/', not_found)
    return page(environ, start_response)


def overview(environ, start_response):
    """Shows the worker and the request as a page."""
    page = PAGE.substitute(
        base=escape(environ.get('SCRIPT_NAME', '')),
        worker=table(worker_facts(environ)),
        request=table(request_facts(environ)),
    )
    return respond(start_response, '200 OK', 'text/html; charset=utf-8', page)


def facts_as_json(environ, start_response):
    """Shows the same as JSON."""
    facts = {'worker': worker_facts(environ), 'request': request_facts(environ)}
    return respond(start_response, '200 OK', 'application/json', json.dumps(facts, indent=2) + '\n')


def stream(environ, start_response):
    """Sends a line at a time; each reaches the client as it is yielded."""
    start_response('200 OK', [('Content-Type', 'text/plain; charset=utf-8')])
    for number in range(1, LINES + 1):
        yield f'{number:2} of {LINES} from worker {os.getpid()} {"▪" * number}\n'.encode()
        time.sleep(PAUSE_SECONDS)


def not_found(environ, start_response):
    return respond(start_response, '404 Not Found', 'text/plain; charset=utf-8', 'There is no such page.\n')


PAGES = {'/': overview, '/stream': stream, '/json': facts_as_json}


def worker_facts(environ):
    return {
        'process': os.getpid(),
        'thread': threading.current_thread().name,
        'user': user_name(),
        'uptime': f'{time.monotonic() - STARTED:.1f} s',
        'python': f'{platform.python_implementation()} {platform.python_version()}',
        'multiprocess': environ['wsgi.multiprocess'],
        'multithread': environ['wsgi.multithread'],
    }


def request_facts(environ):
    """The CGI variables of the request, without the wsgi.* objects."""
    return {key: environ[key] for key in sorted(environ) if key.isupper() and isinstance(environ[key], str)}


def user_name():
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:  # a uid without an account
        return f'uid {os.geteuid()}'


def table(facts):
    # CGI variables carry bytes as latin-1 (PEP 3333); people want to read UTF-8.
    rows = ((key, str(value).encode('latin-1', 'replace').decode('utf-8', 'replace')) for key, value in facts.items())
    return ''.join(f'<tr><th>{escape(key)}<td>{escape(value)}' for key, value in rows)


def respond(start_response, status, content_type, text):
    body = text.encode()
    start_response(status, [('Content-Type', content_type), ('Content-Length', str(len(body)))])
    return [body]
