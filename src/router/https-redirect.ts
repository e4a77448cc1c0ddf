// Where clients of a plain listener are sent: to https, same host, same path and query. Pure.
import { splitHost } from './request-head.ts'
import { originForm } from './request-target.ts'

const defaultHttpsPort = 443

/**
 * Where a request is to be sent.
 *
 * @param url  target of the request line, which parseTarget took: a path, or an absolute URL
 * @param host that the request is for and isHost took, with or without a port; "" for none
 * @param port of https
 * @returns undefined when the request names no host
 */
export function httpsLocation(url: string, host: string, port: number): string | undefined {
  const { name } = splitHost(host)
  return name === '' ? undefined : `https://${name}${port === defaultHttpsPort ? '' : `:${port}`}${originForm(url)}`
}
