import { parseArgs, type ParseArgsConfig } from 'node:util'
import { HydraError } from '@hydra/protocol'
import { exitCode } from '@hydra/runtime'
import { TestServerError } from '@hydra/testing'
import { Interrupted } from '../test/interrupt.ts'
import { ClusterError } from './cluster-error.ts'

/** The exit codes of every command about the local cluster, for the end of a `usage` text. */
export const commonExitCodes = `      2 the command line is not understood`

type Parsed<T extends ParseArgsConfig> = ReturnType<typeof parseArgs<T>>

/**
 * Runs a command: `--help`, or the work; tells a person what did not work out, and exits with the code for it.
 *
 * @param usage printed for `--help`; an option of that name is understood by every command
 * @param config what `parseArgs` of node:util is asked
 * @example await runCommand(usage, { options: { dir: { type: 'string' } } }, async ({ values }) => 0)
 */
export async function runCommand<const T extends ParseArgsConfig>(
  usage: string,
  config: T,
  work: (parsed: Parsed<T>) => Promise<number>,
): Promise<void> {
  if (process.argv.slice(2).some((word) => word === '--help' || word === '-h')) {
    process.stdout.write(usage)
    return
  }
  // What it throws is told by the launcher.
  const parsed = parseArgs(config)
  try {
    process.exitCode = await work(parsed)
  } catch (error) {
    process.exitCode = explain(error)
  }
}

function explain(error: unknown): number {
  if (error instanceof ClusterError) return tell(error.message, error.exitCode)
  if (error instanceof HydraError) {
    const cause = error.cause instanceof Error ? ` (${error.cause.message})` : ''
    const code = error.code === 'CONFIG_INVALID' ? exitCode.config : exitCode.unavailable
    return tell(`${error.message}${cause}`, code)
  }
  if (error instanceof TestServerError) return tell(error.message, exitCode.unavailable)
  if (error instanceof Interrupted) return tell(error.message, error.exitCode)
  if (isBuildFailure(error)) return tell('The build failed; see above.', exitCode.stopFailed)
  return tell(error instanceof Error ? (error.stack ?? error.message) : String(error), exitCode.software)
}

function tell(message: string, code: number): number {
  process.stderr.write(`${message}\n`)
  return code
}

/** esbuild has printed what is wrong with the sources. */
const isBuildFailure = (error: unknown): boolean =>
  error instanceof Error && 'errors' in error && 'warnings' in error
