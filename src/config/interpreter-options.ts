// Options of a group about Python and the environment that it runs in. Knows no file and no machine.
import { z } from 'zod'
import { milliseconds } from '../units.ts'
import { aPath, aPositiveDuration } from './expectations.ts'
import { optional } from './option.ts'
import { duration, localeName, path, pathList, textMap, listOfPaths } from './values.ts'

/** Those whose default depends on something else. */
export const interpreterOptions = {
  python: optional(path, {
    description:
      'Python interpreter, 3.8 or later; that of a virtual environment brings its packages along. Either this or `python-home`',
    ...aPath,
    otherwise: '`/usr/bin/python3`',
    example: '/srv/site-1/venv/bin/python',
  }),
  'python-home': optional(path, {
    description:
      'directory of a virtual environment or of an installation: its `bin/python3`, else its `bin/python`, is the interpreter. Either this or `python`',
    ...aPath,
    otherwise: 'none',
    example: '/srv/site-1/venv',
  }),
  home: optional(path, {
    description: 'working directory of the workers and first entry of sys.path',
    ...aPath,
    otherwise: 'the home directory of the account (the root of a `chroot`); sys.path as Python makes it',
    example: '/srv/site-1',
  }),
  'python-eggs': optional(path, {
    description: 'directory that eggs are unpacked into (`PYTHON_EGG_CACHE`): it exists, and the user may write to it',
    ...aPath,
    otherwise: 'none',
    example: '/srv/site-1/eggs',
  }),
  locale: optional(localeName, {
    description: 'locale of the workers that overrules `lang` in every respect (`LC_ALL`)',
    expects: 'the name of a locale such as C.UTF-8',
    otherwise: 'that of `lang`',
    example: 'de_DE.UTF-8',
  }),
  'switch-interval': optional(duration(milliseconds(1)), {
    description:
      'how long a Python thread runs before it lets another one of its worker go on (`sys.setswitchinterval`); shorter: better latency beside busy threads, less throughput',
    ...aPositiveDuration,
    otherwise: "Python's own, 5 ms",
    example: '1ms',
  }),
  'env-file': optional(path, {
    description:
      'file with further variables of the process environment, for passwords: a `NAME=VALUE` a line, `#` comments, `export ` and quotes allowed; `env` wins. As root it must belong to root and be closed to others. Its values show in no status, log, argument or message',
    ...aPath,
    otherwise: 'none',
    example: '/etc/wsgid/site-1.env',
  }),
}

/** Those that every group has a value for. */
export const interpreterSettings = {
  'preload-script': optional(listOfPaths, {
    description:
      'scripts that run before the applications load, in every worker (with `preload`: once, in the template process), in this order, as WSGIImportScript; one that fails is an application that does not load',
    expects: 'a path, or a list of paths; a relative one starts at the directory of the file it stands in',
    entry: 'a path',
    default: [],
    example: '/srv/site-1/no-pool.py',
  }),
  'python-path': optional(pathList, {
    description: 'directories in front of sys.path, in this order; their .pth files are obeyed',
    expects: 'a path or a list of paths; one text may hold several, separated by ":"',
    entry: 'a path',
    default: [],
    example: '[/srv/site-1/lib, /srv/shared/lib]',
  }),
  lang: optional(localeName, {
    description: 'locale of the workers (`LANG`); it must be installed',
    expects: 'the name of a locale such as C.UTF-8',
    default: 'C.UTF-8',
    example: 'de_DE.UTF-8',
  }),
  'restrict-stdout': optional(z.enum(['log', 'error']), {
    description:
      "what becomes of print() in an application: `log` writes to the group's log, `error` raises OSError, to find what would break under other servers",
    expects: 'log or error',
    default: 'log',
    example: 'error',
  }),
  env: optional(textMap(/^[^\0=\s]+$/), {
    description: 'process environment, set before Python starts; added to that of `defaults`, name by name',
    expects: 'a map of names (without "=" or spaces) to text',
    entry: 'text; "" for an empty one',
    default: {},
    example: '{ TRAC_ENV: /srv/site-1/env }',
  }),
}
