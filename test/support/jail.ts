// A root directory with this machine's Python, env and /dev/null in it: the smallest chroot that a group can have.
import { chmod, cp, mkdir, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { makeSite } from './site.ts'

const programs = ['/usr/bin/python3', '/usr/bin/env']
// Large, and nothing that a worker imports.
const needless = /\/(?:__pycache__|test|idlelib|lib2to3|ensurepip|tkinter|distutils|config-[^/]*)$/

/** Makes one, removed at the end of the test; its path. Half a second. */
export async function makeJail(): Promise<string> {
  const site = await makeSite()
  const jail = site.path('jail')
  await mkdir(join(jail, 'tmp'), { recursive: true })
  await chmod(join(jail, 'tmp'), 0o1777)
  await mkdir(join(jail, 'dev'))
  await execa('mknod', ['-m', '666', join(jail, 'dev/null'), 'c', '1', '3'])
  const library = await standardLibrary()
  await cp(library, join(jail, library), { recursive: true, filter: (source) => !needless.test(source) })
  const modules = (await readdir(join(library, 'lib-dynload'))).map((name) => join(library, 'lib-dynload', name))
  for (const file of [...programs, ...(await librariesOf([...programs, ...modules]))]) {
    await mkdir(dirname(join(jail, file)), { recursive: true })
    await cp(file, join(jail, file), { dereference: true })
  }
  return jail
}

async function standardLibrary(): Promise<string> {
  const { stdout } = await execa('/usr/bin/python3', ['-c', 'import sysconfig; print(sysconfig.get_path("stdlib"))'])
  return stdout
}

/** The shared libraries that programs and modules need, with the loader. */
async function librariesOf(files: readonly string[]): Promise<ReadonlySet<string>> {
  const { stdout } = await execa('/usr/bin/ldd', files)
  return new Set([...stdout.matchAll(/(?:=> |^\t)(\/\S+) \(0x/gm)].map(([, path = '']) => path))
}
