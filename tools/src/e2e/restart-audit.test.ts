import { HydraError, type ErrorCode } from '@hydra/protocol'
import { beforeEach, describe, expect, it } from 'vitest'
import { RestartAudit } from './restart-audit.ts'
import { Said } from './said.ts'
import { ToldVersions } from './told-versions.ts'

describe('the audit of a restart', () => {
  let audit: RestartAudit

  beforeEach(() => {
    audit = new RestartAudit()
    audit.begin('game 1')
  })

  const refuse = (code: ErrorCode) =>
    audit.watch('ada').onRefused?.('game.bag.sell', new HydraError(code, 'No.'), 1)
  const end = (code: ErrorCode | undefined) =>
    audit.watch('ada').onOutcome?.({ route: 'game.bag.sell', ms: 700, attempts: 3, code })
  const close = (code: string) => audit.watch('ada').onClosed?.({ code, reason: 'So.', kicked: true })

  it('counts what is sent again, and who was served', () => {
    refuse('CONNECTION_CLOSED')
    refuse('SHUTTING_DOWN')
    end(undefined)
    close('SHUTDOWN')
    expect(audit.complaints).toEqual([])
    const felt = { retries: { CONNECTION_CLOSED: 1, SHUTTING_DOWN: 1 }, closes: { SHUTDOWN: 1 } }
    expect([audit.felt(), audit.felt('game'), audit.felt('chat')]).toEqual([
      felt,
      felt,
      { retries: {}, closes: {} },
    ])
    expect([...(audit.phases[0]?.served ?? [])]).toEqual(['ada'])
    expect(audit.report()[0]).toContain('longest 700 ms (game.bag.sell, sent 3 times)')
  })

  it('lets pass what nobody has taken, unless it is given up', () => {
    const gone = new HydraError('SERVER_GONE', 'Nobody listens where the server should be; it has ended.')
    audit.watch('ada').onRefused?.('game.bag.sell', gone, 1)
    expect(audit.complaints).toEqual([])
    expect(audit.felt().retries).toEqual({ SERVER_GONE: 1 })
    end('SERVER_GONE')
    expect(audit.complaints).toHaveLength(1)
  })

  it('leaves rules of the game to the game', () => {
    refuse('BAG_FULL')
    end('BAG_FULL')
    expect(audit.complaints).toEqual([])
  })

  it.each([
    'TIMEOUT',
    'SERVER_GONE',
    'NO_SERVER',
    'STORAGE_UNAVAILABLE',
    'INTERNAL',
    'DUPLICATE_LOGIN',
    'TOKEN_EXPIRED',
  ] as const)('complains about %s even where another try has helped', (code) => {
    refuse(code)
    end(undefined)
    expect(audit.complaints).toHaveLength(1)
  })

  it('complains about what was given up, and about a player who is thrown out', () => {
    end('SHUTTING_DOWN')
    close('DUPLICATE_LOGIN')
    close('KICKED')
    expect(audit.complaints).toHaveLength(3)
  })
})

describe('what was said', () => {
  const message = (seq: number, text: string) => ({
    channel: 'world',
    seq,
    from: { rid: 'r1', name: 'Ada' },
    text,
    sentAtMs: 1,
  })

  it('is missed when it is lost, changed, or stored twice', () => {
    const said = new Said()
    for (const seq of [1, 2, 3]) {
      said.answered('chat.channel.send', { channel: 'world', text: `text ${seq}` }, { seq })
    }
    said.answered('chat.channel.send', { channel: 'team', text: 'elsewhere' }, { seq: 9 })
    expect(said.acknowledged).toBe(3)
    expect(said.wrongIn([1, 2, 3].map((seq) => message(seq, `text ${seq}`)))).toEqual([])
    expect(said.wrongIn([message(1, 'text 1'), message(2, 'other'), message(3, 'text 3')])).toHaveLength(1)
    expect(said.wrongIn([message(1, 'text 1'), message(2, 'text 2')])).toHaveLength(1)
    expect(said.wrongIn([1, 2, 3, 4].map((seq) => message(seq, `text ${seq % 4 || 1}`)))).toHaveLength(1)
  })

  it('is missed when another text is given its number', () => {
    const said = new Said()
    for (const text of ['one', 'two']) {
      said.answered('chat.channel.send', { channel: 'world', text }, { seq: 1 })
    }
    expect(said.wrongIn([message(1, 'two')])).toHaveLength(1)
  })
})

describe('versions that were told', () => {
  it('are missed when an older one is saved, or none', () => {
    const versions = new ToldVersions()
    versions.heard({ role: { rid: 'r1', version: 3 } })
    versions.heard({ role: { rid: 'r1', version: 2 } })
    versions.heard({ team: null })
    expect(versions.size).toBe(1)
    expect(versions.missingIn(new Map([['r1', { version: 3 }]]))).toEqual([])
    expect(versions.missingIn(new Map([['r1', { version: 2 }]]))).toHaveLength(1)
    expect(versions.missingIn(new Map())).toHaveLength(1)
  })
})
