// The addresses of `listen` as people write them. Opens nothing.

/** One address; the path of a Unix socket is as written, still to be resolved against the file it stands in. */
export type ListenAddress =
  | Readonly<{ kind: 'tcp'; host: string; port: number }>
  | Readonly<{ kind: 'unix'; path: string }>
  | Readonly<{ kind: 'systemd'; name: string }>

/**
 * Reads a listen address.
 *
 * @param written "host:port", "[v6]:port", "unix:/path" or "systemd:NAME"; port 0 lets the kernel choose
 * @returns the address, or undefined when it is none of these
 */
export function parseListen(written: string): ListenAddress | undefined {
  if (written.startsWith('unix:')) return unixAddress(written.slice('unix:'.length))
  if (written.startsWith('systemd:')) return systemdAddress(written.slice('systemd:'.length))
  const [, v6, name, digits] = /^(?:\[([0-9a-fA-F:.%\w]+)\]|([A-Za-z0-9._-]+)):(\d{1,5})$/.exec(written) ?? []
  const host = v6 ?? name
  const port = Number(digits)
  return host === undefined || port > 65_535 ? undefined : { kind: 'tcp', host, port }
}

function unixAddress(path: string): ListenAddress | undefined {
  return path === '' || path.includes('\0') ? undefined : { kind: 'unix', path }
}

// The names that systemd accepts: ASCII without control characters and ":", at most 255 (sd_listen_fds_with_names(3)).
function systemdAddress(name: string): ListenAddress | undefined {
  return /^[\x21-\x39\x3b-\x7e]{1,255}$/.test(name) ? { kind: 'systemd', name } : undefined
}
