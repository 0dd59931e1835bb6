import { parseArgs } from 'node:util'
import { HydraError } from '@hydra/protocol'
import { createLogger, exitCode, logLevels, systemClock, type LogLevel } from '@hydra/runtime'
import { playDemo } from '../demo/play-demo.ts'
import { watchRoles } from '../demo/watch-roles.ts'
import { startEmbeddedHydra, type EmbeddedHydra } from './embedded-hydra.ts'

const usage = `npx hydra dev [options] (npm start): all four services in one process, on embedded backends

  --demo           play the main job with two clients, then stop
  --data <folder>  where the database lies (default: .hydra)
  --conf <folder>  where the TOML files lie (default: data/conf)
  --help

Settings: data/conf/*.toml, overridden by HYDRA_<SERVICE>_<SECTION>_<KEY>, for example HYDRA_GATE_GATE_PORT=3251.

Exit codes:
      0 stopped, and every role is saved; with --demo, all of it worked
      1 something may be unsaved, or the demo has failed
      2 the command line is not understood
     69 it could not start, for example because a port is taken
     78 the configuration is wrong
`

const { values: args } = parseArgs({
  options: {
    demo: { type: 'boolean', default: false },
    data: { type: 'string', default: '.hydra' },
    conf: { type: 'string', default: 'data/conf' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

if (args.help) process.stdout.write(usage)
else process.exitCode = await run()

/** From start to exit code: the one of {@link exitCode} that fits. */
async function run(): Promise<number> {
  let hydra: EmbeddedHydra
  try {
    hydra = await startEmbeddedHydra({
      confDir: args.conf,
      sqliteFile: `${args.data}/hydra.sqlite`,
      env: process.env,
      clock: systemClock,
      log: createLogger({ level: logLevel(process.env['HYDRA_LOG_LEVEL']) }),
    })
  } catch (error) {
    return explainFailure(error)
  }
  // Not before: until here there is nothing to save, and a signal may simply end the process.
  const stopRequested = signalled()
  console.log(`Hydra: gate, http, game and chat in one process
  http      ${hydra.httpUrl}
  gate      ${hydra.gateUrl}
  database  ${hydra.storage.database.address}
ready in ${process.uptime().toFixed(1)} s
`)
  let failed = false
  if (args.demo) {
    const watch = await watchRoles(hydra, systemClock, hydra.env)
    const played = playDemo({ httpUrl: hydra.httpUrl, roleSaved: watch.roleSaved })
    failed = !(await Promise.race([played, stopRequested]))
    await watch.stop()
  } else {
    console.log(`What to try next
  npm run demo                 two players register, play, chat, leave and come back
  curl ${hydra.httpUrl}/serverList?serverType=gate
  docs/protocol.md             every route; README.md: to change X, open Y
Ctrl-C saves every role and stops.
`)
    await stopRequested
  }
  // Timers of the services do not keep the process alive; whoever still waits for a save must not be cut off.
  const keepAlive = setInterval(() => {}, 1_000)
  try {
    await hydra.stop()
    console.log('stopped; every role is saved')
  } catch (error) {
    console.error('stopping failed:', error)
    failed = true
  } finally {
    clearInterval(keepAlive)
  }
  return failed ? exitCode.stopFailed : exitCode.stopped
}

/** Resolves, with false, at the first signal. Ctrl-C twice, half a second apart, does not wait for the saving. */
function signalled(): Promise<false> {
  return new Promise((resolve) => {
    let firstMs: number | undefined
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        firstMs ??= performance.now()
        if (performance.now() - firstMs > 500) process.exit(exitCode.stopFailed)
        resolve(false)
      })
    }
  })
}

function explainFailure(error: unknown): number {
  if (error instanceof HydraError && error.code === 'CONFIG_INVALID') {
    console.error(`hydra: ${error.message}`)
    return exitCode.config
  }
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    console.error(
      `hydra: ${error.message}. Stop what listens there, or choose another port with HYDRA_HTTP_HTTP_PORT or HYDRA_GATE_GATE_PORT.`,
    )
    return exitCode.unavailable
  }
  if (error instanceof HydraError) {
    const { cause } = error
    console.error(`hydra: ${error.message}${cause instanceof Error ? ` (${cause.message})` : ''}`)
    return exitCode.unavailable
  }
  console.error('hydra: could not start:', error)
  return exitCode.unavailable
}

/** Quiet unless asked: the addresses and the demo's steps are what a person at this terminal wants to see. */
function logLevel(value: string | undefined): LogLevel {
  return logLevels.find((level) => level === value) ?? 'warn'
}
