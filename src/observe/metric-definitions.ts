// The names of all metrics, once: what /metrics tells, docs/operations.md explains and the dashboard draws. Changing one breaks somebody's alerts.
export type MetricDefinition = Readonly<{
  type: 'counter' | 'gauge' | 'histogram'
  help: string
  labels: readonly string[]
}>

const worker = ['group', 'application_group', 'worker'] as const

/** Counters end in _total, as OpenMetrics wants it; units are base units: seconds, bytes. */
export const metricDefinitions = {
  wsgid_build_info: { type: 'gauge', help: 'Always 1; the version stands in the label.', labels: ['version'] },
  wsgid_start_time_seconds: { type: 'gauge', help: 'When the supervisor started, Unix time.', labels: [] },
  wsgid_ready: { type: 'gauge', help: '1 when /readyz says so.', labels: [] },
  wsgid_supervisor_cpu_seconds_total: { type: 'counter', help: 'CPU time of the supervisor.', labels: [] },
  wsgid_supervisor_resident_memory_bytes: { type: 'gauge', help: 'Memory (RSS) of the supervisor.', labels: [] },
  wsgid_supervisor_open_fds: { type: 'gauge', help: 'Open descriptors of the supervisor.', labels: [] },

  wsgid_routers_started_total: { type: 'counter', help: 'Routers that were ever started.', labels: [] },
  wsgid_router_up: {
    type: 'gauge',
    help: '0 when the router did not answer within half a second: its part of all numbers is older then.',
    labels: ['router'],
  },
  wsgid_router_connections: { type: 'gauge', help: 'Open client connections.', labels: ['router'] },
  wsgid_router_cpu_seconds_total: { type: 'counter', help: 'CPU time of the router.', labels: ['router'] },
  wsgid_router_resident_memory_bytes: { type: 'gauge', help: 'Memory (RSS) of the router.', labels: ['router'] },
  wsgid_router_open_fds: { type: 'gauge', help: 'Open descriptors of the router.', labels: ['router'] },
  wsgid_router_sockets: { type: 'gauge', help: 'Sockets among its first 1024 descriptors.', labels: ['router'] },

  wsgid_requests_total: {
    type: 'counter',
    help: 'Requests that have ended, by class of status and by cause.',
    labels: ['group', 'status', 'cause'],
  },
  wsgid_request_duration_seconds: {
    type: 'histogram',
    help: 'From the head of a request to the last byte of its response as handed to the client connection.',
    labels: ['group'],
  },
  wsgid_queue_waits_total: { type: 'counter', help: 'Requests meant for a worker that have ended.', labels: ['group'] },
  wsgid_queue_wait_seconds_total: { type: 'counter', help: 'How long these waited for a worker.', labels: ['group'] },
  wsgid_queue_length: { type: 'gauge', help: 'Requests that wait for a worker.', labels: ['group'] },
  wsgid_requests_active: { type: 'gauge', help: 'Requests that workers have.', labels: ['group'] },
  wsgid_group_state: {
    type: 'gauge',
    help: '1 for the state that the group is in, 0 for all others.',
    labels: ['group', 'state'],
  },
  wsgid_workers: { type: 'gauge', help: 'Workers by state.', labels: ['group', 'state'] },
  wsgid_workers_configured: { type: 'gauge', help: 'The option processes.', labels: ['group'] },
  wsgid_threads_configured: { type: 'gauge', help: 'Requests at a time: processes times threads.', labels: ['group'] },
  wsgid_worker_exits_total: {
    type: 'counter',
    help: 'Workers that have ended, by reason as in lastExits.',
    labels: ['group', 'reason'],
  },

  wsgid_worker_requests_total: {
    type: 'counter',
    help: 'Requests that have ended with this worker, by class of status.',
    labels: [...worker, 'status'],
  },
  wsgid_worker_requests_active: { type: 'gauge', help: 'Requests that the worker has.', labels: worker },
  wsgid_worker_ready: { type: 'gauge', help: '1 when it gets requests.', labels: worker },
  wsgid_worker_generation: { type: 'gauge', help: 'Generation of the worker.', labels: worker },
  wsgid_worker_start_time_seconds: { type: 'gauge', help: 'When the worker was forked, Unix time.', labels: worker },
  wsgid_worker_cpu_seconds_total: { type: 'counter', help: 'CPU time of the worker.', labels: worker },
  wsgid_worker_resident_memory_bytes: {
    type: 'gauge',
    help: 'Memory (RSS) of the worker, what it shares with others included.',
    labels: worker,
  },
  wsgid_worker_open_fds: { type: 'gauge', help: 'Open descriptors of the worker.', labels: worker },
  wsgid_worker_sockets: { type: 'gauge', help: 'Sockets among its first 1024 descriptors.', labels: worker },
} as const satisfies Readonly<Record<string, MetricDefinition>>

export type MetricName = keyof typeof metricDefinitions
