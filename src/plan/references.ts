// Text with references to captures: "/srv/sites/${site}/conf". What a name stands for is the caller's business.

/** Literal text, and names in between. */
export type Piece = string | Readonly<{ name: string }>

// "$${" is a "${" that is meant as it stands.
const reference = /\$\$\{|\$\{([^{}]*)\}/g

/** Cuts a text at its references; an escaped one is literal text. */
export function piecesOf(text: string): readonly Piece[] {
  const pieces: Piece[] = []
  let end = 0
  for (const found of text.matchAll(reference)) {
    const [written, name] = found
    pieces.push(text.slice(end, found.index), name === undefined ? '${' : { name })
    end = found.index + written.length
  }
  pieces.push(text.slice(end))
  return pieces.filter((piece) => piece !== '')
}

/** The names that a text refers to, as often as it does. */
export function namesIn(text: string): readonly string[] {
  return piecesOf(text).flatMap((piece) => (typeof piece === 'string' ? [] : [piece.name]))
}

/** Whether a text depends on a capture. */
export const hasReferences = (text: string): boolean => namesIn(text).length > 0

/**
 * A function that gives the text with its references replaced by the values of their names; a name without one becomes "". The text is
 * taken apart now, since requests ask for it.
 */
export function expander(text: string): (values: Readonly<Record<string, string>>) => string {
  const pieces = piecesOf(text)
  return (values) => {
    let expanded = ''
    for (const piece of pieces) expanded += typeof piece === 'string' ? piece : (values[piece.name] ?? '')
    return expanded
  }
}
