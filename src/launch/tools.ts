// Finds the programs that the launch chain is made of, in directories that only root writes.
import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import type { Tools } from './argv.ts'

const directories = ['/usr/bin', '/bin', '/usr/sbin', '/sbin']

/**
 * @returns absolute paths
 * @throws Error that names the missing program and its package
 */
export function findTools(): Tools {
  return {
    setpriv: findTool('setpriv', 'util-linux'),
    prlimit: findTool('prlimit', 'util-linux'),
    env: findTool('env', 'coreutils'),
    nice: findTool('nice', 'coreutils'),
    chroot: findTool('chroot', 'coreutils'),
  }
}

/** One program by its name; for messages, the package that has it. */
export function findTool(name: string, packageName: string): string {
  const found = directories.map((directory) => join(directory, name)).find(isExecutable)
  if (found !== undefined) return found
  throw new Error(`${name} is not installed: looked in ${directories.join(', ')}; install the package ${packageName}`)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
