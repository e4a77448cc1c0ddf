// A command in a terminal of 80 columns and 24 rows, as an operator sits before it. Needs node-pty, which is an optional dependency.
import { createRequire } from 'node:module'
import type { IPty } from 'node-pty'
import { eventually } from './eventually.ts'
import { program } from './start-wsgid.ts'
import { atEnd, type Need } from './test.ts'

const require = createRequire(import.meta.url)

/** The test opens a terminal. */
export const terminals: Need = {
  missing: () => {
    try {
      require('node-pty')
      return null
    } catch {
      return 'node-pty is not installed'
    }
  },
}

export class Terminal {
  readonly #pty: IPty
  readonly #exit: Promise<{ exitCode: number; signal?: number }>
  #ended = false
  /** Everything that was printed, control sequences and all. */
  output = ''

  constructor(pty: IPty) {
    this.#pty = pty
    pty.onData((text) => (this.output += text))
    this.#exit = new Promise((resolve) =>
      pty.onExit((end) => {
        this.#ended = true
        resolve(end)
      }),
    )
    atEnd(async () => {
      if (!this.#ended) pty.kill('SIGKILL')
      await this.#exit
    })
  }

  get pid(): number {
    return this.#pty.pid
  }

  get hasEnded(): boolean {
    return this.#ended
  }

  type(text: string): void {
    this.#pty.write(text)
  }

  resize(columns: number, rows: number): void {
    this.#pty.resize(columns, rows)
  }

  /** Waits until something stands on the terminal, and returns it. */
  shows(pattern: RegExp, seconds = 20): Promise<string> {
    return eventually(`${String(pattern)} on the terminal`, () => pattern.exec(this.output)?.[0], seconds).catch(
      (error: unknown) => {
        throw new Error(`the terminal shows ${JSON.stringify(this.output.slice(-4000))}`, { cause: error })
      },
    )
  }

  /** Waits for the end of the program. */
  exitCode(): Promise<number> {
    return this.#exit.then(({ exitCode, signal }) => (signal === undefined || signal === 0 ? exitCode : 128 + signal))
  }
}

/** Runs one `wsgid` command in a terminal; `env` replaces the environment, `wsgid` is another one than this checkout's. */
export async function inTerminal(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  file = program,
): Promise<Terminal> {
  const { spawn } = await import('node-pty')
  const environment = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', TERM: 'xterm-256color', ...env }
  return new Terminal(spawn(file, [...args], { cols: 80, rows: 24, env: environment }))
}
