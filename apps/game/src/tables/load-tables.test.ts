import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HydraError } from '@hydra/protocol'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { testTables } from '../test-support/test-tables.ts'
import { loadTables } from './load-tables.ts'
import { mistakesShown } from './mistakes.ts'

type Row = Record<string, unknown>
type Name = 'levels' | 'items' | 'monsters' | 'scenes'

const spawn = { monster: 'slime', count: 2, at: { x: 500, y: 250 }, radius: 100, respawnMs: 1_000 }

/** A world of one of each, which is right. */
const small = () => ({
  levels: [
    { level: 1, exp: 10, health: 100, attack: 10 },
    { level: 2, health: 120, attack: 12 },
  ] as Row[],
  items: [
    { id: 'gem', name: 'Gem', stackMax: 9, price: 5 },
    { id: 'chest', name: 'Chest', stackMax: 1, use: { items: [{ item: 'gem', count: 2 }] } },
  ] as Row[],
  monsters: [
    {
      id: 'slime',
      name: 'Slime',
      level: 1,
      health: 10,
      attack: 1,
      attackEveryMs: 1_000,
      reach: 100,
      speed: 100,
      sight: 0,
      leash: 500,
      exp: 5,
      gold: { min: 1, max: 2 },
      loot: [{ item: 'gem', chance: 0.5, count: { min: 1, max: 1 } }],
    },
  ] as Row[],
  scenes: [
    {
      id: 'field',
      name: 'Field',
      width: 1_000,
      height: 500,
      cellSize: 100,
      playersMax: 10,
      start: { x: 0, y: 499 },
      portals: [{ at: { x: 999, y: 0 }, reach: 50, to: 'field', arriveAt: { x: 5, y: 5 } }],
      spawns: [structuredClone(spawn)],
    },
  ] as Row[],
})

let folder = ''
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'hydra-tables-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const write = (tables: Partial<Record<Name, unknown>>) => {
  for (const [name, rows] of Object.entries({ ...small(), ...tables })) {
    writeFileSync(
      join(folder, `${name}.json`),
      typeof rows === 'string' ? rows : JSON.stringify(rows, null, 2),
    )
  }
}
const failure = (): HydraError => {
  try {
    loadTables(folder)
  } catch (error) {
    if (error instanceof HydraError) return error
    throw error
  }
  throw new Error('These tables should not have been accepted.')
}
/** The lines of the error, without the folder. */
const told = (): string[] => failure().message.replaceAll(`${folder}/`, '').split('\n  ').slice(1)

/** The small world with something put in the place that a path names; `undefined` takes it away. */
const changed = (name: Name, path: readonly (string | number)[], value: unknown) => {
  const tables = small()
  // Broken tables have no type: any path may be given any value.
  let inner = tables[name] as unknown as Record<string | number, unknown>
  for (const key of path.slice(0, -1)) inner = inner[key] as Record<string | number, unknown>
  inner[path.at(-1) ?? ''] = value
  return tables
}

