// The terminal of `wsgid top`: its other screen, keys one by one, and everything as it was when it ends, however it ends.
import { emitKeypressEvents } from 'node:readline'
import { sizeOf, type TerminalSize } from '../../launch/terminal-size.ts'
import type { Key } from './model.ts'

type Heard = Readonly<{ key: (key: Key) => void; resized: (size: TerminalSize) => void; gone: () => void }>

// xterm's control sequences: alternate screen, cursor.
const enter = '\u001b[?1049h\u001b[?25l'
const leave = '\u001b[?25h\u001b[?1049l'

export class Screen {
  readonly #heard: Heard
  #isOpen = false

  /** Nothing happens to the terminal yet. */
  constructor(heard: Heard) {
    this.#heard = heard
    emitKeypressEvents(process.stdin)
    process.stdin.on(
      'keypress',
      (_text: string | undefined, key: Readonly<{ name?: string; ctrl?: boolean; sequence?: string }>) => {
        const text = key.sequence !== undefined && key.sequence.length === 1 ? key.sequence : ''
        heard.key({ name: key.name ?? '', ctrl: key.ctrl ?? false, text })
      },
    )
    process.stdin.on('end', heard.gone).on('error', heard.gone)
    process.stdout.on('resize', () => heard.resized(this.size))
    // Also after an error that nobody expected.
    process.on('exit', () => this.close())
  }

  get size(): TerminalSize {
    return sizeOf(process.stdout)
  }

  open(): void {
    if (this.#isOpen) return
    this.#isOpen = true
    process.stdin.setRawMode(true).resume()
    process.stdout.write(enter)
  }

  /** @param lines no more than the terminal has rows */
  draw(lines: readonly string[]): void {
    if (this.#isOpen) process.stdout.write(`\u001b[H${lines.map((line) => `${line}\u001b[K`).join('\r\n')}\u001b[J`)
  }

  /** Gives the terminal back; `open` takes it again. */
  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    process.stdout.write(leave)
    process.stdin.setRawMode(false).pause()
  }

  /** Ctrl-Z: the shell gets the terminal, until `fg`. */
  suspend(): void {
    this.close()
    process.once('SIGCONT', () => {
      this.open()
      this.#heard.resized(this.size)
    })
    process.kill(process.pid, 'SIGTSTP')
  }
}
