// What stands between a route and the workers of an application that has `auth` or `static`. Applications without either have no gate.
import type { AuthPlan, StaticPlan } from '../plan/plan.ts'
import { Authentication, isBelow } from './authentication.ts'
import { answerWithError } from './error-page.ts'
import type { Exchange } from './exchange.ts'
import type { LoginContext, Verdict } from './login.ts'
import { causeOfStatus } from './request-end.ts'
import { answerStatic } from './static-answer.ts'

/** A request at the gate. */
export type Visitor = Readonly<{
  exchange: Exchange
  /** SCRIPT_NAME, PATH_INFO and QUERY_STRING. */
  scriptName: string
  pathInfo: string
  query: string
  /** Lets it through to a worker; null: nobody was asked who it is. */
  pass: (login: Passed | null) => void
}>

/** Who was let through: bytes as latin-1, and AUTH_TYPE. */
export type Passed = Readonly<{ user: string; type: string }>

/** What of an application makes a gate. */
export type Guards = Readonly<{ auth: AuthPlan | null; static: readonly StaticPlan[] }>

export class Gate {
  readonly #authentication: Authentication | null
  /** Longest prefix first. */
  readonly #directories: readonly StaticPlan[]

  constructor(group: string, { auth, static: directories }: Guards, context: LoginContext) {
    this.#authentication = auth === null ? null : new Authentication(group, auth, context)
    this.#directories = [...directories].sort((a, b) => b.prefix.length - a.prefix.length)
  }

  enter(visitor: Visitor): void {
    const authentication = this.#authentication
    if (authentication?.covers(visitor.pathInfo) !== true) return this.#admit(visitor, null)
    const { request } = visitor.exchange
    const verdict = authentication.judge({
      authorization: request.headers.authorization ?? '',
      method: request.method ?? '',
      url: request.url ?? '',
      address: visitor.exchange.address,
    })
    const { type } = authentication.login
    if (verdict instanceof Promise) void verdict.then((late) => this.#heed(visitor, late, type))
    else this.#heed(visitor, verdict, type)
  }

  #heed(visitor: Visitor, verdict: Verdict, type: string): void {
    const { exchange } = visitor
    // While it was checked the client may have gone.
    if (exchange.done) return
    if (verdict.ok) exchange.user = verdict.user
    if (verdict.ok) return this.#admit(visitor, { user: verdict.user, type })
    // That somebody did not say who he is, is how every login begins: no line in the log.
    if (verdict.why !== 'no credentials')
      exchange.group.log('warn', exchange, `answered ${verdict.status}: ${verdict.why}`)
    refuse(exchange, verdict.status, verdict.headers)
  }

  #admit(visitor: Visitor, login: Passed | null): void {
    const { pathInfo, exchange } = visitor
    const directory = this.#directories.find(({ prefix }) => isBelow(pathInfo, prefix))
    if (directory === undefined) return visitor.pass(login)
    const { request, response, group } = exchange
    response.once('close', () => tellEnd(exchange))
    const wanted = {
      ...{ request, response, directory, query: visitor.query },
      path: visitor.scriptName + pathInfo,
      below: pathInfo.slice(directory.prefix.length),
    }
    void answerStatic(wanted, {
      refuse: (status, detail) => {
        if (detail !== null) group.log('error', exchange, `answered ${status}: ${detail}`)
        answerWithError(response, status, exchange.requestId)
      },
      watch: () => exchange.watchClient(),
    })
  }
}

function refuse(exchange: Exchange, status: number, headers: readonly (readonly [string, string])[]): void {
  const { response } = exchange
  for (const [name, value] of headers) response.appendHeader(name, value)
  const bytes = answerWithError(response, status, exchange.requestId)
  exchange.answeredHere(status, bytes, causeOfStatus(status))
}

/** A static file, or what came in its place, has gone out, or its client has. */
function tellEnd(exchange: Exchange): void {
  const { request, response } = exchange
  const { statusCode: status } = response
  const bytes = request.method === 'HEAD' || status === 304 ? 0 : Number(response.getHeader('Content-Length') ?? 0)
  if (!response.writableFinished) exchange.answeredHere(status, 0, 'client-gone')
  else exchange.answeredHere(status, bytes, status < 400 ? 'ok' : causeOfStatus(status))
}
