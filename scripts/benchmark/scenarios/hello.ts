// The request that most scenarios send.
import type { Request } from '../load/request.ts'
import { helloBody } from '../workspace.ts'

export const hello: Request = { path: '/', expected: { body: helloBody } }
