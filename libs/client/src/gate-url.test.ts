import { expect, test } from 'vitest'
import { gateUrl } from './gate-url.ts'

test.each([
  [{ host: 'play.example', port: 443, tls: true }, 'wss://play.example:443'],
  [{ host: 'play.example', port: 3_250, tls: false }, 'ws://play.example:3250'],
  [{ host: '127.0.0.1', port: 3_250 }, 'ws://127.0.0.1:3250'],
  [{ host: '2001:db8::1', port: 3_250, tls: true }, 'wss://[2001:db8::1]:3250'],
  [{ host: '[::1]', port: 3_250 }, 'ws://[::1]:3250'],
])('%j is reached at %s', (gate, url) => {
  expect(gateUrl(gate)).toBe(url)
})
