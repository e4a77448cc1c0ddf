// What is asked of Apache + mod_wsgi and of wsgid, which was made of the same httpd.conf: by the fragment of the configuration that answers.
import type { Ask } from './ask-twice.ts'

type Asked = Ask & Readonly<{ is: number; secure?: true }>
/** `is`: the status that both must answer with. */
export type Fragment = Asked & Readonly<{ row: string }>

const rows: Readonly<Record<string, readonly Asked[]>> = {
  'one site, at /': [{ path: '/', is: 200 }],
  'one site, at a path': [
    { path: '/one/wiki/Start?a=1&b=%20', is: 200 },
    { path: '/one', is: 200 },
  ],
  'os.environ': [{ path: '/environ/wiki', is: 200 }],
  'several sites in one interpreter': [{ path: '/parent/site-1/wiki', is: 200 }],
  'the URL chooses one of six groups and users': [
    ...[1, 2, 3, 4, 5, 6].map((number) => ({ path: `/trac/site-${number}/a%20b`, is: 200 })),
    { path: '/trac/site-1', is: 200 },
  ],
  'a file that must be there': [
    { path: '/shared/site-1/x', is: 200 },
    { path: '/shared/empty/x', is: 403 },
    { path: '/shared/..%2fsite-1/x', is: 404 },
  ],
  interpreters: [
    { path: '/together/a', is: 200 },
    { path: '/together/b', is: 200 },
    { path: '/apart', is: 200 },
  ],
  'the owner of a script': [{ path: '/foreign', is: 403 }],
  'restricted stdout': [{ path: '/prints', is: 500 }],
  'what runs before the application, another callable': [{ path: '/private', is: 200 }],
  'static files': [
    { path: '/private/common/style.css', is: 200 },
    { path: '/private/common/absent.css', is: 404 },
  ],
  login: [
    { path: '/private/login', is: 401 },
    { path: '/private/login', login: 'admin:secret', is: 200 },
    { path: '/private/login/x', login: 'ann:secret', is: 200 },
    { path: '/private/admin/x', login: 'admin:wrong', is: 401 },
    { path: '/private/other', login: 'admin:wrong', is: 200 },
  ],
  'users and groups': [
    { path: '/members', login: 'admin:secret', is: 200 },
    { path: '/members/x', login: 'ann:secret', is: 200 },
    { path: '/members', login: 'joe:secret', is: 401 },
  ],
  digest: [
    { path: '/digest', is: 401 },
    { path: '/digest/x', digest: 'admin:secret', is: 200 },
    { path: '/digest/x', digest: 'admin:wrong', is: 401 },
  ],
  'a directory of scripts': [
    { path: '/scripts/first/x', is: 200 },
    { path: '/scripts/second', is: 200 },
    { path: '/scripts/third', is: 404 },
  ],
  conditions: [{ path: '/never', is: 200 }],
  hosts: [
    { path: '/x?y=1', host: 'alice.example', is: 200 },
    { path: '/', host: 'shop.alice.example', is: 200 },
    { path: '/', host: 'any.wide.example', is: 200 },
    { path: '/', host: 'bob.example', is: 200 },
    { path: '/a/b?c=d', host: 'www.alice.example', is: 301 },
  ],
  https: [{ path: '/x', host: 'carol.example', secure: true, is: 200 }],
}

export const fragments: readonly Fragment[] = Object.entries(rows).flatMap(([row, asked]) =>
  asked.map((each) => ({ row, ...each })),
)
