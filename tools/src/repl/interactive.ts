import { clearScreenDown, cursorTo, moveCursor } from 'node:readline'
import { Recoverable, start, type REPLServer } from 'node:repl'
import type { Readable, Writable } from 'node:stream'
import { commandNames } from './commands.ts'
import type { Shell } from './shell.ts'
import { OpenLineError } from './line-error.ts'
import { withoutSecrets } from './secrets.ts'

/** Where a person types. */
export interface Terminal {
  readonly input: Readable
  readonly output: Writable
  /** `undefined`: lines are not kept. */
  readonly historyFile: string | undefined
}

/** Of the commands that node:repl has of itself, these make sense here too. */
const kept: ReadonlySet<string> = new Set(['break', 'clear', 'exit'])

/** A prompt on a terminal. `show` writes above what is being typed. */
export class Interactive {
  readonly #terminal: Terminal
  #server: REPLServer | undefined
  #isRunning = false
  /** Lines that are typed or pasted while one is being carried out wait for it. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  /** Writes something, above the line that is being typed. */
  show(text: string): void {
    const { output } = this.#terminal
    const server = this.#server
    if (server === undefined || this.#isRunning) {
      output.write(`${text}\n`)
      return
    }
    moveCursor(output, 0, -server.getCursorPos().rows)
    cursorTo(output, 0)
    clearScreenDown(output)
    output.write(`${text}\n`)
    server.displayPrompt(true)
  }

  /** Reads and carries out lines until the end is asked for. */
  async run(shell: Shell): Promise<void> {
    const server = start({
      prompt: shell.prompt,
      input: this.#terminal.input,
      output: this.#terminal.output,
      terminal: true,
      ignoreUndefined: true,
      completer: (line: string) => shell.complete(line),
      eval: (line, _context, _file, done) => {
        this.#turn = this.#turn.then(() => this.#carryOut(shell, line.replace(/\n$/, ''), done))
      },
    })
    this.#server = server
    const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()))
    this.#takeOverCommands(server, shell)
    await this.#keepHistory(server)
    await ended
    await this.#turn
    this.#server = undefined
  }

  async #carryOut(
    shell: Shell,
    line: string,
    done: (error: Error | null, result: unknown) => void,
  ): Promise<void> {
    const server = this.#server
    this.#isRunning = true
    try {
      const outcome = await shell.run(line)
      if (outcome === 'open') return done(new Recoverable(new OpenLineError('The line goes on.')), undefined)
      if (outcome === 'exit') server?.close()
    } catch (error) {
      // A defect of this program: shown as one, and the session goes on.
      this.#terminal.output.write(`${error instanceof Error ? error.stack : String(error)}\n`)
    } finally {
      this.#isRunning = false
    }
    server?.setPrompt(shell.prompt)
    done(null, undefined)
  }

  /** Lines with a dot before them go the same way as those without. */
  #takeOverCommands(server: REPLServer, shell: Shell): void {
    for (const name of Object.keys(server.commands)) {
      if (!kept.has(name)) Reflect.deleteProperty(server.commands, name)
    }
    for (const name of commandNames.filter((each) => !kept.has(each))) {
      server.defineCommand(name, (rest) => {
        this.#turn = this.#turn.then(() =>
          this.#carryOut(shell, `${name} ${rest}`, () => server.displayPrompt()),
        )
      })
    }
  }

  async #keepHistory(server: REPLServer): Promise<void> {
    // Before a line is written to the file. The newest is the first.
    server.on('history', (lines: string[]) => {
      const [newest] = lines
      if (newest !== undefined) lines[0] = withoutSecrets(newest)
    })
    const { historyFile } = this.#terminal
    if (historyFile === undefined) return
    await new Promise<void>((resolve, reject) => {
      server.setupHistory(historyFile, (error) => (error === null ? resolve() : reject(error)))
    })
  }
}
