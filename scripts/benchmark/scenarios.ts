// All scenarios, in the order in which they are measured: those that need servers of their own come before others are started, which would share
// memory with them.
import { firstOnDemand, startToAnswer } from './scenarios/start.ts'
import { heldRate } from './scenarios/held-rate.ts'
import { hello } from './scenarios/hello.ts'
import { memory } from './scenarios/memory.ts'
import { rollingRestart } from './scenarios/rolling-restart.ts'
import { transfer } from './scenarios/transfer.ts'
import { underLoad } from './scenarios/under-load.ts'
import type { Scenario } from './scenario.ts'
import { shape } from './workspace.ts'

const MIB = 1_048_576
const SLEEP_SECONDS = 0.01

const hellos = (connections: number): Scenario =>
  underLoad({
    title: `Hello-world, ${connections} keep-alive connection${connections === 1 ? '' : 's'}`,
    request: hello,
    connections,
  })

const post = (kibibytes: number): Scenario =>
  underLoad({
    title: `POST of ${kibibytes} KiB, 32 connections`,
    request: {
      path: '/count',
      body: 'x'.repeat(kibibytes * 1024),
      expected: { body: `${kibibytes * 1024}\n` },
    },
    connections: 32,
  })

export const scenarios = {
  memory: memory('Memory of an idle server (PSS), hello-world', 'plain'),
  'memory-django': memory('Memory of an idle server (PSS), Django site', 'django'),
  start: startToAnswer('Start to first answer, hello-world', 'plain'),
  'start-django': startToAnswer('Start to first answer, Django site', 'django'),
  'on-demand': firstOnDemand,
  'hello-1': hellos(1),
  'hello-32': hellos(32),
  'hello-256': hellos(256),
  'hello-close': underLoad({
    title: 'Hello-world, a new connection for each request, 32 at a time',
    request: { ...hello, close: true },
    connections: 32,
  }),
  'post-1k': post(1),
  'post-64k': post(64),
  'response-1m': underLoad({
    title: 'Response of 1 MiB, 32 connections',
    request: { path: '/large?1', expected: { lengthIs: MIB } },
    connections: 32,
    growth: true,
  }),
  'response-512m': transfer({ title: 'Response of 512 MiB', mebibytes: 512, direction: 'download' }),
  'upload-256m': transfer({ title: 'Upload of 256 MiB', mebibytes: 256, direction: 'upload' }),
  sleep: underLoad({
    title: 'An application that sleeps 10 ms, 32 connections',
    request: { ...hello, path: '/sleep' },
    connections: 32,
    ideal: (shape.processes * shape.threads) / SLEEP_SECONDS,
  }),
  django: underLoad({
    title: 'Django page with templates, a form and a query, 32 connections',
    site: 'django',
    request: { path: '/', expected: { body: /<li>note 19<\/li>/ } },
    connections: 32,
  }),
  latency: heldRate,
  restart: rollingRestart,
} as const satisfies Readonly<Record<string, Scenario>>

export type ScenarioName = keyof typeof scenarios

export const scenarioNames = Object.keys(scenarios).filter((name): name is ScenarioName => name in scenarios)
