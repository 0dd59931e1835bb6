import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { errorCodes, isErrorCode, limits, type ErrorCode } from '@hydra/protocol'
import { isScriptName, scripts, type ScriptName } from './scripts.ts'
import { httpAddress, UsageError, wholeNumber } from './usage-error.ts'

/** What a run of bots is to be like. */
export interface BotsOptions {
  readonly bots: number
  /** `undefined`: where the local cluster is. */
  readonly httpUrl: string | undefined
  /** How long they play once all have arrived; `undefined`: until they are stopped. */
  readonly playMs: number | undefined
  readonly perSecond: number
  readonly script: ScriptName
  readonly seed: number
  /** Names of accounts and roles are this and a number. */
  readonly namePrefix: string
  /** How long nobody may arrive before the others go on without those who are missing. */
  readonly arriveWithinMs: number
  /** Codes of failed requests that are no failure of the run. */
  readonly tolerated: ReadonlySet<ErrorCode>
  readonly json: boolean
}

/** More than one process plays well. */
const botsMax = 20_000
const seedMax = 0xff_ff_ff_ff

/** What `hydra bots --help` prints. */
export const usage = `usage: npx hydra bots <N> [options]

N scripted players against running services: they register, come into the game one after the other, play until the time
is over or Ctrl-C, and log out. Shows how it goes while it goes; at the end latencies by route, a histogram of all
requests, what happened, and what failed.

  --http <url>         where http answers (default: the running local cluster's, else http://127.0.0.1:9001)
  --seconds <n>        how long they play once all have arrived; also --minutes <n>; default: until Ctrl-C
  --per-second <n>     bots that begin in a second (default: 20)
  --script <name>      what they do (default: villager)
${Object.entries(scripts)
  .map(([name, { help }]) => `                         ${name.padEnd(9)} ${help}`)
  .join('\n')}
  --seed <n>           decides what they do and what they are called, so that a run can be repeated and finds its accounts
                       again (default: another one each time; it is printed)
  --name <letters>     what accounts and roles are called, with a number behind it (default: made of the seed)
  --arrive-within <s>  seconds without an arrival after which the others go on without those who are missing (default: 60)
  --tolerate <codes>   error codes, with commas between, that are no failure of the run: for runs in which servers are
                       killed or restarted; "all" for every code after which a request may be sent again
  --json               the report as JSON on stdout; what is shown meanwhile goes to stderr in any case
  --help

HYDRA_BOTS_PASSWORD is the password of their accounts; the default is a public one.

An http service lets one address register and log in 60 times a minute by default ([attempts] in its configuration); the
bots wait as long as it says, and so many bots take so many minutes to arrive. HYDRA_HTTP_ATTEMPTS_ENABLED=false lifts
that. A gate takes 256 connections of one address by default (HYDRA_GATE_LIMITS_MAX_CONNECTIONS_PER_IP).

Ctrl-C once: the bots log out, which saves their roles, and the report comes. Ctrl-C again: ends at once.

Exit codes:
  0   all bots arrived, all could log out, no request failed but for what is tolerated, no defect
  1   something of that is not so; the last lines say what
  2   wrong use
  69  nothing answers at that address, or it lists no gate
`

/**
 * Reads the arguments; `undefined` when they ask for help.
 *
 * @throws UsageError saying what is expected; an Error of `parseArgs` for an option that does not exist.
 */
export function parseBotsOptions(argv: readonly string[]): BotsOptions | undefined {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      http: { type: 'string' },
      seconds: { type: 'string' },
      minutes: { type: 'string' },
      'per-second': { type: 'string', default: '20' },
      script: { type: 'string', default: 'villager' },
      seed: { type: 'string' },
      name: { type: 'string' },
      'arrive-within': { type: 'string', default: '60' },
      tolerate: { type: 'string', default: '' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return undefined
  const [count, ...more] = positionals
  if (count === undefined || more.length > 0) throw new UsageError('Say how many bots: npx hydra bots 20')
  const bots = wholeNumber('The number of bots', count, 1, botsMax)
  const { script } = values
  if (!isScriptName(script)) {
    throw new UsageError(`--script takes one of ${Object.keys(scripts).join(', ')}; "${script}" is none.`)
  }
  const seed = values.seed === undefined ? randomInt(seedMax) : wholeNumber('--seed', values.seed, 0, seedMax)
  return {
    bots,
    httpUrl: values.http === undefined ? undefined : httpAddress(values.http),
    playMs: playMsOf(values.seconds, values.minutes),
    perSecond: wholeNumber('--per-second', values['per-second'], 1, 10_000),
    script,
    seed,
    namePrefix: prefixOf(values.name ?? `b${seed.toString(36)}n`, bots),
    arriveWithinMs: wholeNumber('--arrive-within', values['arrive-within'], 1, 86_400) * 1_000,
    tolerated: toleratedOf(values.tolerate),
    json: values.json,
  }
}

function playMsOf(seconds: string | undefined, minutes: string | undefined): number | undefined {
  if (seconds !== undefined && minutes !== undefined) {
    throw new UsageError('Say --seconds or --minutes, not both.')
  }
  if (seconds !== undefined) return wholeNumber('--seconds', seconds, 1, 604_800) * 1_000
  if (minutes !== undefined) return wholeNumber('--minutes', minutes, 1, 10_080) * 60_000
  return undefined
}

/** Accounts and roles have the same name, which must be one for both. */
function prefixOf(prefix: string, bots: number): string {
  const charsMax = limits.roleNameMaxChars - String(bots - 1).length
  if (/^[A-Za-z][A-Za-z0-9]+$/.test(prefix) && prefix.length <= charsMax) return prefix
  throw new UsageError(
    `--name takes letters and digits, 2 to ${charsMax} for so many bots, a letter first; "${prefix}" is not that.`,
  )
}

function toleratedOf(text: string): ReadonlySet<ErrorCode> {
  if (text === '') return new Set()
  const codes = Object.keys(errorCodes).filter(isErrorCode)
  if (text === 'all') return new Set(codes.filter((code) => errorCodes[code].retryable))
  const named = text.split(',').map((code) => code.trim())
  const unknown = named.filter((code) => !isErrorCode(code))
  if (unknown.length > 0) {
    throw new UsageError(`--tolerate: there is no error code ${unknown.join(', ')}; see docs/errors.md.`)
  }
  return new Set(named.filter(isErrorCode))
}
