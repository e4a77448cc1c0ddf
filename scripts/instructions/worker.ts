// The worker's part: its Python code under callgrind, driven by worker.py.
import { execa } from 'execa'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { perRequest, readTotal, underCallgrind, type Count } from './callgrind.ts'

export const workerKinds = ['get', 'post', 'batch'] as const
export type WorkerKind = (typeof workerKinds)[number]

const checkout = fileURLToPath(new URL('../../..', import.meta.url))
const program = join(checkout, 'scripts/instructions/worker.py')
const library = join(checkout, 'src/worker')
/** Multiples of the size of a batch. */
const [FEW, MANY] = [160, 960]

/** Instructions of one request. */
export async function countWorker(kind: WorkerKind, directory: string): Promise<number> {
  const [shorter, longer] = await Promise.all([FEW, MANY].map((requests) => run(kind, requests, directory)))
  if (shorter === undefined || longer === undefined) throw new Error('two runs have two results')
  return perRequest(shorter, longer)
}

async function run(kind: WorkerKind, requests: number, directory: string): Promise<Count> {
  const file = join(directory, `worker-${kind}-${requests}.callgrind`)
  const python = ['/usr/bin/python3', '-I', '-B', program, library, kind, String(requests)]
  const [command = '', ...args] = underCallgrind(file, python)
  await execa(command, args)
  return { requests, instructions: await readTotal(file) }
}
