// A request that a scenario sends, and the check that its answer is the right one before it is measured.

/** `lengthIs`: an answer too large to be compared is checked by its length. */
export type Request = Readonly<{
  path: string
  /** Sent with POST; default: GET without a body. */
  body?: string
  /** A connection of its own for each request; default: they are kept. */
  close?: boolean
  expected: Readonly<{ body: string | RegExp } | { lengthIs: number }>
}>

/** Sends it once. @throws when status or body are not as expected */
export async function checkAnswer(base: string, request: Request, signal: AbortSignal): Promise<void> {
  const url = new URL(request.path, base).href
  const response = await fetch(url, {
    ...(request.body !== undefined && { method: 'POST', body: request.body }),
    signal: AbortSignal.any([signal, AbortSignal.timeout(30_000)]),
  })
  if (response.status !== 200) throw new Error(`${url}: answers ${response.status}`)
  const text = await response.text()
  if (!isExpected(text, request.expected))
    throw new Error(`${url}: answers ${text.length} bytes: ${text.slice(0, 200)}`)
}

function isExpected(text: string, expected: Request['expected']): boolean {
  if ('lengthIs' in expected) return text.length === expected.lengthIs
  return typeof expected.body === 'string' ? text === expected.body : expected.body.test(text)
}
