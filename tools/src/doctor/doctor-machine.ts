import { readFileSync, statfsSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir, totalmem } from 'node:os'
import { findBinary, type Environment } from '@hydra/testing'
import { answers } from '../bots/http-url.ts'
import { thisMachine } from '../test/machine.ts'
import { runProcess } from '../test/run-process.ts'

/** What a program has said. */
export interface ProgramResult {
  /** `null` when a signal, or the end of patience, ended it; or it could not be started. */
  readonly exitCode: number | null
  readonly output: string
}

/** What checks look at. */
export interface DoctorMachine {
  /** Of the checkout. */
  readonly root: string
  readonly tempFolder: string
  readonly env: Environment
  readonly platform: NodeJS.Platform
  readonly arch: string
  /** Without the `v`. */
  readonly nodeVersion: string
  readonly nodePath: string
  /** Number of the interface that native modules are built for. */
  readonly nodeAbi: string
  /** Absent where the C library is another one. */
  readonly glibcVersion: string | undefined
  readonly memoryBytes: number
  /** Files and connections that one process may have open; absent where there is no such limit. */
  readonly openFilesMax: number | undefined
  /** Whether `npm test` may install packages by itself. */
  readonly canInstall: boolean
  /** `undefined` when there is no such file. */
  readText(path: string): string | undefined
  /** Where a program is, in `PATH` and where programs usually are. */
  find(program: string): string | undefined
  /** Where a program of a server is: the same, or only in the folders of `HYDRA_TEST_SERVER_PATH`. */
  findServer(program: string): string | undefined
  /** For ten seconds at most. */
  run(command: string, args: readonly string[]): Promise<ProgramResult>
  isPortFree(port: number): Promise<boolean>
  /** `undefined` when there is no such folder. */
  freeBytes(folder: string): number | undefined
  /** Whether an http service is there. */
  answers(httpUrl: string): Promise<boolean>
}

const patienceMs = 10_000

/** The machine that this runs on. */
export function doctorMachine(root: string, env: Environment = process.env): DoctorMachine {
  const { glibcVersion, openFilesMax } = fromReport()
  return {
    root,
    tempFolder: tmpdir(),
    env,
    platform: process.platform,
    arch: process.arch,
    nodeVersion: process.versions.node,
    nodePath: process.execPath,
    nodeAbi: process.versions.modules,
    glibcVersion,
    memoryBytes: totalmem(),
    openFilesMax,
    canInstall: thisMachine(env).canInstall,
    readText,
    find: (program) => findBinary(program, { PATH: env['PATH'] }),
    findServer: (program) => findBinary(program, env),
    run,
    isPortFree,
    freeBytes,
    answers,
  }
}

/** @see https://nodejs.org/api/report.html */
function fromReport(): {
  readonly glibcVersion: string | undefined
  readonly openFilesMax: number | undefined
} {
  // Otherwise it looks up the names of all addresses of the machine.
  Object.assign(process.report, { excludeNetwork: true })
  const report = process.report.getReport() as {
    readonly header?: { readonly glibcVersionRuntime?: string }
    readonly userLimits?: { readonly open_files?: { readonly soft?: unknown } }
  }
  const limit = report.userLimits?.open_files?.soft
  return {
    glibcVersion: report.header?.glibcVersionRuntime,
    openFilesMax: typeof limit === 'number' ? limit : undefined,
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // Whatever keeps it from being read: it is not there for Hydra either.
    return undefined
  }
}

async function run(command: string, args: readonly string[]): Promise<ProgramResult> {
  const signal = AbortSignal.timeout(patienceMs)
  try {
    return await runProcess({ command, args, env: process.env, output: 'capture', signal })
  } catch (error) {
    return { exitCode: null, output: error instanceof Error ? error.message : String(error) }
  }
}

function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host: '0.0.0.0', exclusive: true }, () => server.close(() => resolve(true)))
  })
}

function freeBytes(folder: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize
  } catch {
    return undefined
  }
}
