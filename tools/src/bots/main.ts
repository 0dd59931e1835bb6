import { join } from 'node:path'
import { createAccountApi } from '@hydra/client'
import { exitCode, systemClock } from '@hydra/runtime'
import { answers, defaultHttpUrl, localCluster, nothingAnswers } from './http-url.ts'
import { parseBotsOptions, usage, type BotsOptions } from './options.ts'
import { ProgressLine } from './progress-line.ts'
import { reportJson, reportText } from './report.ts'
import { runBots } from './run-bots.ts'
import { readPortals, scripts } from './scripts.ts'
import { UsageError } from './usage-error.ts'
import { complaintsOf } from './verdict.ts'

const root = join(import.meta.dirname, '../../..')
const usualPassword = 'correct horse battery'
/** One less than a gate takes of one address unless it is told otherwise. */
const connectionsPerGate = 255
/** npm passes a Ctrl-C on that the terminal has already delivered. */
const sameInterruptMs = 500

process.exitCode = await main(process.argv.slice(2))

async function main(argv: readonly string[]): Promise<number> {
  let options: BotsOptions | undefined
  try {
    options = parseBotsOptions(argv)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    process.stderr.write(`${error.message}\nnpx hydra bots --help explains the options.\n`)
    return 2
  }
  if (options === undefined) {
    process.stdout.write(usage)
    return 0
  }
  const httpUrl = options.httpUrl ?? defaultHttpUrl(await localCluster())
  if (!(await answers(httpUrl))) {
    process.stderr.write(`${nothingAnswers(httpUrl)}\n`)
    return exitCode.unavailable
  }
  const { servers } = await createAccountApi(httpUrl).serverList('gate')
  if (servers.length === 0) {
    process.stderr.write(`${httpUrl} lists no gate: is one running? npx hydra status shows it.\n`)
    return exitCode.unavailable
  }
  return play(options, httpUrl, servers.length)
}

async function play(options: BotsOptions, httpUrl: string, gates: number): Promise<number> {
  const line = new ProgressLine(process.stderr)
  line.note(
    `${options.bots} bots, script ${options.script}, seed ${options.seed}, named ${options.namePrefix}0 to ${options.namePrefix}${options.bots - 1}, against ${httpUrl}; Ctrl-C ends in good order.`,
  )
  if (options.bots > gates * connectionsPerGate) {
    line.note(
      `${gates === 1 ? 'One gate takes' : `${gates} gates take`} ${gates * (connectionsPerGate + 1)} connections of one address unless HYDRA_GATE_LIMITS_MAX_CONNECTIONS_PER_IP says more.`,
    )
  }
  // The timers of the clock do not keep the process alive, and a bot that waits has no socket.
  const keepAlive = setInterval(() => {}, 60_000)
  try {
    const outcome = await runBots(options, {
      httpUrl,
      behaviour: scripts[options.script].make(readPortals(join(root, 'data/tables/scenes.json'))),
      password: process.env['HYDRA_BOTS_PASSWORD'] ?? usualPassword,
      clock: systemClock,
      signal: interrupted(line),
      progressEveryMs: line.everyMs,
      onProgress: (progress) => line.show(progress),
      onNote: (note) => line.note(note),
    })
    line.end()
    const input = { options, httpUrl, outcome }
    process.stdout.write(options.json ? reportJson(input) : `\n${reportText(input).trimEnd()}\n`)
    return complaintsOf(outcome, options.tolerated).length === 0 ? 0 : 1
  } finally {
    clearInterval(keepAlive)
  }
}

/** Aborts at the first Ctrl-C; the second one ends the process at once. */
function interrupted(line: ProgressLine): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // By signal: the launcher sends one of its own when the shell that npx began it with has died of the first.
    let firstMs: number | undefined
    process.on(name, () => {
      firstMs ??= performance.now()
      if (performance.now() - firstMs > sameInterruptMs) {
        line.note('Ended at once; roles are saved when the grace of the game servers is over.')
        process.exit(1)
      }
      controller.abort()
    })
  }
  return controller.signal
}
