// The options by which wsgid puts its logs aside itself, where logrotate does not. Knows no file.
import { bytes } from '../units.ts'
import { optional } from './option.ts'
import { size, wholeNumber } from './values.ts'

/** Smaller files would be rotated more often than they are worth a look. */
const leastSize = bytes(64 * 1024)

/** Old files of a log, unless log-rotate-count says otherwise. */
export const defaultRotateCount = 5

export const logRotationOptions = {
  'log-rotate-size': optional(size(leastSize), {
    description:
      'each log, access logs too, that has reached this size is renamed to NAME.log.1, what was NAME.log.1 to NAME.log.2 and so on, and a new one is begun. Leave the files to logrotate or to this, not to both',
    expects: 'a size of at least 64KiB, such as 10MiB',
    unit: 'bytes',
    otherwise: 'logs are not rotated by their size',
    example: '10MiB',
  }),
  'log-rotate-count': optional(wholeNumber(1, 1000), {
    description: 'old files that `log-rotate-size` keeps of each log',
    expects: 'a whole number from 1 to 1000',
    otherwise: String(defaultRotateCount),
    example: '10',
  }),
}
