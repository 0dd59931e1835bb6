import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { startReaper, startSharedServers, type Reaper, type SharedServers } from '@hydra/testing'
import { planBackends, serverTitles, type BackendsPlan } from './backends.ts'
import { installServers } from './install.ts'
import { leftOutSentences } from './left-out.ts'
import { thisMachine } from './machine.ts'
import { planSteps } from './plan-steps.ts'
import { unreachable } from './reachable.ts'
import { readTestCounts } from './results.ts'
import { runSteps, seconds } from './steps.ts'
import { isGreen, summarise } from './summary.ts'

/** What a run needs from outside. */
export interface RunTestsOptions {
  /** The folder of the repository. */
  readonly root: string
  /** Arguments for vitest; with any, the other steps are left out. */
  readonly vitestArgs: readonly string[]
  readonly signal: AbortSignal
  readonly print: (text: string) => void
}

type Runnable = Exclude<BackendsPlan, { kind: 'install' | 'impossible' }>

/**
 * The whole of `npm test`: settles where the servers come from, starts them, runs the steps, sums up, and leaves nothing
 * behind, however it ends.
 *
 * @returns the exit code
 * @throws the signal's reason when it was aborted, after everything has been taken down
 */
export const runTests = async (options: RunTestsOptions): Promise<number> => {
  const { root, signal, print, vitestArgs } = options
  const plan = await settleBackends(options)
  if (plan === undefined) return 1
  const reaper = await startReaper()
  try {
    const servers = await startServers(plan, reaper, options)
    // Whatever the steps put into the temporary folder of the system is removed with the run, caches too.
    const temporary = join(reaper.dir, 'tmp')
    await mkdir(temporary)
    const resultsFile = join(reaper.dir, 'vitest.json')
    const steps = planSteps({ root, resultsFile, vitestArgs })
    const results = await runSteps(steps, {
      env: {
        ...process.env,
        ...servers.env,
        TMPDIR: temporary,
        TSX_DISABLE_CACHE: undefined,
        ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}),
      },
      signal,
      print,
    })
    const done = new Set(results.map(({ name }) => name))
    const outcome = {
      steps: results,
      notRun: steps.map(({ name }) => name).filter((name) => !done.has(name)),
      tests: await readTestCounts(resultsFile),
      leftOut: leftOutSentences(plan, root, process.env),
    }
    await reaper.close()
    print(summarise(outcome))
    return isGreen(outcome) ? 0 : 1
  } finally {
    await reaper.close()
  }
}

const settleBackends = async ({ signal, print }: RunTestsOptions): Promise<Runnable | undefined> => {
  let plan = planBackends(thisMachine())
  if (plan.kind === 'install') {
    print(`Not installed: ${plan.missing.map((kind) => serverTitles[kind]).join(', ')}.`)
    await installServers(plan.missing, { signal, print })
    plan = planBackends({ ...thisMachine(), canInstall: false })
  }
  if (plan.kind === 'impossible') {
    print(plan.message)
    return undefined
  }
  if (plan.kind === 'servers') {
    const complaints = await unreachable(plan.given, process.env)
    for (const complaint of complaints) print(complaint)
    if (complaints.length > 0) return undefined
  }
  return plan.kind === 'install' ? undefined : plan
}

const startServers = async (
  plan: Runnable,
  reaper: Reaper,
  { signal, print }: RunTestsOptions,
): Promise<SharedServers> => {
  if (plan.kind === 'embedded') print('Backends: embedded drivers only')
  signal.throwIfAborted()
  const servers = await orAborted(startSharedServers(reaper, process.env), signal)
  const started = servers.started.map(
    ({ kind, startedInMs }) => `${serverTitles[kind]} ${seconds(startedInMs)}`,
  )
  if (started.length > 0) print(`Backends: started ${started.join(', ')}`)
  if (plan.kind === 'servers' && plan.given.length > 0) {
    print(`Backends: given by url ${plan.given.map((kind) => serverTitles[kind]).join(', ')}`)
  }
  return servers
}

/** Starting cannot be called off; the reaper ends what comes of it. */
const orAborted = async <T>(work: Promise<T>, signal: AbortSignal): Promise<T> => {
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  return Promise.race([work, aborted])
}
