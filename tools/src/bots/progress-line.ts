import { sortRefusals } from './verdict.ts'
import type { BotsProgress } from './run-bots.ts'

/** The part of a stream that is written to here; `process.stderr` is one. */
export interface LineOutput {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

const columnsUsual = 80
const eraseRest = '\x1b[K'

/** How a run does, in one line. Rates are those since the line before. */
export class ProgressLine {
  readonly #output: LineOutput
  #requests = 0
  #atMs = 0
  #isOpen = false

  constructor(output: LineOutput) {
    this.#output = output
  }

  /** How often a line is worth its place: often where it replaces the one before. */
  get everyMs(): number {
    return this.#output.isTTY === true ? 500 : 5_000
  }

  /** Shows the line: in place of the one before on a terminal, else below it. */
  show(progress: BotsProgress): void {
    const { requests } = progress.stats.figures()
    const sinceMs = progress.elapsedMs - this.#atMs
    const perSecond = sinceMs > 0 ? ((requests - this.#requests) * 1_000) / sinceMs : 0
    this.#requests = requests
    this.#atMs = progress.elapsedMs
    const line = progressText(progress, perSecond)
    if (this.#output.isTTY !== true) {
      this.#output.write(`${line}\n`)
      return
    }
    // The last column stays free: some terminals begin a new line when it is written.
    this.#output.write(`\r${line.slice(0, (this.#output.columns ?? columnsUsual) - 1)}${eraseRest}`)
    this.#isOpen = true
  }

  /** Says something above the line. */
  note(text: string): void {
    this.end()
    this.#output.write(`${text}\n`)
  }

  /** Leaves the line behind; the next one is below it. */
  end(): void {
    if (this.#isOpen) this.#output.write('\n')
    this.#isOpen = false
  }
}

/** @example '00:42 playing, 00:18 left | 20/20 arrived, 20 playing | 412/s | p50 4.1 p99 20 ms | kills 3 | failed 0 | defects 0' */
export function progressText(progress: BotsProgress, perSecond: number): string {
  const { phase, elapsedMs, leftMs, bots, arrived, playing, stats } = progress
  const { p50Ms, p99Ms, events, defects, refusals } = stats.figures()
  const failed = sortRefusals(refusals).failed.reduce((sum, [, count]) => sum + count, 0)
  return [
    `${clockTime(elapsedMs)} ${phase}${leftMs === undefined ? '' : `, ${clockTime(leftMs)} left`}`,
    `${arrived}/${bots} arrived, ${playing} in the game`,
    `${perSecond.toFixed(0)} requests/s`,
    `p50 ${milliseconds(p50Ms)} p99 ${milliseconds(p99Ms)} ms`,
    `kills ${events.kills}, messages ${events.messages}`,
    `failed ${failed}, defects ${defects}`,
  ].join(' | ')
}

/** Three figures that count: 0.42, 4.2, 42, 420. */
export const milliseconds = (ms: number): string => ms.toFixed(ms < 1 ? 2 : ms < 10 ? 1 : 0)

/** @example clockTime(61_000) // '01:01' */
export function clockTime(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000))
  const two = (value: number) => String(value).padStart(2, '0')
  const hours = Math.floor(seconds / 3_600)
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
  return hours === 0 ? rest : `${hours}:${rest}`
}
