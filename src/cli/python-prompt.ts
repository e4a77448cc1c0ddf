// The command of `wsgid shell`. Pure.
import type { GroupPlan } from '../plan/plan.ts'

/** As src/worker's process.py: python-path with its .pth files comes first, before it home; not the directory that python -c is started in. */
const preparation = `
import site, sys
def _prepare(home, *paths):
    del sys.path[0]
    known = list(sys.path)
    for path in paths:
        if path not in sys.path:
            sys.path.append(path)
        site.addsitedir(path)
    sys.path[:] = ([home] if home else []) + [p for p in sys.path if p not in known] + known
_prepare(*sys.argv[1:])
sys.argv[1:] = []
del _prepare
`
const standardInput = "exec(compile(sys.stdin.read(), '<stdin>', 'exec'))\n"

/** @param onTerminal false: what comes by standard input is run as a script */
export function pythonPrompt(
  { python, home, pythonPath }: Pick<GroupPlan, 'python' | 'home' | 'pythonPath'>,
  onTerminal: boolean,
): readonly string[] {
  const code = onTerminal ? ['-i', '-c', preparation] : ['-c', preparation + standardInput]
  return [python, ...code, home ?? '', ...pythonPath]
}
