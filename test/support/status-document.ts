// What `wsgid status --json` promises, as a schema: a test that reads the status also checks its shape.
import { z } from 'zod'

const worker = z.object({
  pid: z.int(),
  applicationGroup: z.string(),
  state: z.enum(['starting', 'ready', 'draining', 'stopping']),
  generation: z.int(),
  requests: z.int(),
  active: z.int(),
  startedAt: z.iso.datetime(),
  rssBytes: z.int().nullable(),
  cpuPercent: z.number().nullable(),
})

const exit = z.object({
  pid: z.int(),
  reason: z.string(),
  code: z.int().nullable(),
  signal: z.string().nullable(),
  at: z.iso.datetime(),
})

const group = z.object({
  name: z.string(),
  user: z.string(),
  group: z.string(),
  state: z.enum(['idle', 'starting', 'running', 'rolling', 'degraded', 'failing', 'stopping']),
  generation: z.int(),
  processes: z.int(),
  threads: z.int(),
  queue: z.int(),
  requests: z.int(),
  active: z.int(),
  recent: z.object({
    seconds: z.number(),
    requests: z.int(),
    serverErrors: z.int(),
    requestsPerSecond: z.number(),
    p50Milliseconds: z.number().nullable(),
    p99Milliseconds: z.number().nullable(),
  }),
  restarts: z.int(),
  lastError: z.string().nullable(),
  applications: z.array(
    z.object({
      hosts: z.array(z.string()),
      mount: z.string(),
      match: z.string().nullable(),
      applicationGroup: z.string(),
    }),
  ),
  workers: z.array(worker),
  lastExits: z.array(exit),
})

const statusDocument = z.object({
  version: z.string(),
  pid: z.int(),
  state: z.string(),
  startedAt: z.iso.datetime(),
  uptimeSeconds: z.number(),
  configFile: z.string().nullable(),
  listen: z.array(z.string()),
  admin: z.string().nullable(),
  routers: z.array(z.object({ pid: z.int(), state: z.string(), connections: z.int(), requests: z.int() })),
  groups: z.array(group),
})

export type Status = z.infer<typeof statusDocument>
export type ExitStatus = z.infer<typeof exit>
export type GroupStatus = z.infer<typeof group>

/** Whether no request runs in any group. */
export const nothingRuns = ({ groups }: Status): boolean => groups.every(({ active }) => active === 0)

/** @throws when the text is not the documented JSON */
export function parseStatus(text: string): Status {
  return statusDocument.parse(JSON.parse(text))
}
