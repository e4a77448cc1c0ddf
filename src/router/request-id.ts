// The number under which a request stands in every log: short, unique while the logs are kept.
import { randomBytes } from 'node:crypto'

/**
 * @param router number of the router, so that two routers never give the same id
 * @returns a function that gives the next id: start-up mark, router and counter in base 36, without separators that logs would split
 */
export function requestIdsOf(router: number): () => string {
  const prefix = `${randomBytes(3).toString('hex')}${router.toString(36)}-`
  let counter = 0
  return () => {
    counter += 1
    return prefix + counter.toString(36)
  }
}
