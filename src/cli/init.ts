// `wsgid init`: prints a file by which the system starts wsgid, or writes it.
import { chmodSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Argument, type Command } from 'commander'
import { defaultConfigFile } from '../config/default-config-file.ts'
import { CommandFailure } from './failure.ts'
import { findDirectories } from './find-run-dir.ts'
import {
  installedPrograms,
  renderServiceFile,
  serviceFiles,
  type ServiceFile,
  type ServicePaths,
} from './service-files.ts'

type Options = Readonly<{ config: string; output?: string; force?: true }>

/** Adds the command to the program. */
export function registerInit(program: Command): void {
  program
    .command('init')
    .description('print a systemd unit, an init script, or files for logrotate and systemd-tmpfiles')
    .addArgument(new Argument('<file>', 'which one').choices(Object.keys(serviceFiles)))
    .option('-c, --config <file>', 'configuration file that it shall name', defaultConfigFile)
    .option('-o, --output <file>', 'write it there instead of printing it')
    .option('--force', 'replace an existing file')
    .addHelpText('after', '\nExamples:\n  wsgid init systemd\n  wsgid init sysv --output /etc/init.d/wsgid')
    .action((file: ServiceFile, options: Options) => init(file, options))
}

function init(file: ServiceFile, { config, output, force }: Options): void {
  const text = renderServiceFile(file, pathsFor(config))
  if (output === undefined) process.stdout.write(text)
  else write(output, text, { mode: serviceFiles[file].mode, flag: force ? 'w' : 'wx' })
}

/** This installation's programs and the directories of a configuration, as root has them. */
export function pathsFor(config: string): ServicePaths {
  const { runDir: rundir, logDir: logdir } = findDirectories(config, 0)
  return { ...installedPrograms(), config: resolve(config), rundir, logdir }
}

function write(path: string, text: string, how: Readonly<{ mode: number; flag: 'w' | 'wx' }>): void {
  try {
    writeFileSync(path, text, how)
    chmodSync(path, how.mode)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const cure = why.startsWith('EEXIST') ? 'replace it by --force' : 'name a file that you may write'
    throw new CommandFailure(`init: cannot write ${path}: ${why}; ${cure}`)
  }
}
