// What a client is answered, and the log told, when a worker reports FAILED instead of a response (docs/protocol.md). Pure.
import { FailureReason } from '../protocol/frames.ts'

/** @param detail the worker's word for the cause */
export function causeOfFailure(reason: number, detail: string): string {
  return `the application ${TEXTS[reason] ?? `failed for reason ${reason}`}: ${detail}`
}

export function statusOfFailure(reason: number): number {
  return STATUSES[reason] ?? 500
}

const TEXTS: Readonly<Record<number, string>> = {
  [FailureReason.raisedBeforeOutput]: 'raised',
  [FailureReason.brokeOff]: 'broke off its response',
  [FailureReason.brokeWsgiRules]: 'broke the rules of WSGI',
  [FailureReason.bodyBrokeOff]: 'got a request body that broke off',
  [FailureReason.timedOut]: 'ran too long',
  [FailureReason.forbidden]: 'was not called',
}

const STATUSES: Readonly<Record<number, number>> = {
  [FailureReason.timedOut]: 504,
  [FailureReason.forbidden]: 403,
}
