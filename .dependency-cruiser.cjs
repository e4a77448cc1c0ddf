// The direction of imports, as docs/architecture.md tells it: a folder imports only from those listed for it.
const allowed = {
  config: [],
  manual: ['config'],
  apache: ['config'],
  plan: ['config'],
  lifecycle: ['plan'],
  protocol: ['plan'],
  facts: ['config', 'plan'],
  launch: ['plan'],
  observe: ['config', 'lifecycle', 'plan', 'protocol'],
  control: ['lifecycle', 'plan'],
  router: ['protocol', 'plan'],
  supervisor: ['config', 'plan', 'lifecycle', 'protocol', 'facts', 'launch', 'observe', 'control'],
  cli: ['apache', 'manual', 'config', 'plan', 'lifecycle', 'facts', 'control', 'observe', 'launch', 'supervisor'],
}

const directions = Object.entries(allowed).map(([folder, below]) => ({
  name: `${folder}-imports-downwards`,
  severity: 'error',
  from: { path: `^src/${folder}/`, pathNot: '\\.test\\.ts$' },
  to: { path: '^src/[^/]+/', pathNot: `^src/(${[folder, ...below].join('|')})/` },
}))

const pure = ['apache', 'manual', 'config', 'plan', 'lifecycle', 'protocol']

module.exports = {
  forbidden: [
    ...directions,
    {
      name: 'pure-folders-touch-nothing',
      severity: 'error',
      from: { path: `^src/(${pure.join('|')})/`, pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'], pathNot: '^(path|node:path)$' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
  },
}
