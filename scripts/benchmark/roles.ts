// Splits a server's processes into web server and application server, and reckons their CPU time per request.
import type { Server } from '../servers/server.ts'
import type { Figures } from './scenario.ts'
import { processTree, type Process } from './processes.ts'
import type { Row } from './rows.ts'

const TICKS_PER_SECOND = 100

export type Roles = Readonly<{ web: readonly Process[]; application: readonly Process[] }>

/** The processes of a server as they are now. */
export const rolesOf = async (row: Row, server: Server): Promise<Roles> => divide(row, await processTree(server.roots))

/** Divides processes by their command lines. Pure. */
export function divide({ application }: Pick<Row, 'application'>, processes: readonly Process[]): Roles {
  const isApplication = ({ command }: Process): boolean => application.test(command)
  return { web: processes.filter((one) => !isApplication(one)), application: processes.filter(isApplication) }
}

/** Those of the application server that have no children: workers, not masters or templates. Pure. */
export function workersOf({ application }: Roles): Process[] {
  const parents = new Set(application.map(({ parent }) => parent))
  return application.filter(({ pid }) => !parents.has(pid))
}

/**
 * CPU time per request of each kind of process, microseconds; nothing without requests. What a process used that ended or began meanwhile is not
 * in it. Pure.
 */
export function costPerRequest(before: Roles, after: Roles, requests: number): Figures {
  if (requests === 0) return {}
  const spent = new Map([...before.web, ...before.application].map(({ pid, ticks }) => [pid, ticks]))
  const cost = (processes: readonly Process[]): number =>
    (processes.reduce((sum, { pid, ticks }) => sum + ticks - (spent.get(pid) ?? ticks), 0) * 1e6) /
    TICKS_PER_SECOND /
    requests
  const [web, application] = [cost(after.web), cost(after.application)]
  return { webCpu: web, applicationCpu: application, cpu: web + application }
}
