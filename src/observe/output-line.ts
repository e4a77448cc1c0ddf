// Recognizes which request a line of a worker's output belongs to. Pure.

/** The Python side marks a line by RS, the request's id and US: see src/worker. */
const marked = /^\u001e([A-Za-z0-9_-]{1,64})\u001f/

/** @returns the line without its mark, and the request's id when it has one */
export function readOutputLine(line: string): { text: string; request?: string } {
  const [mark, request] = marked.exec(line) ?? []
  return mark === undefined || request === undefined ? { text: line } : { text: line.slice(mark.length), request }
}
