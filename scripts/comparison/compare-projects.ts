// Sends every request of the Django and the Flask project to both servers and compares the answers.
import { send, type Answer } from './exchange.ts'
import type { Sites } from './findings.ts'
import { projectProbes } from './project-requests.ts'

/** Compares status, headers and bodies. */
export async function compareProjects(
  sites: Sites,
): Promise<Readonly<{ compared: number; unexplained: readonly string[] }>> {
  const unexplained: string[] = []
  for (const { title, bytes } of projectProbes) {
    const [apache, wsgid] = await Promise.all([send(sites.apache.url, bytes), send(sites.wsgid.url, bytes)])
    unexplained.push(...differencesOf(apache, wsgid).map((what) => `${title}: ${what}`))
  }
  return { compared: projectProbes.length, unexplained }
}

/** What of two answers differs, but for what each server says of itself. Pure. */
export function differencesOf(apache: Answer, wsgid: Answer): string[] {
  if (apache.status !== wsgid.status) return [`status ${apache.status} from Apache, ${wsgid.status} from wsgid`]
  const names = [...new Set([...apache.headers.keys(), ...wsgid.headers.keys()])].filter(
    (name) => !OF_THE_SERVER.has(name),
  )
  const headers = names.flatMap((name) => {
    const [theirs, ours] = [valuesOf(apache, name), valuesOf(wsgid, name)]
    return theirs === ours ? [] : [`${name}: ${theirs} from Apache, ${ours} from wsgid`]
  })
  if (apache.body === wsgid.body) return headers
  return [...headers, `body ${excerpt(apache.body)} from Apache, ${excerpt(wsgid.body)} from wsgid`]
}

const OF_THE_SERVER = new Set(['date', 'server'])

function valuesOf({ headers }: Answer, name: string): string {
  const values = headers.get(name)
  if (values === undefined) return 'absent'
  if (name === 'set-cookie') return JSON.stringify(values.map(withoutTime))
  // Werkzeug lists methods in the order of a set.
  return JSON.stringify(name === 'allow' ? values.flatMap((value) => value.split(', ')).toSorted() : values)
}

/** A cookie without the time that is in it: Expires, and the time stamp of a signed session. */
function withoutTime(cookie: string): string {
  return cookie.replace(/expires=[^;]+/i, 'expires=…').replace(/^(session(?:id)?=[^.:;]+)[^;]*/, '$1…')
}

const excerpt = (body: string): string => JSON.stringify(body.length > 300 ? `${body.slice(0, 300)}…` : body)
