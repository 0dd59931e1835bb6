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
})
