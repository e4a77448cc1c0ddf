// `static` of an application: directories whose files the router serves itself. Knows no file and no machine.
import { z } from 'zod'
import { aPath } from './expectations.ts'
import { parseMount } from './mount.ts'
import { optional, required } from './option.ts'
import { path } from './values.ts'

const fileName = z.string().regex(/^[^\0-\x1f\x7f/\\.][^\0-\x1f\x7f/\\]{0,254}$/)
const fieldValue = z.string().regex(/^[\x21-\x7e](?:[\x20-\x7e]{0,198}[\x21-\x7e])?$/)

const directoryObject = z.strictObject({
  directory: required(path, {
    description:
      'directory of the files, a path of the system also for a group in a chroot; the routers must be able to read it. Links in it are followed as long as they stay inside of it',
    ...aPath,
    example: '/srv/site-1/htdocs/common',
  }),
  index: optional(fileName, {
    description: 'file that answers for a directory',
    expects: 'a file name',
    otherwise: 'none: a directory is 404',
    example: 'index.html',
  }),
  'cache-control': optional(fieldValue, {
    description: 'header Cache-Control of the files',
    expects: 'a value of that header, printable ASCII',
    default: 'public, max-age=0',
    example: '"public, max-age=86400"',
  }),
})

/** The options of one static directory, for documentation and messages. */
export const staticOptions = directoryObject.shape

// "/" would leave nothing to the application.
const prefix = z.string().refine((written) => parseMount(written) !== undefined && written !== '/')

/** Directories by the path below the mount at which they appear. */
export const staticSchema = z.record(
  prefix,
  z.union([path.transform((directory): z.output<typeof directoryObject> => ({ directory })), directoryObject]),
)
