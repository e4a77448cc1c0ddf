// The values of `access-log`, the same in wsgid.yaml and in a group file. Knows no file.
import { z } from 'zod'

export const accessLogChoice = z.enum(['off', 'combined', 'json'])
export const anAccessLog = { expects: 'off, combined or json' } as const

export type AccessLogChoice = z.output<typeof accessLogChoice>
