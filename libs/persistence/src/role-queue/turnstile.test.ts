import { beforeEach, expect, test } from 'vitest'
import { Turnstile } from './turnstile.ts'

let turnstile: Turnstile
let events: string[]
let ends: Map<string, (error?: Error) => void>
beforeEach(() => {
  turnstile = new Turnstile()
  events = []
  ends = new Map()
})

const work = (name: string) => () => {
  events.push(`${name} begins`)
  return new Promise<string>((resolve, reject) => {
    ends.set(name, (error) => {
      events.push(`${name} ends`)
      if (error === undefined) resolve(name)
      else reject(error)
    })
  })
}
const turns = async () => {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
}

test('shared work runs side by side, exclusive work alone and in its turn', async () => {
  const all = [
    turnstile.shared(work('a')),
    turnstile.shared(work('b')),
    turnstile.exclusive(work('X')),
    turnstile.shared(work('c')),
    turnstile.exclusive(work('Y')),
  ]
  await turns()
  expect(events).toEqual(['a begins', 'b begins'])
  ends.get('b')?.()
  await turns()
  ends.get('a')?.()
  await turns()
  expect(events.slice(2)).toEqual(['b ends', 'a ends', 'X begins'])
  ends.get('X')?.()
  await turns()
  ends.get('c')?.()
  await turns()
  expect(events.slice(5)).toEqual(['X ends', 'c begins', 'c ends', 'Y begins'])
  ends.get('Y')?.()
  expect(await Promise.all(all)).toEqual(['a', 'b', 'X', 'c', 'Y'])
  await turnstile.idle()
})

test('work that fails holds nobody up', async () => {
  const failures = [turnstile.shared(work('a')), turnstile.exclusive(work('X'))].map((one) =>
    expect(one).rejects.toThrow('broken'),
  )
  const after = turnstile.shared(work('b'))
  for (const name of ['a', 'X']) {
    await turns()
    ends.get(name)?.(new Error('broken'))
  }
  await turns()
  ends.get('b')?.()
  await Promise.all(failures)
  expect(await after).toBe('b')
})
