// Where clients of a plain listener are sent: to https, same host, same path and query. Pure.

const defaultHttpsPort = 443

/**
 * Where a request is to be sent.
 *
 * @param url  target of the request line: a path, or an absolute URL
 * @param host that the request is for, with or without a port; "" for none
 * @param port of https
 * @returns undefined when the request names no host, or nothing that can be a URL's
 */
export function httpsLocation(url: string, host: string, port: number): string | undefined {
  const target = /^(?:https?:\/\/[^/?#]*)?(\/.*)?$/i.exec(url)
  if (target === null) return undefined
  const [, path] = target
  const [, name] = /^([A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::\d{0,5})?$/.exec(host) ?? []
  if (name === undefined) return undefined
  return `https://${name}${port === defaultHttpsPort ? '' : `:${port}`}${path ?? '/'}`
}
