// How a line of a log reads. Pure: whatever a tenant prints, the result is one line of printable text behind our own prefix.
import { applicationGroupIn, processGroupOf } from '../plan/application-groups.ts'

export type Level = 'info' | 'warn' | 'error' | 'stdout' | 'stderr'

/** Who speaks; fields appear in this order. */
export type Speaker = Readonly<{
  /** The name of a part of it, where there are several. */
  group?: string
  worker?: number
  gen?: number
  router?: number
  pid?: number
  request?: string
}>

const order = ['worker', 'gen', 'router', 'pid', 'request'] as const

/** `2026-11-21T07:44:00.123Z [stderr] group=site-1 pid=812 request=k3f9 text`, with a line feed. */
export function renderLine(at: Date, level: Level, speaker: Speaker, text: string): string {
  let fields = speaker.group === undefined ? '' : groupFields(speaker.group)
  for (const key of order) {
    const value = speaker[key]
    if (value !== undefined) fields += `${key}=${value} `
  }
  return `${at.toISOString()} [${level}] ${escapeControls(fields + text)}\n`
}

/** Workers are numbered in each part of a group by itself: where there are several, the application group tells them apart. */
function groupFields(part: string): string {
  const applicationGroup = applicationGroupIn(part)
  if (applicationGroup === '') return `group=${part} `
  return `group=${processGroupOf(part)} application-group=${applicationGroup} `
}

// C0 but for tab, DEL, C1 (a terminal takes U+009B for ESC [), and the two separators that some viewers break lines at.

const controls = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029]/g

/** Replaces characters that could break a line or steer a terminal by `\x1b` or `\u2028`. */
export function escapeControls(text: string): string {
  return text.replace(controls, (character) => {
    const code = character.charCodeAt(0)
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`
  })
}
