import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  channelOfKey,
  channelsOf,
  findChannel,
  hasJoined,
  isArchived,
  nameFor,
  otherOf,
  privateChannel,
  sharedChannel,
  systemChannel,
  topicsOf,
} from './channel.ts'

const ada = { rid: 'ada', world: 'local-1', allianceId: 'lions', teamId: 'seven' }
const loner = { rid: 'bob', world: 'eu-west-2' }

/** What ids are made of, the separators of names included. */
const id = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/)

describe('the channels of a role', () => {
  it('are its shard of the world, its alliance, its team, and that of the system', () => {
    expect(channelsOf(ada).map(({ key }) => key)).toEqual([
      'world-local-1',
      'alliance-lions',
      'team-seven',
      'system',
    ])
    expect(channelsOf(loner).map(({ key }) => key)).toEqual(['world-eu-west-2', 'system'])
    expect(topicsOf(loner)).toEqual(['chat-world-eu-west-2', 'chat-system', 'chat-role-bob'])
  })

  it('are found by their kind, and by their whole name', () => {
    for (const name of ['world', 'world-local-1'])
      expect(findChannel(name, ada)).toEqual(sharedChannel('world', 'local-1'))
    for (const name of ['alliance', 'alliance-lions'])
      expect(findChannel(name, ada)).toEqual(sharedChannel('alliance', 'lions'))
    expect(findChannel('team', ada)).toEqual(sharedChannel('team', 'seven'))
    expect(findChannel('system', ada)).toBe(systemChannel)
    expect(findChannel('private-bob', ada)).toEqual(privateChannel('ada', 'bob'))
  })

  it('are not those of others, and not what there cannot be', () => {
    for (const name of ['world-local-2', 'alliance-tigers', 'team-8'])
      expect(findChannel(name, ada)).toBe('not-joined')
    for (const name of ['alliance', 'team']) expect(findChannel(name, loner)).toBe('not-joined')
    for (const name of ['', 'zone', 'zone-1', 'system-1', 'private', 'private-ada'])
      expect(findChannel(name, ada)).toBe('unknown')
  })
})

describe('a private conversation', () => {
  it('is one channel for both, whatever their ids look like, under the name of the other', () => {
    fc.assert(
      fc.property(id, id, (one, two) => {
        fc.pre(one !== two)
        const channel = privateChannel(one, two)
        expect(channel).toEqual(privateChannel(two, one))
        expect(channelOfKey(channel.key)).toEqual(channel)
        expect(nameFor(channel, one)).toBe(`private-${two}`)
        expect(findChannel(nameFor(channel, two), { ...loner, rid: two })).toEqual(channel)
        expect(otherOf(channel.key, one)).toBe(two)
      }),
    )
  })

  it('reaches each side by a topic of its own', () => {
    expect(privateChannel('bob', 'ada').topics).toEqual(['chat-role-ada', 'chat-role-bob'])
  })
})

it('a key leads back to its channel; anything else to none', () => {
  for (const channel of channelsOf(ada)) expect(channelOfKey(channel.key)).toEqual(channel)
  for (const key of [
    '',
    'world',
    'alliance',
    'system-1',
    'private-a',
    'private-a.',
    'private-b.a',
    'private-a.a',
    'private-a.b.c',
    'x-1',
  ])
    expect(channelOfKey(key)).toBeUndefined()
})

it('alliance and private messages are archived', () => {
  expect([...channelsOf(ada), privateChannel('a', 'b')].filter(isArchived).map(({ kind }) => kind)).toEqual([
    'alliance',
    'private',
  ])
})

it('channels are open to the session that is present, and to no other', () => {
  expect(hasJoined({ sessionId: 's1' }, { sessionId: 's1' })).toBe(true)
  expect(hasJoined({ sessionId: 's1' }, { sessionId: 's2' })).toBe(false)
  expect(hasJoined({ sessionId: 's1' }, undefined)).toBe(false)
})
