// The accounts that tests run tenants as, by /etc/passwd and /etc/group.
import { readFileSync } from 'node:fs'

export type Account = Readonly<{ name: string; uid: number; gid: number; home: string }>

/** @throws when there is no such account */
export function account(name: string): Account {
  const fields = lineOf('/etc/passwd', name)
  return { name, uid: Number(fields[2]), gid: Number(fields[3]), home: fields[5] ?? '/' }
}

/** The gid of a group by name. @throws when there is none */
export function groupId(name: string): number {
  return Number(lineOf('/etc/group', name)[2])
}

function lineOf(file: string, name: string): readonly string[] {
  const line = readFileSync(file, 'utf8')
    .split('\n')
    .find((candidate) => candidate.startsWith(`${name}:`))
  if (line === undefined) throw new Error(`${file} has no ${name}`)
  return line.split(':')
}
