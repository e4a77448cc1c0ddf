// Which precompressed variants of a file a client takes (RFC 9110 §12.5.3). Pure.

/** A variant by the ending of its file, in our order of preference: the smaller first. */
export const CODINGS = [
  { name: 'br', ending: '.br' },
  { name: 'gzip', ending: '.gz' },
] as const
export type Coding = (typeof CODINGS)[number]

/** @param header Accept-Encoding; "" without one: no variant then */
export function acceptedCodings(header: string): readonly Coding[] {
  if (header === '') return []
  const weights = new Map(header.split(',').map(weightOf))
  return CODINGS.filter(({ name }) => (weights.get(name) ?? weights.get(`x-${name}`) ?? weights.get('*') ?? 0) > 0)
}

function weightOf(element: string): readonly [string, number] {
  const [name = '', ...parameters] = element.split(';')
  const [, weight = '1'] = /^\s*q\s*=\s*([0-9.]+)\s*$/i.exec(parameters[0] ?? '') ?? []
  return [name.trim().toLowerCase(), Number(weight)]
}
