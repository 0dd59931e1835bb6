import { describe, expect, it } from 'vitest'
import { testState } from '../test-support/alliance-state.ts'
import { setLevel, update } from './alliance-settings.ts'
import { demote, disband, handOver, kick, leave, promote } from './ranks.ts'

const state = testState({
  members: { lea: 'leader', off: 'officer', two: 'officer', mem: 'member' },
  elsewhere: ['eve'],
})
const error = (code: string) => expect.objectContaining({ code })
const tooLow = error('ALLIANCE_RANK_TOO_LOW')
const outside = error('NOT_IN_ALLIANCE')

describe('leaving', () => {
  it('is open to everybody but the leader', () => {
    expect(leave(state, 'mem')).toMatchObject({ leave: ['mem'], log: { kind: 'left' } })
    expect(leave(state, 'off')).toMatchObject({ leave: ['off'] })
    expect(() => leave(state, 'lea')).toThrow(error('ALLIANCE_LEADER_STAYS'))
    expect(() => leave(state, 'eve')).toThrow(outside)
  })
})

describe('kicking', () => {
  it('puts out who has a lower rank, and nobody else', () => {
    expect(kick(state, 'off', 'mem')).toMatchObject({ leave: ['mem'], log: { kind: 'kicked' } })
    expect(kick(state, 'lea', 'off')).toMatchObject({ leave: ['off'] })
    for (const target of ['two', 'off', 'lea']) expect(() => kick(state, 'off', target)).toThrow(tooLow)
    expect(() => kick(state, 'lea', 'lea')).toThrow(tooLow)
    expect(() => kick(state, 'mem', 'mem')).toThrow(tooLow)
    expect(() => kick(state, 'lea', 'eve')).toThrow(outside)
    expect(() => kick(state, 'eve', 'mem')).toThrow(outside)
  })
})

describe('ranks', () => {
  it('go up to officer', () => {
    expect(promote(state, 'lea', 'mem')).toMatchObject({ ranks: [{ rid: 'mem', rank: 'officer' }] })
    expect(promote(state, 'lea', 'off')).toBeUndefined()
    expect(() => promote(state, 'lea', 'lea')).toThrow(tooLow)
    expect(() => promote(state, 'off', 'mem')).toThrow(tooLow)
    expect(() => promote(state, 'lea', 'eve')).toThrow(outside)
  })

  it('go down to member', () => {
    expect(demote(state, 'lea', 'off')).toMatchObject({ ranks: [{ rid: 'off', rank: 'member' }] })
    expect(demote(state, 'lea', 'mem')).toBeUndefined()
    expect(() => demote(state, 'lea', 'lea')).toThrow(tooLow)
    expect(() => demote(state, 'off', 'two')).toThrow(tooLow)
  })

  it('change hands', () => {
    expect(handOver(state, 'lea', 'mem')).toMatchObject({
      set: { leaderRid: 'mem' },
      ranks: [
        { rid: 'lea', rank: 'officer' },
        { rid: 'mem', rank: 'leader' },
      ],
    })
    expect(handOver(state, 'lea', 'lea')).toBeUndefined()
    expect(() => handOver(state, 'off', 'off')).toThrow(tooLow)
    expect(() => handOver(state, 'lea', 'eve')).toThrow(outside)
  })
})

it('is disbanded by its leader', () => {
  expect(disband(state, 'lea')).toEqual({
    disband: true,
    log: { kind: 'disbanded', actor: { rid: 'lea', name: 'LEA' } },
  })
  expect(() => disband(state, 'off')).toThrow(tooLow)
  expect(() => disband(state, 'eve')).toThrow(outside)
})

describe('settings', () => {
  it('change where they are mentioned, and the log says what has', () => {
    expect(update(state, 'lea', { policy: 'open', notice: 'New', description: '' })).toEqual({
      set: { policy: 'open', minLevel: 1, notice: 'New', description: '' },
      log: {
        kind: 'updated',
        actor: { rid: 'lea', name: 'LEA' },
        detail: { policy: 'open', notice: true },
      },
    })
    expect(update(state, 'lea', { policy: 'apply', minLevel: 1 })).toBeUndefined()
    expect(() => update(state, 'off', { notice: 'New' })).toThrow(tooLow)
  })

  it('have a level that services set', () => {
    expect(setLevel(state, 2)).toEqual({ set: { level: 2 }, log: { kind: 'levelled', detail: { level: 2 } } })
    expect(setLevel(state, 1)).toBeUndefined()
  })
})
