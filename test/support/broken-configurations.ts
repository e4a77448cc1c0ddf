// Configurations with mistakes in them, and what `wsgid check` says about each: held word for word, since people read it when
// something is wrong.

import { serverSchema } from '../../src/config/server-schema.ts'

/** Files by name, below a directory of their own; null: not there. */
export type Files = Readonly<Record<string, string | null>>

/** What every one of them starts from. */
export const goodFiles: Files = {
  'wsgid.yaml': 'listen: 127.0.0.1:0\nrun-dir: run\nlog-dir: "-"\n',
  'groups.d/a.yaml': 'applications:\n  - script: ../app.wsgi\n',
  'app.wsgi': 'application = None\n',
}

/** `files` replace good ones; in `report` DIR stands for the directory. */
export const brokenConfigurations: readonly Readonly<{ claim: string; files: Files; report: string }>[] = [
  {
    claim: 'a misspelt option',
    files: { 'groups.d/a.yaml': 'processses: 2\napplications:\n  - script: ../app.wsgi\n' },
    report: `
wsgid: 1 error in groups.d/a.yaml

  groups.d/a.yaml:1:1: unknown option "processses"
      did you mean "processes"? (number of workers; default minimum-processes if that is given, else 1)
`,
  },
  {
    claim: 'values out of range, of the wrong kind and not understood',
    files: {
      'groups.d/a.yaml': 'threads: 0\nenv: [A]\nstartup-timeout: 5 parsecs\napplications:\n  - script: ../app.wsgi\n',
    },
    report: `
wsgid: 3 errors in groups.d/a.yaml

  groups.d/a.yaml:1:10: threads is 0, must be a whole number from 1 to 4096
      for example "threads: 25" (number of requests that one worker runs at a time; default 15)

  groups.d/a.yaml:2:6: env is a list, must be a map of names (without "=" or spaces) to text
      for example "env: { TRAC_ENV: /srv/site-1/env }" (process environment, set before Python starts)

  groups.d/a.yaml:3:18: startup-timeout is "5 parsecs", must be a duration above 0 such as 30 (seconds), 500ms, 5s, 2m, 1h or 1d, at most 24d
      for example "startup-timeout: 2m" (how long a worker may take to start Python and load its applications; default 30s)
`,
  },
  {
    claim: 'text that is not YAML',
    files: { 'groups.d/a.yaml': 'user: games\n  threads: 2\n' },
    report: `
wsgid: 1 error in groups.d/a.yaml

  groups.d/a.yaml:1:7: not valid YAML: Nested mappings are not allowed in compact mappings
      mind the indentation (spaces only), the space after each colon, and quotes around text with special characters
`,
  },
  {
    claim: 'an option given twice',
    files: { 'groups.d/a.yaml': 'threads: 1\nthreads: 2\napplications:\n  - script: ../app.wsgi\n' },
    report: `
wsgid: 1 error in groups.d/a.yaml

  groups.d/a.yaml:2:1: threads is given twice
      each key may stand only once in a map; remove one of the two
`,
  },
  {
    claim: 'a group without applications, an application without entry',
    files: { 'groups.d/a.yaml': 'threads: 2\n', 'groups.d/b.yaml': 'applications:\n  - mount: /b\n' },
    report: `
wsgid: 2 errors in 2 files

  groups.d/a.yaml:1:1: applications is missing
      add a list of at least one application, each with script or module, for example "applications: [{ mount: /trac, script: /srv/site-1/trac.wsgi }]"

  groups.d/b.yaml:2:5: an application needs script or module
      name the file (script: app.wsgi) or the module (module: "pkg.wsgi:application")
`,
  },
  {
    claim: 'an unknown option and a bad address in wsgid.yaml, and a bad mount in a group file',
    files: {
      'wsgid.yaml': 'listen: 8080\nrun-dir: run\nlog-dir: "-"\nworker: 2\n',
      'groups.d/a.yaml': 'applications:\n  - mount: trac/\n    script: ../app.wsgi\n',
    },
    report: `
wsgid: 3 errors in 2 files

  groups.d/a.yaml:2:12: mount is "trac/", must be "/" or a path such as /trac: printable ASCII, without trailing slash, empty, "." or ".." segments, query
      for example "mount: /trac" (where the application begins, as WSGIScriptAlias has it; default /)

  wsgid.yaml:1:9: listen is 8080, must be host:port, [v6]:port, unix:/path or systemd:NAME, or a list of them
      for example "listen: [0.0.0.0:80, "[::]:80"]" (address that clients connect to, or a list of addresses or of maps; default 127.0.0.1:8080)

  wsgid.yaml:4:1: unknown option "worker"
      known here: ${Object.keys(serverSchema.shape).join(', ')}
`,
  },
  {
    claim: 'no group file',
    files: { 'wsgid.yaml': 'listen: 127.0.0.1:0\nrun-dir: run\nlog-dir: "-"\ngroups: sites/*.yaml\n' },
    report: `
wsgid: 1 error in wsgid.yaml

  wsgid.yaml:4:9: no group file matches sites/*.yaml
      write a group file there (docs/configuration.md has an example), or set groups: to where they are
`,
  },
  {
    claim: 'one route in two groups',
    files: { 'groups.d/b.yaml': 'applications:\n  - script: ../app.wsgi\n' },
    report: `
wsgid: 1 error in groups.d/b.yaml

  groups.d/b.yaml:2:5: mount "/" on any host is also that of groups.d/a.yaml:2:5
      a request can go to only one application: change the mount or the hosts of one of the two
`,
  },
  {
    claim: 'one name for two groups',
    files: { 'groups.d/b.yaml': 'name: a\napplications:\n  - { mount: /b, script: ../app.wsgi }\n' },
    report: `
wsgid: 1 error in groups.d/b.yaml

  groups.d/b.yaml:1:7: group name "a" is also that of groups.d/a.yaml
      a name stands for one group in logs and commands: change one of the two
`,
  },
  {
    claim: 'files that do not exist',
    files: { 'groups.d/a.yaml': 'python: venv/bin/python\nhome: nowhere\napplications:\n  - script: missing.wsgi\n' },
    report: `
wsgid: 3 errors in groups.d/a.yaml

  groups.d/a.yaml:1:9: python "DIR/groups.d/venv/bin/python" does not exist: there is no "DIR/groups.d/venv"
      mind the spelling; a relative path starts at the directory of the file it stands in

  groups.d/a.yaml:2:7: home "DIR/groups.d/nowhere" does not exist
      mind the spelling; a relative path starts at the directory of the file it stands in

  groups.d/a.yaml:4:13: script "DIR/groups.d/missing.wsgi" does not exist
      mind the spelling; a relative path starts at the directory of the file it stands in
`,
  },
  {
    claim: 'bad options, and what else is wrong in the same files',
    files: {
      'wsgid.yaml': `${goodFiles['wsgid.yaml'] ?? ''}header-timeout: x\n`,
      'groups.d/a.yaml':
        'thredas: 1\napplications:\n  - script: missing.wsgi\n    environ: []\n  - { mount: /, script: ../app.wsgi }\n',
    },
    report: `
wsgid: 5 errors in 2 files

  groups.d/a.yaml:1:1: unknown option "thredas"
      did you mean "threads"? (number of requests that one worker runs at a time; default 15)

  groups.d/a.yaml:3:13: script "DIR/groups.d/missing.wsgi" does not exist
      mind the spelling; a relative path starts at the directory of the file it stands in

  groups.d/a.yaml:4:14: environ is an empty list, must be a map of names to text, without the variables of WSGI that are no text (wsgi.input, wsgi.errors…)
      for example "environ: { trac.env_path: /srv/site-1/env }" (WSGI variables that every request of the application carries, as SetEnv)

  groups.d/a.yaml:5:5: mount "/" on any host is also that of groups.d/a.yaml:3:5
      a request can go to only one application: change the mount or the hosts of one of the two

  wsgid.yaml:4:17: header-timeout is "x", must be a duration such as 30 (seconds), 500ms, 5s, 2m, 1h or 1d, at most 24d
      for example "header-timeout: 10s" (how long the header of a request may take to arrive, on a new connection from its beginning; default 20s)
`,
  },
  {
    claim: "a file name that cannot be a group's name",
    files: { 'groups.d/my site.yaml': 'applications:\n  - { mount: /b, script: ../app.wsgi }\n' },
    report: `
wsgid: 1 error in groups.d/my site.yaml

  groups.d/my site.yaml: the file's name gives the group the name "my site", which cannot be a group's
      add name: with a letter or digit, then letters, digits, ".", "_" or "-", at most 64 in all
`,
  },
  {
    claim: 'a socket path that is too long',
    files: {
      'wsgid.yaml':
        'listen: 127.0.0.1:0\nrun-dir: /rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr\nlog-dir: "-"\n',
    },
    report: `
wsgid: 1 error in groups.d/a.yaml

  groups.d/a.yaml: socket path "/rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr/groups/a/000.sock" has 109 bytes, the kernel takes 107
      shorten the name of the group, or set a shorter run-dir in wsgid.yaml
`,
  },
  {
    claim: 'a missing wsgid.yaml',
    files: { 'wsgid.yaml': null },
    report: `
wsgid: 1 error in wsgid.yaml

  wsgid.yaml: there is no such file
      mind the spelling, or name another one with -c FILE
`,
  },
]
