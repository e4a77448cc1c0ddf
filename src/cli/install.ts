// `wsgid install` and `wsgid uninstall`: put the files by which the system starts wsgid in their places, or take them away.
// Starts and stops nothing.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Argument, type Command } from 'commander'
import { execa } from 'execa'
import { defaultConfigFile } from '../config/default-config-file.ts'
import { CommandFailure } from './failure.ts'
import { pathsFor } from './init.ts'
import { apply, planInstall, planRemoval, type FileChange, type WantedFile } from './installed-files.ts'
import { renderServiceFile, serviceFiles, type ServiceFile } from './service-files.ts'

const inits = ['systemd', 'sysv'] as const
type Init = (typeof inits)[number]
type Options = Readonly<{ config: string; root: string; dryRun?: true; force?: true }>

const filesOf: Readonly<Record<Init, readonly ServiceFile[]>> = {
  systemd: ['systemd', 'tmpfiles', 'logrotate'],
  sysv: ['sysv', 'logrotate'],
}

/** Has the init system notice; only when the files went into the running system, not below another root. */
const noticed: Readonly<Record<Init, Readonly<Record<'install' | 'uninstall', readonly string[]>>>> = {
  systemd: { install: ['systemctl', 'daemon-reload'], uninstall: ['systemctl', 'daemon-reload'] },
  sysv: { install: ['update-rc.d', 'wsgid', 'defaults'], uninstall: ['update-rc.d', 'wsgid', 'remove'] },
}

const startedBy: Readonly<Record<Init, string>> = {
  systemd: 'systemctl enable --now wsgid',
  sysv: '/etc/init.d/wsgid start',
}

/** Adds `install` to the program. */
export function registerInstall(program: Command): void {
  register(program, 'install', {
    does: 'have the system start wsgid: put unit or init script, logrotate and tmpfiles into /etc; starts nothing',
    force: 'replace files that differ',
  })
}

/** Adds `uninstall` to the program. */
export function registerUninstall(program: Command): void {
  register(program, 'uninstall', {
    does: 'remove what install has put into /etc; stops nothing',
    force: 'remove files that were changed',
  })
}

type Texts = Readonly<{ does: string; force: string }>

function register(program: Command, name: 'install' | 'uninstall', { does, force }: Texts): void {
  program
    .command(name)
    .description(does)
    .addArgument(new Argument('[init]', 'default: systemd where it runs, else sysv').choices(inits))
    .option('-c, --config <file>', 'configuration file that the files name', defaultConfigFile)
    .option('--root <directory>', 'put them below this directory, as for a package', '/')
    .option('--dry-run', 'only say what would be done')
    .option('--force', force)
    .addHelpText('after', `\nExamples:\n  wsgid ${name} --dry-run\n  wsgid ${name} sysv`)
    .action((init: Init | undefined, options: Options) => change(name, init ?? theInit(), options))
}

async function change(command: 'install' | 'uninstall', init: Init, options: Options): Promise<void> {
  const wanted = filesOf[init].flatMap((file) => wantedFile(file, options))
  const changes = command === 'install' ? planInstall(wanted) : planRemoval(wanted)
  const contested = changes.filter(({ did }) => did === 'differs')
  if (contested.length > 0 && !options.force) throw new CommandFailure(refusal(command, contested))
  for (const each of changes) say(each, command, options)
  const isChanged = changes.some(({ did }) => did !== 'unchanged')
  if (!options.dryRun) for (const each of changes) applyOrFail(command, each)
  if (isChanged && options.root === '/') await notice(noticed[init][command], options)
  if (command === 'install') process.stdout.write(`start it with: ${startedBy[init]}\n`)
}

/** Without log files there is nothing to rotate. */
function wantedFile(file: ServiceFile, { config, root }: Options): readonly WantedFile[] {
  const paths = pathsFor(config)
  if (file === 'logrotate' && paths.logdir === '-') return []
  const { target, mode } = serviceFiles[file]
  return [{ path: join(root, target), mode, text: renderServiceFile(file, paths) }]
}

function refusal(command: string, contested: readonly FileChange[]): string {
  const names = contested.map(({ file }) => file.path).join(', ')
  return `${command}: ${names}: not as wsgid would write it: somebody has changed it, or it is of another installation; nothing was done; look at it, then use --force`
}

function say({ file, did }: FileChange, command: 'install' | 'uninstall', { dryRun }: Options): void {
  const verb = command === 'install' ? ['write', 'wrote'] : ['remove', 'removed']
  const done = dryRun ? `would ${verb[0] ?? ''}` : verb[1]
  process.stdout.write(did === 'unchanged' ? `unchanged ${file.path}\n` : `${done ?? ''} ${file.path}\n`)
}

function applyOrFail(command: string, each: FileChange): void {
  try {
    apply(each)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new CommandFailure(`${command}: ${why}; run this as root, or with --root DIRECTORY`)
  }
}

async function notice([program = '', ...args]: readonly string[], { dryRun }: Options): Promise<void> {
  const line = [program, ...args].join(' ')
  if (dryRun) return void process.stdout.write(`would run ${line}\n`)
  if (program === 'systemctl' && !isSystemdRunning()) return
  const { failed, code, shortMessage } = await execa(program, args, { reject: false, stdio: 'inherit' })
  // Not every system with init scripts has Debian's update-rc.d.
  if (code === 'ENOENT') process.stdout.write(`${program} is not installed: enable the script by your system's means\n`)
  else if (failed) throw new CommandFailure(`${line}: ${shortMessage}; the files are in place`)
}

const theInit = (): Init => (isSystemdRunning() ? 'systemd' : 'sysv')

/** As sd_booted(3) does it. */
const isSystemdRunning = (): boolean => existsSync('/run/systemd/system')
