import { HydraError } from '@hydra/protocol'
import type { Clock } from '@hydra/runtime'
import { Answers } from './answers.ts'
import type { Callable } from './callables.ts'
import type { CommandName } from './commands.ts'
import { complete, type Completion } from './complete.ts'
import { help } from './describe.ts'
import { LineError, OpenLineError } from './line-error.ts'
import { parseLine } from './parse-line.ts'
import {
  answerText,
  closedText,
  errorText,
  printed,
  promptOf,
  pushText,
  stateText,
  type PrintOptions,
} from './print.ts'
import { PushQueue } from './push-queue.ts'
import { Session } from './session.ts'
import { WatchFilter } from './watch-filter.ts'

/** What a shell needs. */
export interface ShellOptions {
  readonly httpUrl: string
  readonly gateUrl?: string | undefined
  readonly clock: Clock
  readonly random: () => number
  readonly print: PrintOptions
  /** Shows an answer, or something that came unasked. */
  readonly show: (text: string) => void
}

/** How a line went: `open` asks for more of it, `exit` for the end. */
export type LineOutcome = 'done' | 'failed' | 'open' | 'exit'

const waitUsualSeconds = 10
const waitMaxSeconds = 3_600

/** What lines do, wherever they come from: a terminal or a script. One line at a time. */
export class Shell {
  readonly #options: ShellOptions
  readonly #session: Session
  readonly #watch = new WatchFilter()
  readonly #pushes: PushQueue
  readonly #answers = new Answers()
  #isClosing = false

  constructor(options: ShellOptions) {
    const { show, print } = options
    this.#options = options
    this.#pushes = new PushQueue(options.clock)
    this.#session = new Session({
      ...options,
      onPush: (name, payload) => {
        this.#pushes.add(name, payload)
        if (this.#watch.shows(name)) show(pushText(name, payload, print))
      },
      onClosed: (reason) => {
        if (!this.#isClosing) show(closedText(reason))
      },
      onIssue: (issue) => show(`-- ${issue.kind}: ${printed(issue, print)}`),
    })
  }

  /** Who is where. */
  get prompt(): string {
    return promptOf(this.#session.state)
  }

  /** Completes a line, as {@link complete} does. */
  complete(line: string): Completion {
    return complete(line, this.#session.state)
  }

  /** Does what a line says and shows what comes of it; does not throw for what a line or a server can do wrong. */
  async run(line: string): Promise<LineOutcome> {
    let callable: Callable | undefined
    const { show, print, clock } = this.#options
    try {
      const parsed = parseLine(line, (path) => this.#answers.find(path))
      if (parsed.kind === 'nothing') return 'done'
      if (parsed.kind === 'command') return await this.#command(parsed.name, parsed.args)
      callable = parsed.callable
      const beganAtMs = clock.monotonicMs()
      const answer = await this.#session.call(callable, parsed.body)
      this.#answers.add(answer)
      show(answerText(callable.name, answer, clock.monotonicMs() - beganAtMs, print))
      return 'done'
    } catch (error) {
      if (error instanceof OpenLineError) return 'open'
      if (error instanceof LineError) show(error.message)
      else if (error instanceof HydraError) show(errorText(error, callable, print))
      else throw error
      return 'failed'
    }
  }

  /** Closes the connection. */
  async close(): Promise<void> {
    this.#isClosing = true
    await this.#session.disconnect()
  }

  async #command(name: CommandName, args: readonly string[]): Promise<LineOutcome> {
    const { show, httpUrl, print } = this.#options
    switch (name) {
      case 'help':
        show(help(args.join('.')))
        return 'done'
      case 'watch':
        if (args.length > 0) this.#watch.set(args)
        show(String(this.#watch))
        return 'done'
      case 'wait':
        return this.#wait(args)
      case 'state':
        show(stateText(httpUrl, this.#session.state, String(this.#watch)))
        return 'done'
      case 'connect':
        await this.#session.connect(args[0])
        show(`connected to ${this.#session.state.gateUrl}`)
        return 'done'
      case 'disconnect':
        await this.#session.disconnect()
        return 'done'
      case 'reconnect': {
        const { resumed } = await this.#session.reconnect()
        show(
          `${printed({ resumed }, print)}\n${resumed ? 'everything is as before, and missed pushes have come' : 'a new session: enter the role again (role enter)'}`,
        )
        return 'done'
      }
      case 'exit':
        return 'exit'
    }
  }

  async #wait([prefix = '', seconds = String(waitUsualSeconds)]: readonly string[]): Promise<LineOutcome> {
    const within = Number(seconds)
    if (prefix === '' || !(within > 0 && within <= waitMaxSeconds)) {
      throw new LineError(`Write: wait <push> [seconds, at most ${waitMaxSeconds}]`)
    }
    const push = await this.#pushes.next(prefix, within * 1_000)
    if (push === undefined) throw new LineError(`No push ${prefix} has come within ${within} s.`)
    this.#answers.add(push.payload)
    // What is watched has been shown.
    if (!this.#watch.shows(push.name)) {
      this.#options.show(pushText(push.name, push.payload, this.#options.print))
    }
    return 'done'
  }
}
