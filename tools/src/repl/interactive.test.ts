import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { systemClock } from '@hydra/runtime'
import { eventually, uniqueName } from '@hydra/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { useEmbeddedHydra } from '../e2e/embedded.fixture.ts'
import { newPlayer } from '../e2e/new-player.ts'
import { routes } from '@hydra/protocol'
import { Interactive } from './interactive.ts'
import { Shell } from './shell.ts'

const embedded = useEmbeddedHydra({ HYDRA_HTTP_PASSWORD_COST_LOG2: '10' })

/** A person at a terminal of their own. */
class Person {
  readonly #input = new PassThrough()
  readonly #shell: Shell
  readonly #ended: Promise<void>
  #screen = ''

  constructor(historyFile: string) {
    const output = new PassThrough()
    output.setEncoding('utf8').on('data', (text: string) => (this.#screen += text))
    const interactive = new Interactive({ input: this.#input, output, historyFile })
    this.#shell = new Shell({
      httpUrl: embedded.hydra.httpUrl,
      clock: systemClock,
      random: Math.random,
      print: { colors: false, columns: 80 },
      show: (text) => interactive.show(text),
    })
    this.#ended = interactive.run(this.#shell)
  }

  /** All that was ever on the screen. */
  get screen(): string {
    return stripVTControlCharacters(this.#screen)
  }

  /** Types, and waits for what is to be seen after it. */
  async types(keys: string, seen: string | RegExp): Promise<void> {
    const before = this.screen.length
    this.#input.write(keys)
    await eventually(() => this.screen.slice(before).search(seen) !== -1).catch(() => {
      throw new Error(`After typing ${JSON.stringify(keys)}, not seen: ${String(seen)}\n${this.screen}`)
    })
  }

  async leaves(): Promise<void> {
    // Ctrl-U: whatever was begun is not meant.
    this.#input.write('\x15exit\r')
    await this.#ended
    await this.#shell.close()
  }
}

describe('hydra repl at a terminal', () => {
  let folder: string
  let person: Person
  const name = () => `p${uniqueName('x').slice(-7)}`

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hydra-repl-'))
    person = new Person(join(folder, 'history'))
    await eventually(() => person.screen.includes('hydra> '))
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('shows in its prompt who is where, completes with TAB, and carries on lines that are not over', async () => {
    const ada = name()
    await person.types(`register ${ada} "a good password"\r`, `${ada}> `)
    await person.types('role cr', 'role cr')
    await person.types('\t', /^eate $/)
    await person.types(`${ada}\r`, 'game.role.create answered')
    await person.types('role enter ', 'role enter')
    await person.types('\t\t', 'rid=')
    await person.types('$role.rid\r', `${ada}/${ada}> `)
    await person.types('channel send {\r', '... ')
    await person.types('"channel": "world", "text": "hi"}\r', "text: 'hi'")
    await person.types('.disconnect\r', `${ada} \\(disconnected\\)> `)
    await person.types('reconnect\r', `${ada}/${ada}> `)
    await person.types('.state\r', 'connected to ws:')
    await person.leaves()
  })

  it('shows pushes above the line that is being typed', async () => {
    const ada = name()
    await person.types(`register ${ada} "a good password"\r`, `${ada}> `)
    await person.types(`role create ${ada}\r`, 'answered')
    await person.types('role enter $role.rid\r', `${ada}/${ada}> `)
    await person.types('half a li', 'half a li')
    const { client } = await newPlayer(embedded.hydra.httpUrl)
    const before = person.screen.length
    await client.request(routes.chat.channel.send, { channel: 'world', text: 'from elsewhere' })
    await eventually(() => /from elsewhere[^]*> half a li$/.test(person.screen.slice(before)))
    await client.close()
    await person.leaves()
  })

  it('keeps lines for the next time, without passwords', async () => {
    const ada = name()
    await person.types(`register ${ada} "a good password"\r`, `${ada}> `)
    await person.types(`login ${ada} wrong-password\r`, 'CREDENTIALS_WRONG')
    await person.types('help role.create\r', 'NAME_TAKEN')
    await person.leaves()
    const file = join(folder, 'history')
    const kept = await eventually(async () => {
      const text = await readFile(file, 'utf8')
      return text.includes('help role.create') && text
    })
    expect(kept.split('\n').toReversed()).toEqual([
      `register ${ada}`,
      `login ${ada}`,
      'help role.create',
      'exit',
    ])
  })
})
