import { productionFindings } from '@hydra/runtime'
import { describe, expect, it } from 'vitest'
import { gateConfigSchema } from './config.ts'

describe('gate configuration', () => {
  it('has a default for everything', () => {
    const config = gateConfigSchema.parse({})
    expect([config.gate.port, config.gate.transport, config.gate.heartbeatSeconds]).toEqual([
      3_250,
      'auto',
      30,
    ])
    expect(config.gate.minClientVersion).toBeUndefined()
  })

  it.each([
    [{ gate: { port: 65_536 } }, 'gate.port'],
    [{ gate: { minClientVersion: 'latest' } }, 'gate.minClientVersion'],
    [{ gate: { transport: 'udp' } }, 'gate.transport'],
    [{ gate: { tlsCertFile: '/etc/hydra/gate.pem' } }, 'gate.tlsKeyFile'],
    [{ gate: { trustedProxies: ['10.0.0.0/33'] } }, 'gate.trustedProxies.0'],
    [{ tcp: { proxyProtocol: true } }, 'tcp.proxyProtocol'],
    [{ limits: { maxPacketBytes: 0x1_00_00_00 } }, 'limits.maxPacketBytes'],
    [{ limits: { unknown: 1 } }, 'limits'],
    [{ service: { stopTimeoutMs: 3_000 } }, 'drain.releasesMs'],
  ])('refuses %j', (sections, path) => {
    const parsed = gateConfigSchema.safeParse(sections)
    expect(parsed.error?.issues.map((issue) => issue.path.join('.'))).toContain(path)
  })

  const files = { tlsCertFile: '/etc/hydra/gate.pem', tlsKeyFile: '/etc/hydra/gate-key.pem' }
  const proxied = { trustedProxies: ['10.0.0.0/8'] }
  const warnedOf = (sections: object) => {
    const config = gateConfigSchema.parse({ service: { mode: 'production' }, ...sections })
    return productionFindings(gateConfigSchema, config)
      .map(({ key }) => key)
      .filter((key) => /^(gate|tcp)\./.test(key))
  }

  it.each([
    [{}, ['gate.tlsCertFile']],
    [{ gate: files, tcp: { port: 3_251, tls: false } }, ['tcp.tls']],
    [{ gate: proxied, tcp: { port: 3_251 } }, ['tcp.tls']],
    [{ tcp: { port: 3_251 } }, ['gate.tlsCertFile', 'tcp.tls']],
  ])('in production warns of what players send in the clear: %j', (sections, keys) => {
    expect(warnedOf(sections)).toEqual(keys)
  })

  it.each([
    { gate: files },
    { gate: files, tcp: { port: 3_251 } },
    { gate: files, tcp: { tls: false } },
    { gate: proxied },
    { gate: proxied, tcp: { port: 3_251, tls: false, proxyProtocol: true } },
  ])('in production has nothing against %j', (sections) => {
    expect(warnedOf(sections)).toEqual([])
  })
})
