import { describe, expect, it } from 'vitest'
import { withoutSecrets } from './secrets.ts'

describe('a line without its secrets', () => {
  it.each([
    ['login ada "correct horse"', 'login ada'],
    ['.register ada secret99', '.register'],
    ['register username=ada password=secret99', 'register username=ada'],
    ['register password=secret99 username=ada', 'register'],
    ['login {"username":"ada","password":"secret99"}', 'login'],
    ['login {"username":"ada","password":"secr', 'login'],
    ['login ada "secr', 'login'],
    ['login ada secret99 and=more', 'login'],
    ['regstr ada secret99', 'regstr'],
    ['gate.session.login token=secret99', 'gate.session.login'],
    ['session login secret99', 'session login'],
    ['game.role.create name=Ada', 'game.role.create name=Ada'],
    ['game.role.list', 'game.role.list'],
    ['game.role.creat name=Ada', 'game.role.creat name=Ada'],
    ['session logout', 'session logout'],
    ['watch off', 'watch off'],
  ])('%s', (line, shown) => {
    expect(withoutSecrets(line)).toBe(shown)
  })
})
