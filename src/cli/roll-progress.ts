// How `reload` and `restart` tell what happens: plain lines, on a terminal one that changes while a group rolls.
import type { ProgressLine } from '../control/progress-line.ts'
import { escapeControls } from '../observe/log-line.ts'
import { invalidConfigurationExit } from './check.ts'
import { ChangingLine, type Output } from './changing-line.ts'
import { CommandFailure } from './failure.ts'
import { indented } from './start-report.ts'

const words = {
  restarted: 'restarted',
  started: 'started',
  changed: 'changed, new generation up',
  rerouted: 'changed, no worker touched',
  removed: 'removed',
} as const

/** Prints progress to `out` as it comes, failures to `err`. One per command. */
export class RollProgress {
  readonly #command: string
  readonly #out: Output
  readonly #err: Output
  readonly #line: ChangingLine
  #changes = 0
  #failed = 0

  constructor(command: 'reload' | 'restart', out: Output, err: Output) {
    this.#command = command
    this.#out = out
    this.#err = err
    this.#line = new ChangingLine(out)
  }

  /** @throws CommandFailure when the command was refused as a whole */
  tell(line: ProgressLine): void {
    switch (line.type) {
      case 'worker':
        return this.#worker(line)
      case 'group':
        return this.#group(line)
      case 'options':
        this.#changes += 1
        return this.#print(`${line.changed.join(', ')}: changed, no worker touched`)
      case 'listener':
        this.#changes += 1
        return this.#print(`${line.url}: ${line.did}`)
      case 'refused':
        throw refusal(this.#command, line)
      case 'left-out':
        this.#err.write(`${line.message}\n`)
        return
      case 'done':
        this.#failed = line.failed
        this.#line.clear()
        if (this.#changes === 0) this.#print('nothing has changed')
    }
  }

  /** 0, or 1 when a group has failed. */
  get exitCode(): number {
    return this.#failed === 0 ? 0 : 1
  }

  #worker({ group, worker, generation, pid, to, why }: Extract<ProgressLine, { type: 'worker' }>): void {
    const process = pid === null ? '' : ` pid ${pid}`
    const text = `${group}: worker ${worker}${process} (generation ${generation}) ${to}${why === '' ? '' : `: ${why}`}`
    if (this.#out.isTTY === true) this.#line.show(text)
    else this.#print(text)
  }

  #group({ group, did, error }: Extract<ProgressLine, { type: 'group' }>): void {
    this.#changes += 1
    if (error === null) return this.#print(`${group}: ${words[did]}`)
    this.#line.clear()
    const what =
      did === 'started' ? 'did not start: it is tried again' : 'did not come up: what served before goes on serving'
    this.#err.write(
      `wsgid: ${this.#command}: group ${group}: the new generation ${what}; its log has more\n${indented(error)}\n`,
    )
  }

  #print(text: string): void {
    this.#line.clear()
    this.#out.write(`${escapeControls(text)}\n`)
  }
}

function refusal(command: string, { code, message }: Extract<ProgressLine, { type: 'refused' }>): CommandFailure {
  // A report of errors begins with "wsgid: " itself, as `check` prints it.
  return code === 'invalid-configuration'
    ? new CommandFailure(
        message.replace(/^wsgid: /, '').replace('\n', '; nothing was changed, the running configuration stays\n'),
        invalidConfigurationExit,
      )
    : new CommandFailure(`${command}: ${message}`)
}
