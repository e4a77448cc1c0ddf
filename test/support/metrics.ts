// What admin.listen answers, as somebody who watches a server sees it.
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { z } from 'zod'
import { request, type Answer } from './http.ts'

const reader = fileURLToPath(new URL('read-metrics.py', import.meta.url))
/** Debian's, which has the package. */
const python = '/usr/bin/python3'
/** What the parsers are in. */
export const parserPackage = '/usr/lib/python3/dist-packages/prometheus_client/openmetrics/parser.py'

const samples = z.array(z.tuple([z.string(), z.record(z.string(), z.string()), z.number()]))

/** @param admin the address, as the status names it */
export function askAdmin(admin: string, path: string, accept = '*/*'): Promise<Answer> {
  return request(new URL(path, admin).href, { headers: { Accept: accept } })
}

export class Metrics {
  readonly samples: z.infer<typeof samples>

  constructor(json: string) {
    this.samples = samples.parse(JSON.parse(json))
  }

  get names(): ReadonlySet<string> {
    return new Set(this.samples.map(([name]) => name))
  }

  /** The sum of all samples of a name that have these labels. */
  sum(name: string, labels: Readonly<Record<string, string>> = {}): number {
    return this.of(name, labels).reduce((total, [, , value]) => total + value, 0)
  }

  of(name: string, labels: Readonly<Record<string, string>> = {}): z.infer<typeof samples> {
    return this.samples.filter(
      ([each, has]) => each === name && Object.entries(labels).every(([label, value]) => has[label] === value),
    )
  }
}

/** /metrics as a kept parser reads it. @throws when it is not what the format wants */
export async function readMetrics(admin: string, format: 'openmetrics' | 'text' = 'openmetrics'): Promise<Metrics> {
  const answer = await askAdmin(admin, '/metrics', format === 'text' ? 'text/plain' : 'application/openmetrics-text')
  if (answer.status !== 200) throw new Error(`/metrics: ${answer.status}: ${answer.text}`)
  const { stdout } = await execa(python, [reader, format], { input: answer.text })
  return new Metrics(stdout)
}
