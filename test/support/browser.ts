// What a browser does that a WSGI site's sessions depend on: keeps cookies and sends forms.
import { request, type Answer, type RequestOptions } from './http.ts'

export class Browser {
  readonly cookies = new Map<string, string>()

  async visit(url: string, options: RequestOptions = {}): Promise<Answer> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { ...(cookie === '' ? {} : { Cookie: cookie }), ...options.headers }
    const answer = await request(url, { ...options, headers })
    for (const line of answer.headers['set-cookie'] ?? []) this.#keep(line)
    return answer
  }

  /** Posts a form as multipart/form-data. */
  async submit(url: string, form: FormData): Promise<Answer> {
    const encoded = new Response(form)
    const body = Buffer.from(await encoded.arrayBuffer())
    const type = encoded.headers.get('content-type') ?? ''
    return this.visit(url, { method: 'POST', body, headers: { 'Content-Type': type, 'Content-Length': body.length } })
  }

  #keep(line: string): void {
    const [pair = ''] = line.split(';')
    const [name = '', value = ''] = pair.split('=')
    this.cookies.set(name, value)
  }
}

/** A form of text fields and files. */
export function aForm(fields: Readonly<Record<string, string | Blob>>): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'string') form.append(name, value)
    else form.append(name, value, 'attachment.bin')
  }
  return form
}
