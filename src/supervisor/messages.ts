// Checks what children say. A template process is a tenant's and a router faces the network: neither is believed without a look.
import { z } from 'zod'
import { COUNTS_LENGTH, STATUS_CLASSES } from '../protocol/request-counts.ts'
import type { FromRouter, FromTemplate } from '../protocol/supervision.ts'

const text = z.string().max(65_536)
const count = z.number().int().nonnegative()

const retireReason = z.enum([
  'signal',
  'maximum-requests',
  'inactivity-timeout',
  'maximum-memory',
  'cpu-time-limit',
  'request-timeout',
])

const stackFrame = z.object({ file: text, line: count, function: text, code: text })
const threadStack = z.object({
  name: text,
  request: z.object({ id: text, line: text, seconds: z.number() }).nullable(),
  leftOut: count,
  frames: z.array(stackFrame),
})

const fromTemplate = z.discriminatedUnion('type', [
  z.object({ type: z.literal('forked'), worker: count, pid: z.number().int().positive() }),
  z.object({ type: z.literal('loaded'), worker: count, python: text }),
  z.object({
    type: z.literal('load-error'),
    worker: count.nullable(),
    entry: text,
    summary: z.string(),
    traceback: z.string(),
  }),
  z.object({ type: z.literal('retire'), worker: count, reason: retireReason }),
  z.object({ type: z.literal('script-changed'), worker: count, script: text }),
  z.object({
    type: z.literal('stacks'),
    ...{ worker: count, idle: count, leftOut: count },
    threads: z.array(threadStack),
  }),
  z.object({ type: z.literal('written-stacks'), worker: count, text: z.string() }),
  z.object({
    type: z.literal('exited'),
    worker: count,
    code: z.number().int().nullable(),
    signal: z.string().max(32).nullable(),
  }),
])

const classes = STATUS_CLASSES.length
const counts = z.array(z.number().nonnegative()).length(COUNTS_LENGTH)
const statistics = z.object({ since: counts, recent: counts, recentSeconds: z.number().nonnegative() })

const fromRouter = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('listening'), listener: text }),
  z.object({ type: z.literal('listen-failed'), listener: text, reason: text }),
  z.object({ type: z.literal('worker-idle'), group: text, worker: count }),
  z.object({ type: z.literal('worker-lost'), group: text, worker: count, reason: text }),
  z.object({ type: z.literal('demand'), group: text }),
  z.object({ type: z.literal('pressure'), group: text, queued: count }),
  z.object({
    type: z.literal('credentials-wanted'),
    file: z.object({ group: text, kind: z.enum(['basic', 'digest', 'groups']), path: text }),
    version: text.nullable(),
  }),
  z.object({
    type: z.literal('log'),
    group: text.nullable(),
    level: z.enum(['info', 'warn', 'error']),
    request: z.string().max(64),
    text,
  }),
  z.object({
    type: z.literal('reported'),
    sequence: count,
    connections: count,
    requests: count,
    groups: z.array(z.object({ group: text, queue: count, requests: count, statistics: statistics.nullable() })),
    workers: z.array(
      z.object({ group: text, worker: count, requests: count, active: count, ended: z.array(count).length(classes) }),
    ),
  }),
])

/** @returns null when the line is not a message of a template process */
export function parseTemplateLine(line: string): FromTemplate | null {
  try {
    return fromTemplate.safeParse(JSON.parse(line)).data ?? null
  } catch {
    return null
  }
}

/** @returns null when the value is not a message of a router */
export function checkRouterMessage(message: unknown): FromRouter | null {
  return fromRouter.safeParse(message).data ?? null
}
