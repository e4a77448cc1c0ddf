// How a message gets to systemd's notification socket: through a descriptor that bin/with-notify-socket has opened, or by systemd-notify(1).
// Knows nothing of what messages mean.
import { fstatSync, write } from 'node:fs'
import { promisify } from 'node:util'
import { execa } from 'execa'
import { findTool } from './tools.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Sends one message, "KEY=value" lines. @throws Error when it could not be sent */
export type SendNotification = (message: string) => Promise<void>

const writeTo = promisify(write)

/**
 * The way to the service manager that started this process.
 *
 * Node has no Unix datagram sockets. A descriptor costs one write(2) a message, and the message comes from this very process. systemd-notify costs a
 * process a message, and systemd listens to it only with NotifyAccess=all, which lets tenants send messages too. docs/decisions/0016.
 *
 * @param environment NOTIFY_SOCKET as in sd_notify(3); WSGID_NOTIFY_FD is with-notify-socket's
 * @returns null when no service manager wants to hear anything
 */
export function findNotifySocket(environment: Environment): SendNotification | null {
  const { NOTIFY_SOCKET: path = '', WSGID_NOTIFY_FD: written = '' } = environment
  if (path === '') return null
  const fd = Number(written)
  if (written !== '' && isSocket(fd))
    return async (message) => {
      await writeTo(fd, message)
    }
  return async (message) => {
    const program = findTool('systemd-notify', 'systemd')
    await execa(program, message.split('\n'), { env: { NOTIFY_SOCKET: path }, stdio: 'ignore', timeout: 5000 })
  }
}

function isSocket(fd: number): boolean {
  try {
    return Number.isInteger(fd) && fstatSync(fd).isSocket()
  } catch {
    return false
  }
}
