// The Date field of responses.

let dateSecond = 0
let dateText = ''

/** The Date field (RFC 9110 §6.6.1) as a whole line, made once a second. */
export function dateField(): string {
  const second = Math.floor(Date.now() / 1000)
  if (second !== dateSecond) {
    dateSecond = second
    dateText = `Date: ${new Date(second * 1000).toUTCString()}\r\n`
  }
  return dateText
}
