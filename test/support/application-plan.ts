// Applications as plans have them, with a default for everything a test does not care about.
import type { ApplicationPlan } from '../../src/plan/plan.ts'

/** A script at "/". */
export function anApplicationPlan(wanted: Partial<ApplicationPlan> = {}): ApplicationPlan {
  return {
    ...{ mount: '', match: null, hosts: [], aliases: [], order: { file: '/etc/wsgid/groups.d/a.yaml', index: 0 } },
    ...{ processGroup: null, applicationGroup: '', requireFile: null, lazy: false, environ: {}, capturedEnviron: {} },
    ...{ auth: null, static: [] },
    entry: { kind: 'script', path: '/app.py', callable: 'application' },
    ...wanted,
  }
}
