import { describe, expect, it } from 'vitest'
import { LineError, OpenLineError } from './line-error.ts'
import { parseLine } from './parse-line.ts'

const called = (line: string, answers: Readonly<Record<string, unknown>> = {}) => {
  const parsed = parseLine(line, (path) => answers[path])
  return parsed.kind === 'call' ? [parsed.callable.name, parsed.body] : parsed
}

describe('a line', () => {
  it.each(['', '   ', '# for readers', '  # {'])('may ask for nothing: %j', (line) => {
    expect(called(line)).toEqual({ kind: 'nothing' })
  })

  it.each([
    ['game.role.create name=Ada', 'game.role.create', { name: 'Ada' }],
    ['game.role.create {"name": "Ada", "more": [1]}', 'game.role.create', { name: 'Ada', more: [1] }],
    ['role.create Ada', 'game.role.create', { name: 'Ada' }],
    ['role create "Ada L."', 'game.role.create', { name: 'Ada L.' }],
    ['  game role create   Ada Lovelace', 'game.role.create', { name: 'Ada Lovelace' }],
    ['role create \'a "b"\'', 'game.role.create', { name: 'a "b"' }],
    ['role create name="\\u0041da"', 'game.role.create', { name: 'Ada' }],
    ['register ada "correct horse"', 'register', { username: 'ada', password: 'correct horse' }],
    ['login password=12345678 ada', 'login', { username: 'ada', password: '12345678' }],
    ["channel send world it's me =x{", 'chat.channel.send', { channel: 'world', text: "it's me =x{" }],
    ['channel send text=hi world', 'chat.channel.send', { channel: 'world', text: 'hi' }],
    ['channel history world limit=5', 'chat.channel.history', { channel: 'world', limit: 5 }],
    ['role ping 12.5', 'game.role.ping', { clientTimeMs: 12.5 }],
    ['scene move 100,200', 'game.scene.move', { to: [100, 200] }],
    ['scene move to=[100, 200]', 'game.scene.move', { to: [100, 200] }],
    ['presence get rids=a,b', 'chat.presence.get', { rids: ['a', 'b'] }],
    [
      'settings set changes.volume=3 changes.on=true changes.lang=de changes.old=null',
      'game.settings.set',
      { changes: { volume: 3, on: true, lang: 'de', old: null } },
    ],
    [
      'session login token=t resume.pushes=3 resume.sessionId=9',
      'gate.session.login',
      { token: 't', resume: { pushes: 3, sessionId: '9' } },
    ],
  ])('names a route and its arguments: %s', (line, name, body) => {
    expect(called(line)).toEqual([name, body])
  })

  it('takes values of former answers, counted on where asked', () => {
    const answers = { 'role.rid': 'r1', lastOperation: 7, at: [1, 2] }
    expect(called('role enter $role.rid', answers)).toEqual(['game.role.enter', { rid: 'r1' }])
    expect(called('daily claim $lastOperation+1', answers)).toEqual(['game.daily.claim', { operation: 8 }])
    expect(called('scene move to=$at', answers)).toEqual(['game.scene.move', { to: [1, 2] }])
    expect(called('role create "$role.rid"', answers)).toEqual(['game.role.create', { name: '$role.rid' }])
    expect(() => called('role enter $uid', answers)).toThrow('No answer so far has "uid"')
    expect(() => called('role enter $role.rid+1', answers)).toThrow('no number')
  })

  it('may be a command, with a dot or without', () => {
    expect(called('.watch off')).toEqual({ kind: 'command', name: 'watch', args: ['off'] })
    expect(called('wait chat.channel 3')).toEqual({
      kind: 'command',
      name: 'wait',
      args: ['chat.channel', '3'],
    })
  })

  it.each([
    ['fly', 'no command and no route "fly"'],
    ['registr ada', 'Do you mean register'],
    ['game.role.leave', 'no route "game.role.leave"'],
    ['role create nmae=Ada', 'has no argument "nmae"; it takes name'],
    ['role list all', 'it takes none'],
    ['channel history world 5', 'given by name'],
    ['scene attack target=wolf', '"target" takes a whole number; "wolf" is none'],
    ['scene attack "12"', 'without quotes'],
    ['alliance create Owls OWL policy=maybe', 'one of open, apply, closed'],
    ['role create {name: "Ada"}', 'no JSON'],
  ])('is refused: %s', (line, complaint) => {
    expect(() => called(line)).toThrow(LineError)
    expect(() => called(line)).toThrow(complaint)
  })

  it.each(['role create "Ada', "role create 'Ada", 'role create {"name": "}"', 'scene move [1,'])(
    'is not over: %s',
    (line) => {
      expect(() => called(line)).toThrow(OpenLineError)
    },
  )
})
