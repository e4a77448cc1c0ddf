// Writes what documentation is made of code, from the built sources: docs/configuration.md, and the tables of
// docs/differences-from-mod-wsgi.md. Started by `npm run docs`.
import { readFile, writeFile } from 'node:fs/promises'
import { renderTable } from '../build/scripts/comparison/report.js'
import { renderReference } from '../dist/config/reference.js'

await writeFile(new URL('../docs/configuration.md', import.meta.url), renderReference())

const differences = new URL('../docs/differences-from-mod-wsgi.md', import.meta.url)
const text = await readFile(differences, 'utf8')
const [begin, end] = ['## environ', '## Beyond'].map((title) => text.indexOf(title))
await writeFile(differences, `${text.slice(0, begin)}${renderTable()}\n${text.slice(end)}`)
