// Runs one command of an operator as a group's user, on his pipes or in a terminal of its own. Ends when the command does.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import type { IPty } from 'node-pty'
import type { Command } from './argv.ts'
import { sizeOf } from './terminal-size.ts'

/** Sent to us, meant for the command. */
const passedOn = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const
const exitOfSignal = 128

/** node-pty, an optional dependency which is compiled when wsgid is installed, is not there. */
export class NoTerminalError extends Error {}

/**
 * Runs a command on our standard streams. It has a session of its own: it must not be able to type into the terminal of whoever started it,
 * and so it gets its signals from us.
 *
 * @returns its exit code, 128 + the number of the signal that ended it
 * @throws Error when it cannot be executed
 */
export async function runOnPipes(command: Command, cwd: string): Promise<number> {
  const child = spawn(command.file, command.args, { cwd, env: command.env, detached: true, stdio: 'inherit' })
  const forgetSignals = onSignals((signal) => child.kill(signal))
  try {
    await once(child, 'exit')
  } finally {
    forgetSignals()
  }
  return child.exitCode ?? exitOfSignal + (child.signalCode === null ? 0 : constants.signals[child.signalCode])
}

/**
 * Runs a command in a terminal of its own, shown on ours, which is raw meanwhile and restored in any case.
 *
 * @returns as runOnPipes
 * @throws NoTerminalError when node-pty is not there or cannot be loaded
 */
export async function runInTerminal(command: Command, cwd: string): Promise<number> {
  const { spawn: spawnTerminal } = await import('node-pty').catch((cause: unknown) => {
    throw new NoTerminalError('node-pty cannot be loaded', { cause })
  })
  const { stdin, stdout } = process
  const name = process.env['TERM'] ?? 'dumb'
  const env = { ...command.env, TERM: name }
  const { columns: cols, rows } = sizeOf(stdout)
  const terminal = spawnTerminal(command.file, [...command.args], { name, cwd, env, cols, rows })
  const disconnect = connect(terminal)
  const forgetSignals = onSignals((signal) => terminal.kill(signal))
  stdin.setRawMode(true)
  try {
    // Nothing else can come: node-pty throws when it can make no terminal, and a command that cannot be executed is one that exits.
    const { exitCode, signal } = await new Promise<Readonly<{ exitCode: number; signal?: number }>>((resolve) =>
      terminal.onExit(resolve),
    )
    return signal === undefined || signal === 0 ? exitCode : exitOfSignal + signal
  } finally {
    stdin.setRawMode(false)
    disconnect()
    forgetSignals()
  }
}

/** What is typed goes in, what is printed comes out, and the size follows. */
function connect(terminal: IPty): () => void {
  const { stdin, stdout } = process
  const type = (data: Buffer): void => terminal.write(data)
  const resize = (): void => {
    const { columns, rows } = sizeOf(stdout)
    terminal.resize(columns, rows)
  }
  terminal.onData((text) => {
    stdout.write(text)
  })
  stdin.on('data', type)
  stdout.on('resize', resize)
  return () => {
    stdin.off('data', type)
    stdin.pause()
    stdout.off('resize', resize)
  }
}

function onSignals(tell: (signal: (typeof passedOn)[number]) => void): () => void {
  for (const signal of passedOn) process.on(signal, tell)
  return () => {
    for (const signal of passedOn) process.off(signal, tell)
  }
}
