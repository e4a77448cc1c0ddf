// Starts the processes: the exact descriptors each one gets, and nothing else of the supervisor's.
import { spawn, type ChildProcess } from 'node:child_process'
import { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import type { Command } from './argv.ts'

export type PythonProcess = Readonly<{ child: ChildProcess; stdout: Readable; stderr: Readable; control: Socket }>

/**
 * Starts a template process in its own session: 0 is /dev/null, 1 and 2 are read by the supervisor, 3 is the control socket, from 4 on the
 * group's listening sockets, and behind them its scoreboard.
 *
 * A program that cannot be executed is reported by the child's `error` event.
 *
 * @param place `listening` are bound sockets; the workers call listen(2) on them
 * @throws Error when there are no descriptors left
 */
export function spawnTemplate(
  command: Command,
  place: Readonly<{ cwd: string; listening: readonly number[]; scoreboard: number }>,
): PythonProcess {
  const child = spawn(command.file, command.args, {
    cwd: place.cwd,
    env: command.env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', ...place.listening, place.scoreboard],
  })
  const [, stdout, stderr, control] = child.stdio
  if (stdout instanceof Socket && stderr instanceof Socket && control instanceof Socket) {
    return { child, stdout, stderr, control }
  }
  throw new Error(`cannot make the pipes of ${command.file}: too many open files`)
}

export type RouterProcess = Readonly<{ child: ChildProcess; stdout: Readable; stderr: Readable; accessLines: Readable }>

/** Starts a router with an IPC channel on descriptor 3; 1, 2 and 4 (lines of access logs) are read by the supervisor. */
export function spawnRouter(command: Command): RouterProcess {
  const child = spawn(command.file, command.args, {
    cwd: '/',
    env: command.env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc', 'pipe'],
  })
  const [, stdout, stderr, , accessLines] = child.stdio
  if (stdout instanceof Socket && stderr instanceof Socket && accessLines instanceof Socket)
    return { child, stdout, stderr, accessLines }
  throw new Error(`cannot make the pipes of ${command.file}: too many open files`)
}
