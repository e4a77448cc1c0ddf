// Writes docs/configuration.md from the built schemas: `npm run docs`.
import { writeFile } from 'node:fs/promises'
import { renderReference } from '../dist/config/reference.js'

await writeFile(new URL('../docs/configuration.md', import.meta.url), renderReference())
