// Completes package-lock.json after `npm install`: adds the builds for other platforms that a partial registry did not
// offer. Without them `npm ci` finds the lock file out of step with what the packages ask for, and refuses. npm skips
// packages of other platforms by the `os` and `cpu` written here; their versions are those that their parents pin.
import { readFileSync, writeFileSync } from 'node:fs'

const file = new URL('../package-lock.json', import.meta.url)
const lock = JSON.parse(readFileSync(file, 'utf8'))

for (const { dev, optionalDependencies = {} } of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const path = `node_modules/${name}`
    lock.packages[path] ??= { version, ...platformOf(name), ...(dev ? { dev } : {}), optional: true }
  }
}
const sorted = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en'))
writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`)

/** @param {string} name such as "@swc/core-linux-arm-gnueabihf": the platform stands at its end */
function platformOf(name) {
  const platform = /-(android|darwin|freebsd|linux|openharmony|win32)-([a-z0-9]+)(?:-[a-z]+)?$/.exec(name)
  if (platform === null) throw new Error(`${name}: no platform in its name; install it with a complete registry`)
  return { cpu: [platform[2]], os: [platform[1]] }
}
