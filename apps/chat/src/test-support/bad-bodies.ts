import type { AnyRoute } from '@hydra/protocol'
import * as fc from 'fast-check'
import type { z } from 'zod'

/** Takes a field out instead of putting something else there. */
const missing = Symbol('missing')

const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)])
const cursor = (text: string) => Buffer.from(text).toString('base64url')
/** Own keys that objects have anyway. */
const prototypeKeys: readonly unknown[] = [
  JSON.parse('{"__proto__":{"rid":"x"}}'),
  { constructor: { prototype: {} }, toString: 1 },
]

const texts: readonly string[] = [
  ['', ' ', '\u0000', 'a\u0000b', 'a\r\nPUB x 1', '\u001b[31m', '\u202e', '\u2066', '\u200b', '\ufeff', '💥'],
  ['\ud83d', 'a\ude00b', '*', '>', '.', 'a.b', '..', 'hydra.test.>', '$JS.API.>', '%', '_', '!', '\\', '{1}'],
  ["'; DROP TABLE roles; --", '" OR 1=1', '\r\nFLUSHALL\r\n', '../../etc/passwd', '<script>', 'null', '-1'],
  ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '-', '--', 'world-', 'system-1', 'private-'],
  ['world-__proto__', 'private-__proto__', 'team-constructor', 'alliance-toString', 'private-a.b', 'none-1'],
  ['z'.repeat(64), 'z'.repeat(65), `private-${'z'.repeat(72)}`, `world-${'z'.repeat(74)}`, 'z'.repeat(6_000)],
  [
    'ﷺ'.repeat(20),
    '𠮷'.repeat(10),
    `z${'\u0335'.repeat(19)}`,
    cursor('\u0000'),
    cursor('9'.repeat(15) + ':x'),
  ],
].flat()
const numbers: readonly number[] = [
  [-1, -0, 0, 0.5, 1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  [2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 53 - 1, 2 ** 53, 2 ** 63, -(2 ** 63), 1e308, 5e-324],
].flat()
const others: readonly unknown[] = [
  [missing, null, true, false, {}, new Uint8Array([1, 2, 3])],
  [[], [null], [1], ['x', 'x'], Array.from({ length: 300 }, () => 'x'), nested(20), nested(100)],
  prototypeKeys,
].flat()
const values: readonly unknown[] = [...texts, ...numbers, ...others]

/** Bodies that are none: nothing that a route takes has this form. */
const noBodies = (good: unknown): readonly unknown[] =>
  [[null, true, 7, 'text', [], [good], nested(100)], prototypeKeys].flat()

type Path = readonly (string | number)[]

/** Every place in a body where something can be wrong: fields of the contract, and what the good body has in them. */
function pathsOf(route: AnyRoute, good: object): readonly Path[] {
  // A test of the contracts sees to it that each of them is an object.
  const { shape } = route.request as unknown as z.ZodObject
  const inside = (value: unknown, path: Path): readonly Path[] =>
    typeof value !== 'object' || value === null
      ? []
      : Object.entries(value).flatMap(([key, item]) => {
          const at = path.concat(Array.isArray(value) ? Number(key) : key)
          return [at as Path].concat(inside(item, at))
        })
  const absent = Object.keys(shape).filter((key) => !Object.hasOwn(good, key))
  return [...inside(good, []), ...absent.map((key) => [key])]
}

/** The body with something else in one place. */
function withValue(body: unknown, [key, ...rest]: Path, value: unknown): unknown {
  if (key === undefined) return value
  const copy = (Array.isArray(body) ? [...body] : { ...(body as object) }) as Record<string | number, unknown>
  if (rest.length === 0 && value === missing) delete copy[key]
  else copy[key] = withValue(copy[key] ?? {}, rest, value)
  return copy
}

/** Everything that is wrong with one place at a time, and what is no body at all. */
export const badBodies = (route: AnyRoute, good: object): readonly unknown[] => [
  ...noBodies(good),
  ...pathsOf(route, good).flatMap((path) => values.map((value) => withValue(good, path, value))),
  { ...good, unknown: 1, constructor: 'x' },
]

/** Bodies with several places changed at once to what nobody has thought of. */
export function changedBodies(route: AnyRoute, good: object): fc.Arbitrary<unknown> {
  const paths = pathsOf(route, good)
  const anything = fc.oneof(
    fc.constantFrom(...values.filter((value) => value !== missing)),
    fc.string({ unit: 'binary', maxLength: 80 }),
    fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/),
    fc.maxSafeInteger(),
    fc.double(),
    fc.jsonValue({ maxDepth: 3 }),
  )
  if (paths.length === 0) return fc.dictionary(fc.string(), anything, { maxKeys: 3 })
  return fc
    .array(fc.tuple(fc.constantFrom(...paths), anything), { minLength: 1, maxLength: 3 })
    .map((changes) => changes.reduce<unknown>((body, [path, value]) => withValue(body, path, value), good))
}
