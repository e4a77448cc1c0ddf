// Descriptors that whoever started wsgid left open: no child may inherit them.
import { closeSync, readdirSync, readFileSync } from 'node:fs'

/** O_CLOEXEC as fdinfo prints it on Linux, for all architectures that Node runs on. */
const closeOnExec = 0o2_000_000
const firstAfterStdio = 3

/**
 * Closes every descriptor above stderr that a child would inherit. Everything that Node opens is close-on-exec; what is not came from the
 * process that started this one (a shell's redirection, a terminal multiplexer's pipe), and Node marks such ones only up to the first gap.
 * To be called once, by a program that is about to start children.
 *
 * @see proc(5), /proc/PID/fdinfo
 */
export function closeStrayDescriptors(): void {
  for (const name of readdirSync('/proc/self/fd')) {
    const fd = Number(name)
    if (fd >= firstAfterStdio && isInheritable(fd)) closeSync(fd)
  }
}

function isInheritable(fd: number): boolean {
  try {
    const [, flags] = /^flags:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')) ?? []
    return flags !== undefined && (Number.parseInt(flags, 8) & closeOnExec) === 0
  } catch {
    // The descriptor by which the list was read is closed again.
    return false
  }
}
