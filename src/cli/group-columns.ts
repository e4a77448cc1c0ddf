// What a table may have of a group: each column with what stands in it. Which ones, in which order, and which may be left out is the table's. Pure.
import type { GroupStatus } from '../control/status-document.ts'
import type { Cell, Column } from './fitted-table.ts'
import { stateCell, type GroupFigures } from './group-figures.ts'
import { latencyText, percentText, rateText, sizeText } from './quantity-text.ts'

type Of = Readonly<{ group: GroupStatus; figures: GroupFigures }>

/** A column of a table of groups. */
export type GroupColumn = Column & Readonly<{ cell: (of: Of) => Cell }>

const figure = (header: string, cell: GroupColumn['cell']): GroupColumn => ({ header, align: 'right', cell })

export const groupColumns = {
  user: { header: 'USER', cell: ({ group }: Of) => group.user },
  state: { header: 'STATE', cell: ({ group }: Of) => stateCell(group.state) },
  ready: figure('READY', ({ group, figures }) => `${figures.ready}/${group.processes}`),
  busy: figure('BUSY', ({ figures }) => `${figures.busy}/${figures.places}`),
  queue: figure('QUEUE', ({ group }) => String(group.queue)),
  perSecond: figure('REQ/S', ({ figures }) => rateText(figures.perSecond)),
  p50: figure('P50', ({ figures }) => latencyText(figures.p50)),
  p99: figure('P99', ({ figures }) => latencyText(figures.p99)),
  cpu: figure('CPU%', ({ figures }) => percentText(figures.cpu)),
  memory: figure('MEM', ({ figures }) => sizeText(figures.memory)),
  requests: figure('REQUESTS', ({ group }) => String(group.requests)),
  restarts: figure('RESTARTS', ({ group }) => String(group.restarts)),
} as const
