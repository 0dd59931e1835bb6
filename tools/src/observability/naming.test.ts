import { describe, expect, it } from 'vitest'
import { complaints, unitOf } from './naming.ts'

const good = {
  name: 'hydra_gate_requests_total',
  type: 'counter',
  help: 'Requests.',
  labels: ['route'],
} as const

describe('the names of metrics', () => {
  it.each([
    good,
    { ...good, name: 'hydra_event_log_buffered_bytes', type: 'gauge' as const },
    { ...good, name: 'hydra_role_queue_batch_roles', type: 'histogram' as const },
    { ...good, name: 'hydra_service_state', type: 'gauge' as const, help: '1 for the state.' },
  ])('$name is one', (metric) => expect(complaints(metric)).toEqual([]))

  it.each([
    { name: 'gate_requests_total' },
    { name: 'hydra_gate_total' },
    { name: 'hydra_gates_requests_total' },
    { name: 'hydra_gate_Requests_total' },
    { name: 'hydra_gate_requests' },
    { name: 'hydra_gate_wait_ms_total' },
    { name: 'hydra_gate_connections_total', type: 'gauge' as const },
    { name: 'hydra_gate_queue_length', type: 'gauge' as const },
    { name: 'hydra_gate_request_millis', type: 'histogram' as const },
    { name: 'hydra_gate_request', type: 'histogram' as const },
    { help: '' },
    { help: 'requests' },
    { labels: ['roleId'] },
  ])('%o is refused', (wrong) => expect(complaints({ ...good, ...wrong })).not.toEqual([]))

  it('tell the unit', () => {
    expect(unitOf('hydra_rpc_sent_bytes_total')).toBe('bytes')
    expect(unitOf('hydra_redis_call_seconds')).toBe('seconds')
    expect(unitOf('hydra_gate_requests_total')).toBe('')
  })
})