describe('the tables of the repository', () => {
  it('can be read, and their first scene is the meadow', () => {
    const { levels, items, monsters, scenes } = testTables()
    expect(levels.map(({ level }) => level)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
    expect([...scenes.keys()]).toEqual(['meadow', 'forest', 'cave'])
    expect(scenes.get('meadow')).toMatchObject({ width: 12_800, height: 12_800, cellSize: 1_600 })
    expect([items.size, monsters.size]).toEqual([11, 6])
  })

  it('let nobody be attacked who stands where new players appear', () => {
    const { monsters, scenes } = testTables()
    for (const { id, start, spawns } of scenes.values()) {
      for (const { monster, at, radius } of spawns) {
        const distance = Math.hypot(at.x - start.x, at.y - start.y)
        const { sight = 0, reach = 0 } = monsters.get(monster) ?? {}
        expect([id, monster, distance > radius + sight + reach]).toEqual([id, monster, true])
      }
    }
  })

  it('lead from each scene to each other one, and nobody arrives within reach of the way back', () => {
    const { scenes } = testTables()
    const reached = new Set(['meadow'])
    for (const id of reached) for (const { to } of scenes.get(id)?.portals ?? []) reached.add(to)
    expect([...reached].toSorted()).toEqual([...scenes.keys()].toSorted())
    for (const { portals } of scenes.values()) {
      for (const { to, arriveAt } of portals) {
        for (const back of scenes.get(to)?.portals ?? []) {
          expect(Math.hypot(back.at.x - arriveAt.x, back.at.y - arriveAt.y)).toBeGreaterThan(back.reach)
        }
      }
    }
  })
})

describe('tables', () => {
  it('are found by id and cannot be changed', () => {
    write({})
    const tables = loadTables(folder)
    expect(tables.levels[1]).toEqual({ level: 2, health: 120, attack: 12 })
    expect(tables.items.get('chest')?.use?.items).toEqual([{ item: 'gem', count: 2 }])
    const gold = tables.monsters.get('slime')?.gold as { min: number }
    expect(() => (gold.min = 2)).toThrow(TypeError)
    expect(() => (tables.levels as unknown[]).push({})).toThrow(TypeError)
    const scenes = tables.scenes as Map<string, unknown>
    expect(() => scenes.set('void', {})).toThrow('cannot be changed')
    expect(() => scenes.delete('field')).toThrow('cannot be changed')
    expect(() => scenes.clear()).toThrow('cannot be changed')
    expect(tables.scenes.size).toBe(1)
  })

  it('are read also when an editor has put a byte order mark before them', () => {
    write({ items: `\uFEFF${JSON.stringify(small().items)}` })
    expect(loadTables(folder).items.size).toBe(2)
  })

  it.each([
    [
      'a file that is not there',
      () => rmSync(join(folder, 'items.json')),
      /^items\.json: the file does not exist; expected the rows of the table "items"$/,
    ],
    [
      'no JSON',
      () => write({ items: '[\n  { "id": "gem", }\n]' }),
      /^items\.json:2: is not valid JSON at line 2, column 18: Unexpected token RBrace found$/,
    ],
    [
      'an empty file',
      () => write({ items: '' }),
      /^items\.json:1: is not valid JSON at line 1, column 1: Unexpected end of input found$/,
    ],
    ['no list', () => write({ items: { gem: {} } }), /^items\.json: is wrong: expected a list of rows/],
    [
      'a field that stands twice',
      () => write({ scenes: JSON.stringify(small().scenes).replace('"x":0', '"x":0,"x":1') }),
      /^scenes\.json:1, row 1 \(field\): "start\.x" stands there twice/,
    ],
    ['no levels', () => write({ levels: [] }), /^levels\.json: is empty: expected at least one row$/],
  ])('are refused with %s', (_what, spoil, expected) => {
    write({})
    spoil()
    expect(told()).toEqual([expect.stringMatching(expected)])
  })

  it.each<[string, Name, (string | number)[], unknown, RegExp]>([
    [
      'a row that is none',
      'items',
      [1],
      'gem',
      /^items\.json:8, row 2: is wrong: expected object, received string$/,
    ],
    [
      'a field of another type',
      'items',
      [0, 'price'],
      '5',
      /^items\.json:\d+, row 1 \(gem\): "price" is wrong: expected number, received string$/,
    ],
    [
      'a missing field',
      'monsters',
      [0, 'speed'],
      undefined,
      /^monsters\.json:2, row 1 \(slime\): "speed" is missing: expected number$/,
    ],
    [
      'an unknown field',
      'items',
      [0, 'colour'],
      'red',
      /^items\.json:\d+, row 1 \(gem\): "colour" is no field that this table knows$/,
    ],
    ['an id of another form', 'items', [1, 'id'], 'Chest', /"id" is wrong: an id of small letters/],
    [
      'a number out of bounds',
      'monsters',
      [0, 'loot', 0, 'chance'],
      2,
      /"loot\.0\.chance" is wrong: Too big/,
    ],
    ['a fraction', 'scenes', [0, 'start', 'x'], 0.5, /"start\.x" is wrong: expected int/],
    [
      'a range that ends before it begins',
      'monsters',
      [0, 'gold', 'min'],
      3,
      /"gold\.max" is wrong: expected not to be below min$/,
    ],
    [
      'loot of nothing',
      'monsters',
      [0, 'loot', 0, 'count', 'min'],
      0,
      /"loot\.0\.count" is wrong: expected at least 1$/,
    ],
    ['a use without effect', 'items', [1, 'use'], {}, /"use" is wrong: expected at least one effect$/],
    [
      'too many cells',
      'scenes',
      [0],
      { ...small().scenes[0], width: 1_000_000, height: 10_000 },
      /"cellSize" is wrong: expected larger cells: there may be 65536/,
    ],
    [
      'too many monsters',
      'scenes',
      [0, 'spawns'],
      Array.from({ length: 11 }, () => ({ ...spawn, count: 1_000 })),
      /"spawns" is wrong: expected at most 10000 monsters in all$/,
    ],
    [
      'an id that two rows have',
      'items',
      [1, 'id'],
      'gem',
      /^items\.json:\d+, row 2 \(gem\): "id" is wrong: expected an id of its own; row 1 has this one$/,
    ],
    [
      'a level left out',
      'levels',
      [1, 'level'],
      3,
      /^levels\.json:\d+, row 2 \(level 3\): "level" is wrong: expected 2;/,
    ],
    [
      'a level that leads nowhere',
      'levels',
      [0, 'exp'],
      undefined,
      /row 1 \(level 1\): "exp" is missing: expected the experience/,
    ],
    [
      'a last level that leads on',
      'levels',
      [1, 'exp'],
      20,
      /row 2 \(level 2\): "exp" is wrong: expected none/,
    ],
    ['no scene', 'scenes', ['length'], 0, /^scenes\.json: is empty: expected at least one row$/],
    [
      'a monster that is none',
      'scenes',
      [0, 'spawns', 0, 'monster'],
      'elf',
      /row 1 \(field\): "spawns\.0\.monster" is wrong: .* there is no monster "elf"$/,
    ],
    [
      'a portal into nowhere',
      'scenes',
      [0, 'portals', 0, 'to'],
      'void',
      /"portals\.0\.to" is wrong: expected the id of a row of scenes\.json; there is no scene "void"$/,
    ],
    [
      'loot that is no item',
      'monsters',
      [0, 'loot', 0, 'item'],
      'rock',
      /^monsters\.json:\d+, row 1 \(slime\): "loot\.0\.item" .* there is no item "rock"$/,
    ],
    [
      'a chest with nothing known',
      'items',
      [1, 'use', 'items', 0, 'item'],
      'rock',
      /^items\.json:\d+, row 2 \(chest\): "use\.items\.0\.item" .* there is no item "rock"$/,
    ],
    [
      'a start outside',
      'scenes',
      [0, 'start', 'y'],
      500,
      /"start" is wrong: expected a place inside of the scene "field", x below 1000 and y below 500$/,
    ],
    [
      'a portal outside',
      'scenes',
      [0, 'portals', 0, 'at', 'x'],
      1_000,
      /"portals\.0\.at" is wrong: expected a place inside/,
    ],
    [
      'an arrival outside',
      'scenes',
      [0, 'portals', 0, 'arriveAt', 'y'],
      500,
      /"portals\.0\.arriveAt" is wrong: expected a place inside/,
    ],
    [
      'a spawn outside',
      'scenes',
      [0, 'spawns', 0, 'at', 'x'],
      1_000,
      /"spawns\.0\.at" is wrong: expected a place inside/,
    ],
  ])('are refused with %s', (_what, name, path, value, expected) => {
    write(changed(name, path, value))
    expect(told()).toEqual([expect.stringMatching(expected)])
  })

  it('have all their mistakes told at once, by file and line, each once', () => {
    const { items, monsters, scenes } = small()
    write({
      items: [{ ...items[0], price: 0, weight: 3 }, items[1]],
      monsters: [{ ...monsters[0], level: 0 }],
      scenes: [{ ...scenes[0], playersMax: 0 }],
    })
    expect(told().map((line) => line.replace(/ is .*/, ''))).toEqual([
      'items.json:6, row 1 (gem): "price"',
      'items.json:7, row 1 (gem): "weight"',
      'monsters.json:5, row 1 (slime): "level"',
      'scenes.json:8, row 1 (field): "playersMax"',
    ])
    expect(failure()).toMatchObject({
      code: 'CONFIG_INVALID',
      metadata: { file: join(folder, 'items.json'), line: 6, row: 1, id: 'gem', field: 'price', mistakes: 4 },
    })
  })

  it('are not told of as unknown where the file of those could not be read', () => {
    write({ items: '[' })
    expect(told()).toEqual([expect.stringMatching(/^items\.json:1: is not valid JSON/)])
  })

  it('tell of the first mistakes when there are very many', () => {
    write({ items: Array.from({ length: mistakesShown + 5 }, () => ({})) })
    const lines = told()
    expect(lines).toHaveLength(mistakesShown + 1)
    expect(lines.at(-1)).toMatch(/^and \d+ more$/)
  })
})
