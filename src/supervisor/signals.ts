// Signals to the supervisor. HUP and USR2 are taken and nothing is done: by default they would end it.

export type SignalActions = Readonly<{ stop: (how: 'graceful' | 'now') => void; reopenLogs: () => void }>

const ignored = ['SIGHUP', 'SIGUSR2', 'SIGPIPE', 'SIGTTIN', 'SIGTTOU'] as const

/** @returns takes the handlers away again */
export function handleSignals({ stop, reopenLogs }: SignalActions): () => void {
  const handlers = new Map<NodeJS.Signals, () => void>([
    ['SIGTERM', () => stop('graceful')],
    ['SIGINT', () => stop('now')],
    ['SIGQUIT', () => stop('now')],
    ['SIGUSR1', reopenLogs],
    ...ignored.map((signal): [NodeJS.Signals, () => void] => [signal, () => undefined]),
  ])
  for (const [signal, handler] of handlers) process.on(signal, handler)
  return () => {
    for (const [signal, handler] of handlers) process.off(signal, handler)
  }
}
