import { describe, expect, it } from 'vitest'
import { complete } from './complete.ts'

const known = { rids: ['r1', 'r2'] }
const candidates = (line: string) => complete(line, known)[0]

describe('completion', () => {
  it('of names goes to the next dot where many go on from there', () => {
    expect(candidates('ga')).toEqual(['gate.', 'game.'])
    expect(candidates('game.role.cr')).toEqual(['game.role.create '])
    expect(candidates('game.')).toContain('game.scene.')
    expect(candidates('chat.channel.')).toContain('chat.channel.send ')
    expect(candidates('.st')).toEqual(['.state '])
    expect(candidates('reg')).toEqual(['register '])
  })

  it('of short names, with dots or with blanks', () => {
    expect(candidates('role.cr')).toEqual(['role.create '])
    expect(candidates('role cr')).toEqual(['create '])
    expect(candidates('game role en')).toEqual(['enter '])
  })

  it('of an empty line offers commands and services', () => {
    expect(candidates('')).toEqual(expect.arrayContaining(['help ', 'register ', 'game.', 'chat.']))
  })

  it('of arguments leaves out those that are given', () => {
    expect(complete('channel send ', known)).toEqual([['channel=', 'text=', 'messageId='], ''])
    expect(candidates('channel send channel=world ')).toEqual(['text=', 'messageId='])
    expect(candidates('channel send world te')).toEqual(['text='])
    expect(candidates('game.role.list ')).toEqual([])
  })

  it('of values offers what the contract lists, and the roles of the account', () => {
    expect(complete('alliance.create policy=', known)).toEqual([
      ['policy=open ', 'policy=apply ', 'policy=closed '],
      'policy=',
    ])
    expect(candidates('alliance.create policy=a')).toEqual(['policy=apply '])
    expect(candidates('role enter ')).toEqual(['rid=', 'r1 ', 'r2 '])
    expect(candidates('role enter rid=r2')).toEqual(['rid=r2 '])
    expect(candidates('register ada ')).toEqual(['password='])
  })

  it('of what help, watch and wait take', () => {
    expect(candidates('help NAME_')).toEqual(['NAME_TAKEN '])
    expect(candidates('help game.role.cr')).toEqual(['game.role.create '])
    expect(candidates('watch o')).toEqual(['on ', 'off '])
    expect(candidates('wait chat.channel.m')).toEqual(['chat.channel.message '])
  })

  it('says nothing inside of quotes', () => {
    expect(candidates('role create "Ad')).toEqual([])
  })
})
