import { homedir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { exitCode, systemClock } from '@hydra/runtime'
import { answers, defaultHttpUrl, localCluster, nothingAnswers } from '../bots/http-url.ts'
import { httpAddress, UsageError } from '../bots/usage-error.ts'
import { Shell } from './shell.ts'
import { Interactive } from './interactive.ts'
import { runScript } from './script.ts'

const usage = `usage: npx hydra repl [options]

A client to type into: register, log in, call any route, see the pushes that come. TAB completes routes, arguments and
their values; "help" lists what there is, "help <route>" says all about one. Lines that are piped in are carried out one
after the other:

  printf '%s\\n' 'register ada "a good password"' 'role create Ada' | npx hydra repl

  --http <url>     where http answers (default: the running local cluster's, else http://127.0.0.1:9001)
  --gate <url>     the gate to connect to, for example wss://play.example.com:443 (default: one that http lists)
  --history <file> where lines are kept for the next time, without passwords (default: .hydra_repl_history in the home
                   folder; "": nowhere)
  --help

Exit codes:
  0   ended by "exit" or Ctrl-D; of a script: every line succeeded
  1   a line of the script failed
  2   wrong use
  69  nothing answers at that address
`
const columnsUsual = 100

process.exitCode = await main(process.argv.slice(2))

async function main(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      http: { type: 'string' },
      gate: { type: 'string' },
      history: { type: 'string', default: join(homedir(), '.hydra_repl_history') },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(usage)
    return 0
  }
  let httpUrl: string
  try {
    httpUrl = values.http === undefined ? defaultHttpUrl(await localCluster()) : httpAddress(values.http)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    process.stderr.write(`${error.message}\n`)
    return 2
  }
  if (!(await answers(httpUrl))) {
    process.stderr.write(`${nothingAnswers(httpUrl)}\n`)
    return exitCode.unavailable
  }
  // The timers of the clock do not keep the process alive while a line waits.
  const keepAlive = setInterval(() => {}, 60_000)
  try {
    const where = { httpUrl, gateUrl: values.gate }
    return process.stdin.isTTY && process.stdout.isTTY
      ? await converse(where, values.history)
      : await followScript(where)
  } finally {
    clearInterval(keepAlive)
  }
}

interface Where {
  readonly httpUrl: string
  readonly gateUrl: string | undefined
}

async function converse(where: Where, historyFile: string): Promise<number> {
  const interactive = new Interactive({
    input: process.stdin,
    output: process.stdout,
    historyFile: historyFile === '' ? undefined : historyFile,
  })
  const shell = new Shell({
    ...where,
    clock: systemClock,
    random: Math.random,
    print: { colors: process.stdout.hasColors(), columns: process.stdout.columns },
    show: (text) => interactive.show(text),
  })
  process.stdout.write(
    `Hydra at ${where.httpUrl}. "register <username> <password>" or "login …" to begin; "help" for more; Ctrl-D ends.\n`,
  )
  await interactive.run(shell)
  await shell.close()
  return 0
}

async function followScript(where: Where): Promise<number> {
  const show = (text: string) => void process.stdout.write(`${text}\n`)
  const shell = new Shell({
    ...where,
    clock: systemClock,
    random: Math.random,
    print: { colors: false, columns: columnsUsual },
    show,
  })
  const { lines, failed } = await runScript(process.stdin, shell, show)
  await shell.close()
  if (failed > 0) process.stderr.write(`${failed} of ${lines} lines failed.\n`)
  return failed === 0 ? 0 : 1
}
