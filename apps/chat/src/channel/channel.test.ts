import { describe, expect, it } from 'vitest'
import { channelsOnEnter, findChannel, hasJoined } from './channel.ts'

describe('channels', () => {
  it('are found by the name that clients write', () => {
    expect(findChannel('world')).toEqual({ name: 'world', topic: 'chat-world' })
    expect(findChannel('alliance-1')).toBeUndefined()
    expect(findChannel('')).toBeUndefined()
  })

  it('that are joined by entering exist', () => {
    expect(channelsOnEnter.map(({ name }) => name)).toEqual(['world'])
    for (const channel of channelsOnEnter) expect(findChannel(channel.name)).toBe(channel)
  })

  it('are open to the session that is present, and to no other', () => {
    expect(hasJoined({ sessionId: 's1' }, { sessionId: 's1' })).toBe(true)
    expect(hasJoined({ sessionId: 's1' }, { sessionId: 's2' })).toBe(false)
    expect(hasJoined({ sessionId: 's1' }, undefined)).toBe(false)
  })
})
