// Writes npm-shrinkwrap.json for `npm pack`: what package-lock.json has of the packages that wsgid runs with, so that an installation gets the
// versions that were tested, and needs no question to a registry for what npm's cache holds. Removed again by `postpack`, since npm would prefer it.
import { readFileSync, writeFileSync } from 'node:fs'

const lock = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'))

const packages = Object.fromEntries(
  Object.entries(lock.packages)
    .filter(([, { dev }]) => dev !== true)
    .map(([path, locked]) => [
      path,
      path === '' ? withoutDevelopment(locked) : { resolved: tarball(path, locked), ...locked },
    ]),
)
writeFileSync(new URL('../npm-shrinkwrap.json', import.meta.url), `${JSON.stringify({ ...lock, packages }, null, 2)}\n`)

function withoutDevelopment({ devDependencies: _, ...manifest }) {
  return manifest
}

/** npm replaces the host of its own registry by the one that is configured. */
function tarball(path, { version }) {
  const name = path.replace(/^.*node_modules\//, '')
  return `https://registry.npmjs.org/${name}/-/${name.replace(/^.*\//, '')}-${version}.tgz`
}
