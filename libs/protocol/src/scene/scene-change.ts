import type { SceneChange, SceneEntity } from './entity.ts'

/**
 * The entity after a change, as a new value; the same value if the change changes nothing. Servers and clients both use
 * this, so that they cannot come to different ends.
 *
 * @example applySceneChange({ i: 1, k: 'm', p: [0, 0], n: 'rat', s: 'd' }, { p: [5, 5], s: null }) // { i: 1, k: 'm', p: [5, 5], n: 'rat' }
 */
export function applySceneChange(entity: SceneEntity, change: Omit<SceneChange, 'i'>): SceneEntity {
  const { p = entity.p, n = entity.n, l = entity.l, h = entity.h } = change
  const s = change.s === null ? undefined : (change.s ?? entity.s)
  const o = change.o === null ? undefined : (change.o ?? entity.o)
  const isSame =
    isSamePair(p, entity.p) &&
    n === entity.n &&
    l === entity.l &&
    isSamePair(h, entity.h) &&
    s === entity.s &&
    o === entity.o
  if (isSame) return entity
  return {
    i: entity.i,
    k: entity.k,
    p,
    n,
    ...(entity.r === undefined ? {} : { r: entity.r }),
    ...(l === undefined ? {} : { l }),
    ...(h === undefined ? {} : { h }),
    ...(s === undefined ? {} : { s }),
    ...(entity.q === undefined ? {} : { q: entity.q }),
    ...(o === undefined ? {} : { o }),
  }
}

/**
 * What leads from one value of an entity to a later one: the components that differ, `null` for one that it has no more.
 * `undefined` when none differs.
 *
 * @example applySceneChange(before, sceneChangeBetween(before, now) ?? {}) // equals `now`
 */
export function sceneChangeBetween(before: SceneEntity, now: SceneEntity): SceneChange | undefined {
  const change = {
    i: now.i,
    ...(isSamePair(before.p, now.p) ? {} : { p: now.p }),
    ...(before.n === now.n ? {} : { n: now.n }),
    ...(before.l === now.l ? {} : { l: now.l }),
    ...(isSamePair(before.h, now.h) ? {} : { h: now.h }),
    ...(before.s === now.s ? {} : { s: now.s ?? null }),
    ...(before.o === now.o ? {} : { o: now.o ?? null }),
  }
  return Object.keys(change).length === 1 ? undefined : change
}

type Pair = readonly [number, number]

const isSamePair = (a: Pair | undefined, b: Pair | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && a[0] === b[0] && a[1] === b[1])
