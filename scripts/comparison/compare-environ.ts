// Sends every probe to both servers and judges what their applications saw.
import { explain, differences, type Difference } from './differences.ts'
import { deviations, parseSeen, showValue } from './environ.ts'
import { send, type Answer } from './exchange.ts'
import { probes, type Probe } from './requests.ts'
import type { Findings, Sites } from './findings.ts'

/** Compares all probes. A difference of the table that never occurs is a finding too: the table shall stay true. */
export async function compareEnviron(sites: Sites): Promise<Findings> {
  const unexplained: string[] = []
  const occurred = new Map<Difference, number>()
  let compared = 0
  for (const probe of probes) {
    const [apache, wsgid] = await Promise.all([send(sites.apache.url, probe.bytes), send(sites.wsgid.url, probe.bytes)])
    const verdict = judge(probe, apache, wsgid)
    unexplained.push(...verdict.unexplained.map((what) => `${probe.title}: ${what}`))
    for (const difference of verdict.explained) occurred.set(difference, (occurred.get(difference) ?? 0) + 1)
    compared += 1
  }
  for (const difference of differences) {
    if (!occurred.has(difference))
      unexplained.push(`${difference.keys.join(', ')}: the table names a difference that does not occur`)
  }
  return { compared, unexplained, occurred }
}

type Verdict = Readonly<{ unexplained: readonly string[]; explained: readonly Difference[] }>

/** What of two answers to one probe differs. Pure. */
export function judge(probe: Probe, apache: Answer, wsgid: Answer): Verdict {
  const meant = probe.differs
  if (apache.status !== (meant?.apache ?? wsgid.status) || wsgid.status !== (meant?.wsgid ?? apache.status)) {
    const wanted = meant ? `${meant.apache} and ${meant.wsgid}` : 'the same'
    return {
      unexplained: [`status ${apache.status} from Apache, ${wsgid.status} from wsgid, not ${wanted}`],
      explained: [],
    }
  }
  // An error page is each server's own, and the answer to HEAD has no body.
  if (wsgid.status !== 200 || apache.status !== 200 || wsgid.body + apache.body === '')
    return { unexplained: [], explained: [] }
  return judgeSeen(apache.body, wsgid.body)
}

function judgeSeen(apache: string, wsgid: string): Verdict {
  const [theirs, ours] = [parseSeen(apache), parseSeen(wsgid)]
  const unexplained = theirs.body === ours.body ? [] : ['the application read different request bodies']
  const explained = new Set<Difference>()
  for (const deviation of deviations(theirs.environ, ours.environ)) {
    const difference = explain(deviation)
    if (difference) explained.add(difference)
    else
      unexplained.push(
        `${deviation.key}: ${showValue(deviation.apache)} under Apache, ${showValue(deviation.wsgid)} under wsgid`,
      )
  }
  return { unexplained, explained: [...explained] }
}
