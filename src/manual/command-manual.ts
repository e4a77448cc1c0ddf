// wsgid(8), made from the definitions of the commands: what --help says, and what holds for all of them. Pure.
import { fromMarkdown } from './markdown.ts'
import { definition, heading, paragraph, preformatted, subheading, title, type Term } from './roff.ts'

/** A command as its --help describes it; `examples` are lines of a shell. */
export type DescribedCommand = Readonly<{
  usage: string
  description: string
  arguments: readonly Term[]
  options: readonly Term[]
  examples: string
}>

const description = `## Description

wsgid runs Python WSGI applications of many people on one machine, as Apache's mod_wsgi does with its daemon process groups, without Apache. A
supervisor reads what shall run, starts each group's workers as the group's user, and routers that take requests and hand them to the workers. Restarts
lose no request. The options of the configuration are described in wsgid.yaml(5).
`

const ending = `## Exit status

- \`0\`: done
- \`1\`: failed; what, why and what to do about it is on standard error
- \`2\`: wrong usage
- \`3\`: not running
- \`78\`: the configuration is invalid; every error has its place, and nothing was changed

\`exec\`, \`shell\` and their like end as their program does, with 128 + its number when a signal ended it.

## Signals

To the supervisor:

- \`TERM\`: as \`wsgid stop\`
- \`INT\`, \`QUIT\`: as \`wsgid stop --now\`
- \`HUP\`: as \`wsgid reload\`
- \`USR2\`: as \`wsgid restart\`, for all groups
- \`USR1\`: opens the logs anew, for logrotate(8)

To a worker:

- \`USR1\`: it is replaced, then ends when what it runs has finished
- \`TERM\`, \`INT\`: it ends within \`shutdown-timeout\` and is replaced

## Environment

- \`NO_COLOR\`: if not empty, no colours on terminals
- \`XDG_RUNTIME_DIR\`, \`XDG_STATE_HOME\`: where the defaults of \`run-dir\` and \`log-dir\` are, unless root starts wsgid
- \`NOTIFY_SOCKET\`, \`WATCHDOG_USEC\`, \`LISTEN_FDS\`: as systemd sets them; see sd_notify(3), sd_listen_fds(3)

## Files

- \`/etc/wsgid/wsgid.yaml\`: the configuration, unless \`-c\` names another
- \`/etc/wsgid/groups.d/*.yaml\`: one file for each process group, unless \`groups\` says otherwise
- \`/run/wsgid\`: sockets and pid file: \`run-dir\`
- \`/var/log/wsgid\`: wsgid.log and one log for each group: \`log-dir\`

## See also

wsgid.yaml(5), setpriv(1), logrotate(8), systemd.service(5)
`

/** The source of wsgid(8). */
export function commandManual(commands: readonly DescribedCommand[], version: string): string {
  return [
    title({ name: 'wsgid', section: 8, version, manual: "System Manager's Manual" }),
    `${heading('Name')}wsgid \\- runs Python WSGI applications in process groups\n`,
    heading('Synopsis'),
    preformatted(commands.map(({ usage }) => usage).join('\n')),
    fromMarkdown(description),
    heading('Commands'),
    ...commands.map(commandSection),
    fromMarkdown(ending),
  ].join('')
}

function commandSection({ usage, description, arguments: args, options, examples }: DescribedCommand): string {
  return [
    subheading(usage),
    paragraph(`${description.charAt(0).toUpperCase()}${description.slice(1)}.`),
    ...[...args, ...options].map(definition),
    ...(examples === '' ? [] : [paragraph('Examples:'), preformatted(examples)]),
  ].join('')
}
