// What stands between a route and the workers of an application that has `auth` or `static`. Applications without either have no gate.
import type { AuthPlan, StaticPlan } from '../plan/plan.ts'
import { Authentication, isBelow } from './authentication.ts'
import type { Exchange } from './exchange.ts'
import { NO_CREDENTIALS, type LoginContext, type Verdict } from './login.ts'
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
    for (const [name, value] of verdict.headers) exchange.response.appendHeader(name, value)
    // That somebody did not say who he is, is how every login begins.
    exchange.refuse(verdict.status, verdict.why, verdict.why === NO_CREDENTIALS ? 'info' : 'warn')
  }

  #admit(visitor: Visitor, login: Passed | null): void {
    const { pathInfo, exchange } = visitor
    const directory = this.#directories.find(({ prefix }) => isBelow(pathInfo, prefix))
    if (directory === undefined) return visitor.pass(login)
    const { request, response } = exchange
    response.once('close', () => tellEnd(exchange))
    const wanted = {
      ...{ request, response, directory, query: visitor.query },
      path: visitor.scriptName + pathInfo,
      below: pathInfo.slice(directory.prefix.length),
    }
    void answerStatic(wanted, (status, why, level) => exchange.refuse(status, why, level))
  }
}

/** A static file, or a redirection in its place, has gone out, or its client has; an error page is told of already. */
function tellEnd(exchange: Exchange): void {
  const { request, response } = exchange
  const { statusCode: status } = response
  const bytes = request.method === 'HEAD' || status === 304 ? 0 : Number(response.getHeader('Content-Length') ?? 0)
  if (!response.writableFinished) exchange.answeredHere(status, 0, 'client-gone')
  else exchange.answeredHere(status, bytes, 'ok')
}
