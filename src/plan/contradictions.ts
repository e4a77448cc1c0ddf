// Options of a group that are good one by one but not together, nor without root.
import type { Diagnostic } from '../config/diagnostics.ts'
import type { GroupConfiguration } from '../config/group-configuration.ts'
import type { Facts } from './facts.ts'

/** A combination that must not be; `option` is where it is told. */
type Contradiction = Readonly<{
  holds: boolean
  option: string
  code?: Diagnostic['code']
  what: string
  cure: string
}>

/** What contradicts itself in a group, or this process's rights. */
export function findContradictions(
  group: GroupConfiguration,
  { process }: Pick<Facts, 'process'>,
): readonly Diagnostic[] {
  const found = [...ofStaffing(group), ...ofTimes(group), ...ofScripts(group), ofPriority(group, process.uid === 0)]
  return found
    .filter(({ holds }) => holds)
    .map(({ option, code = 'invalid-value', what, cure }) => ({ ...group.placeOf([option]), code, what, cure }))
}

function ofStaffing(group: GroupConfiguration): readonly Contradiction[] {
  const { processes, minimumProcesses, maximumProcesses, maximumRequests, maximumRequestsJitter } = group
  const { maximumMemory, virtualMemoryLimit } = group
  return [
    {
      holds: minimumProcesses > processes,
      option: 'minimum-processes',
      what: `minimum-processes is ${minimumProcesses}, above the number of processes that the group starts with, ${processes}`,
      cure: 'let minimum-processes, processes and maximum-processes be in this order; processes may be left out',
    },
    {
      holds: maximumProcesses < processes,
      option: 'maximum-processes',
      what: `maximum-processes is ${maximumProcesses}, below the number of processes that the group starts with, ${processes}`,
      cure: 'let minimum-processes, processes and maximum-processes be in this order; processes may be left out',
    },
    {
      holds: maximumRequestsJitter > 0 && maximumRequests === 0,
      option: 'maximum-requests-jitter',
      what: 'maximum-requests-jitter has nothing to vary: maximum-requests is 0',
      cure: 'set maximum-requests, or remove the line',
    },
    {
      holds: virtualMemoryLimit > 0 && maximumMemory >= virtualMemoryLimit,
      option: 'maximum-memory',
      what: `maximum-memory (${maximumMemory} bytes) is never reached: virtual-memory-limit is ${virtualMemoryLimit} bytes`,
      cure: 'set maximum-memory well below virtual-memory-limit, or remove one of the two',
    },
  ]
}

function ofTimes({ slowRequests, requestTimeout, interruptTimeout }: GroupConfiguration): readonly Contradiction[] {
  return [
    {
      holds: interruptTimeout > 0 && requestTimeout === 0,
      option: 'interrupt-timeout',
      what: 'interrupt-timeout never begins: request-timeout is 0',
      cure: 'set request-timeout, or remove the line',
    },
    {
      holds: requestTimeout > 0 && slowRequests >= requestTimeout,
      option: 'slow-requests',
      what: `slow-requests (${slowRequests} ms) is never reached: request-timeout is ${requestTimeout} ms`,
      cure: 'set slow-requests below request-timeout, whose stack is logged too, or remove the line',
    },
  ]
}

// A module is found by Python itself, wherever sys.path leads: nobody can tell beforehand whose file it will be.
function ofScripts({ applications, scriptUser, scriptGroup }: GroupConfiguration): readonly Contradiction[] {
  const module = applications.find(({ entry }) => entry.kind === 'module')
  const option = scriptUser === null ? 'script-group' : 'script-user'
  return [
    {
      holds: module !== undefined && (scriptUser !== null || scriptGroup !== null),
      option,
      what: `${option} cannot be checked: the application at "${module?.mount === '' ? '/' : (module?.mount ?? '')}" is a module`,
      cure: `name its file by script, or remove ${option}`,
    },
  ]
}

function ofPriority({ cpuPriority }: GroupConfiguration, privileged: boolean): Contradiction {
  return {
    holds: cpuPriority < 0 && !privileged,
    option: 'cpu-priority',
    code: 'not-permitted',
    what: `cpu-priority ${cpuPriority} needs root`,
    cure: 'start wsgid as root, or set 0 or more',
  }
}
