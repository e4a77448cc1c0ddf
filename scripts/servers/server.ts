// One server that a script measures or compares: started as a child, awaited until it answers, stopped whatever happens.
// Knows nothing of any particular server.
import { execa } from 'execa'
import { setTimeout as sleep } from 'node:timers/promises'

/** How exact `startMs` is. */
const POLL_MS = 10

/** A program to start in the foreground; `args` must keep it from detaching, or it could not be stopped by its pid. */
export type Command = Readonly<{ file: string; args: readonly string[]; cwd: string }>

/**
 * A running server; `stop` is idempotent and returns when its processes have ended.
 *
 * `roots` are the pids of its commands, in their order; `startMs` passed from the start of the first to the first expected answer. `metrics` is a
 * URL that is to be asked as long as it is measured.
 */
export type Server = Readonly<{
  url: string
  roots: readonly number[]
  startMs: number
  stop: () => Promise<void>
  metrics?: string
}>

/** `expectedBody` is what a GET of `probe`, a path (default "/"), answers, or what that matches, when the server is ready. */
type StartOptions = Readonly<{
  name: string
  url: string
  probe?: string
  expectedBody: string | RegExp
  /** Default: 20 s. */
  patienceMs?: number
  commands: readonly Command[]
  signal: AbortSignal
}>

/**
 * Starts the programs of one server and waits until it answers as expected.
 *
 * @throws when a program ends early or nothing answers in time; what had been started is stopped first
 */
export async function startServer({ commands, ...wanted }: StartOptions): Promise<Server> {
  const began = performance.now()
  const children = commands.map((command) => startProgram(command))
  const stop = async (): Promise<void> => {
    for (const child of children) child.kill('SIGTERM')
    await Promise.all(children)
  }
  try {
    await Promise.race([untilAnswering(wanted), ...children.map((child) => failWhenEnded(wanted.name, child))])
  } catch (error) {
    await stop()
    throw error
  }
  const startMs = performance.now() - began
  return { url: wanted.url, roots: children.flatMap(({ pid }) => pid ?? []), startMs, stop }
}

function startProgram({ file, args, cwd }: Command) {
  // `cleanup` ends the child with this process; a server that ignores SIGTERM is killed after 5 s.
  return execa(file, args, {
    cwd,
    reject: false,
    cleanup: true,
    all: true,
    stdin: 'ignore',
    forceKillAfterDelay: 5_000,
  })
}

async function failWhenEnded(name: string, child: ReturnType<typeof startProgram>): Promise<never> {
  const result = await child
  throw new Error(
    `${name}: ended before it answered (${result.shortMessage ?? `exit code ${result.exitCode ?? 0}`})\n${result.all}`,
  )
}

async function untilAnswering({
  url: base,
  probe = '/',
  expectedBody,
  patienceMs = 20_000,
  signal,
}: Omit<StartOptions, 'commands'>): Promise<void> {
  const url = new URL(probe, base).href
  const deadline = performance.now() + patienceMs
  let last = 'no attempt'
  while (performance.now() < deadline) {
    signal.throwIfAborted()
    last = await answerOf(url)
    if (typeof expectedBody === 'string' ? last === expectedBody : expectedBody.test(last)) return
    // The peers do not tell when they are ready, so there is no event to await.
    await sleep(POLL_MS, undefined, { signal })
  }
  throw new Error(
    `${url}: does not answer ${String(expectedBody).trim()} within ${patienceMs / 1_000} s; last: ${last}`,
  )
}

async function answerOf(url: string): Promise<string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) })
    return response.ok ? await response.text() : `status ${response.status}`
  } catch (error) {
    return String(error instanceof Error ? (error.cause ?? error) : error)
  }
}
