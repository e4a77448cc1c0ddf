// What completes `wsgid …` in a shell, made from the definitions of the commands. Pure; names of groups are asked for when they are wanted.

/** One command as a shell completes it. */
export type CompletedCommand = Readonly<{
  name: string
  description: string
  /** Whether its arguments are groups. */
  groups: boolean
  /** Words for its argument. */
  choices: readonly string[]
  options: readonly CompletedOption[]
}>

/** `short` without its dash, `long` without its two. */
export type CompletedOption = Readonly<{ short: string | null; long: string; value: boolean; description: string }>

export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

/** The text to be read by the shell. */
export function completionScript(shell: Shell, commands: readonly CompletedCommand[]): string {
  switch (shell) {
    case 'bash':
      return `${wordsFunction(commands)}${bashEnd}`
    case 'zsh':
      return `#compdef wsgid\n${wordsFunction(commands)}${zshEnd}`
    case 'fish':
      return fishScript(commands)
  }
}

/** bash and zsh share it: prints the words that may stand behind a command, or where there is none yet. */
function wordsFunction(commands: readonly CompletedCommand[]): string {
  const cases = commands.map(({ name, groups, choices, options }) => {
    const words = [...choices, ...options.map(({ long }) => `--${long}`)].join(' ')
    return `    ${name}) echo "${words}"${groups ? '; wsgid completion groups 2>/dev/null' : ''} ;;`
  })
  const names = commands.map(({ name }) => name).join(' ')
  return `_wsgid_words() {
  case $1 in
${cases.join('\n')}
    *) echo "${names} --help --version" ;;
  esac
}
`
}

const bashEnd = `_wsgid() {
  local command=
  [ "$COMP_CWORD" -gt 1 ] && command=\${COMP_WORDS[1]}
  case \${COMP_WORDS[COMP_CWORD-1]} in
    -c|--config) COMPREPLY=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}")); return ;;
  esac
  COMPREPLY=($(compgen -W "$(_wsgid_words "$command")" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _wsgid wsgid
`

const zshEnd = `_wsgid() {
  local command=
  (( CURRENT > 2 )) && command=$words[2]
  case $words[CURRENT-1] in
    -c|--config) _files; return ;;
  esac
  compadd -- \${=$(_wsgid_words "$command")} || _files
}
if [[ $funcstack[1] == _wsgid ]]; then _wsgid "$@"; else compdef _wsgid wsgid; fi
`

function fishScript(commands: readonly CompletedCommand[]): string {
  const lines = commands.flatMap(({ name, description, groups, choices, options }) => {
    const behind = `complete -c wsgid -n '__fish_seen_subcommand_from ${name}'`
    return [
      `complete -c wsgid -f -n __fish_use_subcommand -a ${name} -d ${fishQuoted(description)}`,
      ...(choices.length > 0 ? [`${behind} -f -a ${fishQuoted(choices.join(' '))}`] : []),
      ...(groups ? [`${behind} -f -a '(wsgid completion groups 2>/dev/null)'`] : []),
      ...options.map((option) => `${behind}${fishOption(option)}`),
    ]
  })
  return `${lines.join('\n')}\n`
}

function fishOption({ short, long, value, description }: CompletedOption): string {
  return `${short === null ? '' : ` -s ${short}`} -l ${long}${value ? ' -r' : ''} -d ${fishQuoted(description)}`
}

const fishQuoted = (text: string): string => `'${text.replaceAll(/['\\]/g, '\\$&')}'`
