// Colours for people at a terminal. Knows what looks how, not what it means.

/** SGR parameters, ECMA-48 §8.3.117. */
const parameters = { bold: '1', inverse: '7', red: '31', green: '32', yellow: '33' } as const
export type Style = keyof typeof parameters

/** @returns the text in that style; escape sequences have no width, so align it before */
export function painted(text: string, style: Style): string {
  return `\u001b[${parameters[style]}m${text}\u001b[0m`
}

/** Whether whoever reads this stream wants colours: a terminal that can, and nobody set NO_COLOR (https://no-color.org). */
export function wantsColour(stream: Readonly<{ isTTY?: boolean }>, env: Readonly<NodeJS.ProcessEnv>): boolean {
  return stream.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb'
}
