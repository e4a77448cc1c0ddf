// What all fronts of a router share: where requests may go, which rules hold for clients, where their ends are told. Decides nothing.
import type { ClientLimits } from '../plan/plan.ts'
import type { ConnectionCounts } from './connection-counts.ts'
import type { Destination } from './destination.ts'
import type { RequestEnds } from './request-end.ts'
import type { RouteTable } from './routes.ts'
import type { TrustedProxies } from './trusted-proxies.ts'

/** Everything a front asks for; `routes` is replaced as a whole by a reload. */
export type FrontContext = {
  routes: RouteTable<Destination>
  readonly requestIds: () => string
  readonly ends: RequestEnds
  /** null: none. */
  proxies: TrustedProxies | null
  /** Replaced as a whole too. */
  limits: ClientLimits
  /** Of the connections on all fronts. */
  readonly counts: ConnectionCounts
  log(requestId: string, text: string): void
}
