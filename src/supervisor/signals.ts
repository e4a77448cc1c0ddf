// Signals to the supervisor. What has no action here is taken and nothing is done: by default it would end it.

export type SignalActions = Readonly<{
  stop: (how: 'graceful' | 'now') => void
  reopenLogs: () => void
  reload: () => void
  restart: () => void
}>

const ignored = ['SIGPIPE', 'SIGTTIN', 'SIGTTOU'] as const

/** @returns takes the handlers away again */
export function handleSignals({ stop, reopenLogs, reload, restart }: SignalActions): () => void {
  const handlers = new Map<NodeJS.Signals, () => void>([
    ['SIGTERM', () => stop('graceful')],
    ['SIGINT', () => stop('now')],
    ['SIGQUIT', () => stop('now')],
    ['SIGUSR1', reopenLogs],
    ['SIGHUP', reload],
    ['SIGUSR2', restart],
    ...ignored.map((signal): [NodeJS.Signals, () => void] => [signal, () => undefined]),
  ])
  for (const [signal, handler] of handlers) process.on(signal, handler)
  return () => {
    for (const [signal, handler] of handlers) process.off(signal, handler)
  }
}
