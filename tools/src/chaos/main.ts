import { randomInt } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startReaper, TestServerError } from '@hydra/testing'
import { Interrupted, interruptSignal } from '../test/interrupt.ts'
import { complaints, killHeads, killLine, summary, type ChaosReport } from './report.ts'
import { runChaos, type ChaosOptions } from './run-chaos.ts'
import { createWorld, victimKinds, type World } from './world.ts'

const usage = `npm run chaos [-- options]: kills processes under load and checks that nothing acknowledged is lost

Two gates, two game servers, chat, http, and NATS, etcd, MariaDB and Redis of their own. In each round every kind but
http is killed once (SIGKILL) and started again, in an order that the seed decides, while clients change their roles
without end. At the end the database must have everything that was acknowledged. Exit code: 0 when it has, everything
came in order, and everybody was served again within the limit after each restart; else 1.
The servers must be installed, see CONTRIBUTING.md.

  --clients <n>    default: 200
  --rounds <n>     default: 3
  --kinds <list>   which are killed, default: game,gate,chat,nats,etcd,mysql,redis
  --seed <n>       default: another one each time; it is printed
  --pause <ms>     between an answer and the next change of a client, default: 100
  --down <ms>      longest time between a kill and the restart, default: 2500
  --limit <ms>     within which everybody must be served again after a restart, default: 10000
  --json <file>    writes the report there
  --logs <folder>  writes the logs of all processes there
  --help
`

const { values: args } = parseArgs({
  options: {
    clients: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '3' },
    kinds: { type: 'string', default: victimKinds.join(',') },
    seed: { type: 'string', default: String(randomInt(1_000_000)) },
    pause: { type: 'string', default: '100' },
    down: { type: 'string', default: '2500' },
    limit: { type: 'string', default: '10000' },
    json: { type: 'string' },
    logs: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

async function main(): Promise<number> {
  if (args.help) {
    process.stdout.write(usage)
    return 0
  }
  const numbers = {
    clients: Number(args.clients),
    rounds: Number(args.rounds),
    seed: Number(args.seed),
    pauseMs: Number(args.pause),
    downMaxMs: Number(args.down),
    backLimitMs: Number(args.limit),
  }
  const kinds = victimKinds.filter((kind) => args.kinds.split(',').includes(kind))
  const areWhole = Object.values(numbers).every((value) => Number.isInteger(value) && value >= 0)
  const isSomething = numbers.clients > 0 && numbers.rounds > 0
  if (!areWhole || !isSomething || kinds.length < args.kinds.split(',').length) {
    process.stderr.write(
      `The options take whole numbers, --clients and --rounds at least 1, and --kinds some of ${victimKinds.join(',')}.\n\n${usage}`,
    )
    return 2
  }
  const signal = interruptSignal()
  try {
    const report = await play(
      {
        ...numbers,
        kinds,
        downMinMs: Math.min(200, numbers.downMaxMs),
        calmMs: 500,
        onKill: (kill) => console.log(killLine(kill)),
      },
      signal,
    )
    console.log(`\n${summary(report)}`)
    if (args.json !== undefined) await writeFile(args.json, `${JSON.stringify(report, undefined, 2)}\n`)
    return complaints(report).length === 0 ? 0 : 1
  } catch (error) {
    // Something that broke because of the interruption tells nothing.
    const reason: unknown = signal.aborted ? signal.reason : error
    if (!(reason instanceof Interrupted || reason instanceof TestServerError)) throw reason
    console.error(reason.message)
    return reason instanceof Interrupted ? reason.exitCode : 1
  }
}

/** Starts everything, runs, and takes everything down again, however it ends. */
async function play(options: ChaosOptions, signal: AbortSignal): Promise<ChaosReport> {
  const reaper = await startReaper()
  // The processes that are started carry the mark, by which the watchdog finds them should this process be killed.
  Object.assign(process.env, reaper.env)
  try {
    const world = await createWorld(reaper)
    try {
      console.log(`${options.clients} clients, seed ${options.seed}\n\n${killHeads()}`)
      return await Promise.race([runChaos(world, options), aborted(signal)])
    } finally {
      if (args.logs !== undefined) await writeLogs(world, args.logs)
      await world.close()
    }
  } finally {
    await reaper.close()
  }
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const onAbort = () => reject(signal.reason)
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })

async function writeLogs({ cluster }: World, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const { service, pid, lines } of cluster.processes) {
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
    await writeFile(join(folder, `${service}-${pid}.log`), text)
  }
}

process.exit(await main())
