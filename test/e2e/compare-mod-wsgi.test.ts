// The comparison with Apache + mod_wsgi that operators can run too.
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { expect } from '@jest/globals'
import { asRoot, installed } from '../support/test.ts'

const script = fileURLToPath(new URL('../../scripts/compare-mod-wsgi', import.meta.url))

asRoot(
  'applications see and answer under wsgid what they do under Apache + mod_wsgi, documented differences aside',
  async () => {
    const { exitCode, all } = await execa(script, { all: true, reject: false })
    expect(all).not.toMatch(/^DIFFERENT: /m)
    expect(all).toMatch(/^environ: (?:[4-9]\d|\d{3}) requests compared, 0 unexplained differences$/m)
    expect(all).toMatch(/^projects: [4-9]\d requests compared, 0 unexplained differences$/m)
    expect(exitCode).toBe(0)
  },
  { needs: [installed('/usr/sbin/apache2', '/usr/lib/apache2/modules/mod_wsgi.so')], seconds: 120 },
)
