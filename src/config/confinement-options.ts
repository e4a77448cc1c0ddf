// Options of a group about what its workers may use and touch: limits of the kernel, root directory, who must own the scripts.
// Knows no machine: the accounts are names here.
import { z } from 'zod'
import { bytes, milliseconds } from '../units.ts'
import { aDuration, aGroup, anAccount, aPath, aSize } from './expectations.ts'
import { optional } from './option.ts'
import { account, duration, fileModeMask, path, sizeOrZero, size, wholeNumber } from './values.ts'

/** Those whose default depends on something else. */
export const confinementOptions = {
  umask: optional(fileModeMask, {
    description: 'bits of the file mode that new files of the workers do not get, in octal, quoted or not',
    expects: 'an octal number from 0000 to 0777',
    otherwise: '`0022`',
    example: '0027',
  }),
  chroot: optional(path, {
    description:
      'root directory of the workers; needs root. It belongs to root and nobody else may write to it. `home`, `python`, `python-home`, `python-path`, `python-eggs` and `script` are then paths inside of it, relative ones start at its root; it needs `/usr/bin/env`, `/dev/null` and Python. wsgid puts the Python code of its workers into it (`/.wsgid-…`). The bounding set of such a worker keeps sys_chroot, setuid and setgid, which no_new_privs and the empty other sets make useless',
    ...aPath,
    otherwise: "the system's",
    example: '/srv/jails/site-1',
  }),
  'script-user': optional(account, {
    description:
      'account that must own the scripts and their directories, which nobody else may write to; else requests are answered by 403 and no code of the script runs. Either this or `script-group`',
    ...anAccount,
    otherwise: 'not checked',
    example: 'trac',
  }),
  'script-group': optional(account, {
    description: 'as `script-user`, for the group of scripts and directories: it may write, others may not',
    ...aGroup,
    otherwise: 'not checked',
    example: 'trac',
  }),
}

/** Those that every group has a value for. */
export const confinementSettings = {
  'cpu-priority': optional(wholeNumber(-20, 19), {
    description:
      "added to the supervisor's own niceness, as nice(1) does; negative values take precedence over others and need root",
    expects: 'a whole number from -20 to 19',
    default: 0,
    example: '5',
  }),
  'cpu-time-limit': optional(duration(milliseconds(0)), {
    description:
      'CPU time after which a worker is replaced, its successor ready before, in whole seconds, rounded up; one that goes on for 1 s and `shutdown-timeout` more of it is killed by the kernel. 0 sets no limit',
    ...aDuration,
    default: 0,
    example: '1h',
  }),
  'memory-limit': optional(size(bytes(0)), {
    description:
      'largest data segment of a worker (`RLIMIT_DATA`): beyond it the application sees MemoryError; 0 sets no limit',
    ...aSize,
    default: 0,
    example: '1GiB',
  }),
  'virtual-memory-limit': optional(size(bytes(0)), {
    description: 'largest address space of a worker (`RLIMIT_AS`), stacks of threads included; 0 sets no limit',
    ...aSize,
    default: 0,
    example: '4GiB',
  }),
  'stack-size': optional(sizeOrZero(bytes(32_768)), {
    description: 'stack of each thread that serves requests; 0: as the system has it, usually 8 MiB',
    expects: 'a size of at least 32KiB, such as 524288 (bytes) or 512KiB, or 0',
    unit: 'bytes',
    default: 0,
    example: '512KiB',
  }),
  'display-name': optional(z.string().regex(/^[^\p{Cc}]{1,200}$/u), {
    description: 'what ps and top show for the processes of the group; `%{GROUP}` stands for its name',
    expects: 'text of 1 to 200 characters without control characters',
    default: 'wsgid: %{GROUP}',
    example: '"(wsgi:%{GROUP})"',
  }),
}
