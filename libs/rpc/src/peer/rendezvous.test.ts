import { createIds, systemClock } from '@hydra/runtime'
import { expect, test } from 'vitest'
import { hashText, rendezvous } from './rendezvous.ts'

const ids = createIds(systemClock)
const servers = Array.from({ length: 5 }, () => ids.next()).map((id) => ({ id, hash: hashText(id) }))
const keys = Array.from({ length: 20_000 }, (_, index) => `uid-${index}`)
const chosen = (key: string, among: typeof servers) => rendezvous(key, among)?.id

test('the same key goes to the same server, in whatever order the servers are listed', () => {
  for (const key of keys.slice(0, 500)) expect(chosen(key, servers.toReversed())).toBe(chosen(key, servers))
})

test('every process computes the same hash', () => {
  expect(['', 'a', 'game-1', 'ü🐉'].map(hashText)).toEqual([
    2_872_998_923, 444_641_715, 1_122_352_814, 317_733_960,
  ])
})

test('keys are spread evenly', () => {
  for (const { id } of servers) {
    const share = keys.filter((key) => chosen(key, servers) === id).length / keys.length
    expect(share).toBeGreaterThan(0.18)
    expect(share).toBeLessThan(0.22)
  }
})

test('a server that leaves hands on its own keys only, evenly; one that joins takes its share from each', () => {
  const [left, ...rest] = servers
  const moved = keys.filter((key) => chosen(key, servers) !== chosen(key, rest))
  expect(moved.every((key) => chosen(key, servers) === left?.id)).toBe(true)
  expect(moved.length / keys.length).toBeGreaterThan(0.18)
  expect(moved.length / keys.length).toBeLessThan(0.22)
  for (const { id } of rest) {
    const share = moved.filter((key) => chosen(key, rest) === id).length / moved.length
    expect(share).toBeGreaterThan(0.2)
    expect(share).toBeLessThan(0.3)
  }
})

test('there is no choice among none', () => {
  expect(rendezvous('uid', [])).toBeUndefined()
})
