// Stands between the supervisor and a router under callgrind: stand-in.js FILE OPTIONS-OF-NODE… PROGRAM. Passes everything on, but answers at once what the
// supervisor awaits within seconds: under callgrind a router takes longer to start.
import { spawn, type SendHandle } from 'node:child_process'
import { underCallgrind } from './callgrind.ts'

/** What is known here of the messages of src/protocol/supervision.ts; `listener` only with "listen" and its answer. */
type Message = Readonly<{ type: string; listener?: string }>

const ACCESS_LINES_FD = 4
const [file = '', ...args] = process.argv.slice(2)
// One thread, without the optimizing compiler: when it compiles what depends on the clock, and it costs more than the requests. Counted twice with it, a request took
// 162,000 instructions and 73,000.
const SAME_EACH_TIME = ['--single-threaded', '--no-opt', '--random-seed=1', '--hash-seed=1']
const [command = '', ...rest] = underCallgrind(file, [process.execPath, ...SAME_EACH_TIME, ...args])
const router = spawn(command, rest, { stdio: ['ignore', 'inherit', 'inherit', 'ipc', ACCESS_LINES_FD] })

const tell = (message: Message): void => void process.send?.(message)

process.on('message', (message: Message, handle?: SendHandle) => {
  router.send(message, handle)
  if (message.type === 'configure') tell({ type: 'ready' })
  if (message.type === 'listen') tell({ ...message, type: 'listening' })
})
router.on('message', (message: Message) => {
  if (message.type !== 'ready' && message.type !== 'listening') tell(message)
})
// The end of this channel tells the router that the supervisor is gone; it drains, and callgrind writes its file.
process.on('disconnect', () => router.disconnect())
// null: a signal has ended it. Nobody here sends one, so the count is worth nothing.
router.on('exit', (code) => process.exit(code ?? 1))
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'] as const) process.on(signal, () => undefined)
