// A thread of the router that does nothing but compute password hashes, one at a time. See password-checker.ts.
import { parentPort } from 'node:worker_threads'
import { isPasswordOf } from './password-hashes.ts'

/** `password`: bytes as latin-1. */
export type PasswordQuestion = Readonly<{ password: string; hash: string }>

parentPort?.on('message', ({ password, hash }: PasswordQuestion) => {
  parentPort?.postMessage(isPasswordOf(Buffer.from(password, 'latin1'), hash))
})
