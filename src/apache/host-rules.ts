// Order, Allow and Deny of mod_access_compat: whether they keep some clients out. Which, nobody here can tell, so who it is does not matter.
import type { HostRule, Settings } from './collected.ts'
import type { Holding } from './sections.ts'

/**
 * Whether the rules of one section leave somebody out.
 *
 * By Deny,Allow, the default, who is not denied may pass, and who is allowed; by the other orders only who is allowed and not denied.
 *
 * @see mod_access_compat, "Order"
 */
export function leavesOut({ hostRules }: Pick<Settings, 'hostRules'>): boolean {
  const has = (name: HostRule['name'], args?: string): boolean =>
    hostRules.some((rule) => rule.name === name && (args === undefined || rule.args === args))
  const order = hostRules.findLast(({ name }) => name === 'order')?.args ?? 'deny,allow'
  return order === 'deny,allow' ? has('deny') && !has('allow', 'from all') : has('deny') || !has('allow', 'from all')
}

/** Whether somebody is left out where these hold: of several sections the innermost with any rule has the say. */
export function areLeftOut(holdings: readonly Holding[]): boolean {
  const deciding = holdings.findLast(({ overlay }) => overlay.settings.hostRules.length > 0)
  return deciding !== undefined && leavesOut(deciding.overlay.settings)
}
