// Status documents for unit tests, with a default for everything a test does not care about.
import type { GroupStatus, StatusDocument, WorkerStatus } from '../../src/control/status-document.ts'

export function aWorkerStatus(wanted: Partial<WorkerStatus> = {}): WorkerStatus {
  return {
    ...{ pid: 3, state: 'ready', generation: 1, requests: 5, active: 1, startedAt: '2026-01-01T00:00:00.000Z' },
    ...{ applicationGroup: '', rssBytes: 12_345_678, cpuPercent: 0.5 },
    ...wanted,
  }
}

/** site-1, running: one of two workers is ready, one of 50 threads busy. */
export function aGroupStatus(wanted: Partial<GroupStatus> = {}): GroupStatus {
  return {
    ...{ name: 'site-1', user: 'trac', group: 'trac', state: 'running', generation: 1, processes: 2, threads: 25 },
    ...{ queue: 0, requests: 10, active: 1, restarts: 1, lastError: null },
    recent: {
      ...{ seconds: 60, requests: 750, serverErrors: 0 },
      ...{ requestsPerSecond: 12.5, p50Milliseconds: 1.2, p99Milliseconds: 40 },
    },
    applications: [{ hosts: [], mount: '/site-1', match: null, script: '/srv/site-1/trac.wsgi', applicationGroup: '' }],
    workers: [aWorkerStatus()],
    lastExits: [{ pid: 9, reason: 'signal', code: null, signal: 'SIGKILL', at: '2026-01-01T00:00:00.000Z' }],
    ...wanted,
  }
}

export function aStatusDocument(groups: readonly GroupStatus[]): StatusDocument {
  return {
    ...{ version: '0.1.0', pid: 1, state: 'running', startedAt: '2026-01-01T00:00:00.000Z', uptimeSeconds: 12.5 },
    ...{ configFile: '/etc/wsgid/wsgid.yaml', admin: null, listen: ['http://127.0.0.1:8080'] },
    routers: [{ pid: 2, state: 'ready', connections: 3, requests: 10 }],
    groups,
  }
}
