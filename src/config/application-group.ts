// `application-group`: which applications may share a process. What "%{RESOURCE}" and the like mean for an application is the
// plan's business.

/** As written: a variable of mod_wsgi without its percent sign and braces, or a name. */
export type ApplicationGroup = Readonly<{ variable: 'GLOBAL' | 'RESOURCE' | 'SERVER' | 'HOST' } | { name: string }>

/** The main interpreter of mod_wsgi: all applications in one. */
export const globalGroup: ApplicationGroup = { variable: 'GLOBAL' }

/** Reads an application-group; undefined when it is none. mod_wsgi's "%{ENV:…}" depends on the request, processes do not. */
export function parseApplicationGroup(written: string): ApplicationGroup | undefined {
  switch (written) {
    case '%{GLOBAL}':
    case '':
      return globalGroup
    case '%{RESOURCE}':
      return { variable: 'RESOURCE' }
    case '%{SERVER}':
      return { variable: 'SERVER' }
    case '%{HOST}':
      return { variable: 'HOST' }
    default:
      return /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(written) ? { name: written } : undefined
  }
}
