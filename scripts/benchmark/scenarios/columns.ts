// What several scenarios show alike: a reader compares these columns between tables.
import type { Column } from '../scenario.ts'

export const rateColumn: Column = { key: 'rate', title: 'requests/s', digits: 0 }
export const p50Column: Column = { key: 'p50', title: 'p50 ms', digits: 2 }
export const p99Column: Column = { key: 'p99', title: 'p99 ms', digits: 2 }
