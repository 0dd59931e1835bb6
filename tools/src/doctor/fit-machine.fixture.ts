import type { DoctorMachine } from './doctor-machine.ts'

const gibibyte = 2 ** 30
const lock = (packages: object) => JSON.stringify({ lockfileVersion: 3, packages })
const zod = { version: '4.6.7', integrity: 'sha512-z' }

/** The files of a checkout in which npm ci has run. */
export const fitFiles: Readonly<Record<string, string>> = {
  '/hydra/package-lock.json': lock({
    '': { version: '0.1.0' },
    'libs/bots': { version: '0.1.0' },
    'node_modules/@hydra/bots': { link: true },
    'node_modules/zod': zod,
    'node_modules/fsevents': { version: '2.3.3', optional: true },
  }),
  '/hydra/node_modules/.package-lock.json': lock({
    'libs/bots': { version: '0.1.0' },
    'node_modules/zod': zod,
  }),
}

/** A machine that has everything; a test takes away what it is about. */
export const fitMachine = (
  changes: Partial<DoctorMachine> & { readonly files?: Readonly<Record<string, string>> } = {},
): DoctorMachine => {
  const { files = fitFiles, ...rest } = changes
  return {
    root: '/hydra',
    tempFolder: '/tmp',
    env: {},
    platform: 'linux',
    arch: 'x64',
    nodeVersion: '20.20.2',
    nodePath: '/usr/bin/node',
    nodeAbi: '115',
    glibcVersion: '2.36',
    memoryBytes: 8 * gibibyte,
    openFilesMax: 65_536,
    canInstall: false,
    readText: (path) => files[path],
    find: (program) => `/usr/bin/${program}`,
    findServer: (program) => `/usr/sbin/${program}`,
    run: async () => ({ exitCode: 0, output: 'version 1.2.3' }),
    isPortFree: async () => true,
    freeBytes: () => 50 * gibibyte,
    answers: async () => false,
    ...rest,
  }
}
