import { describe, expect, it } from 'vitest'
import { addressGroup, normalizeAddress } from './remote-address.ts'

describe('normalizeAddress', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['0000:0000:0000:0000:0000:ffff:7f00:0001', '127.0.0.1'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['0000:0000:0000:0000:0000:0000:0000:0001', '::1'],
    ['2001:0DB8:0000:0000:0000:0000:0000:0007', '2001:db8::7'],
    ['fe80::1%eth0', 'fe80::1'],
    ['', ''],
  ])('%s is %s', (text, expected) => {
    expect(normalizeAddress(text)).toBe(expected)
  })
})

describe('addressGroup', () => {
  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['2001:db8::7', '2001:db8:0:0::/64'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['::1', '0:0:0:0::/64'],
  ])('%s belongs to %s', (address, expected) => {
    expect(addressGroup(address)).toBe(expected)
  })
})
