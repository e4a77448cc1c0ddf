// Recognizes whose a line of output is and which request it belongs to. Pure.

/** The Python side marks a line by RS, the pid, a space, the request's id (or nothing) and US: see src/worker. */
const marked = /^\u001e(\d{1,10}) ([A-Za-z0-9_-]{0,64})\u001f/

/** A line without its mark; what is written by others than Python's streams has none. */
export type OutputLine = Readonly<{ text: string; pid?: number; request?: string }>

export function readOutputLine(line: string): OutputLine {
  const [mark, pid, request = ''] = marked.exec(line) ?? []
  if (mark === undefined) return { text: line }
  return { text: line.slice(mark.length), pid: Number(pid), ...(request !== '' && { request }) }
}
