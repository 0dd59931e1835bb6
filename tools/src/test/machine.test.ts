import { describe, expect, test } from 'vitest'
import { isDebianLike } from './machine.ts'

describe('isDebianLike', () => {
  test.each([
    ['Debian', 'NAME="Debian GNU/Linux"\nID=debian\n', true],
    ['Ubuntu', 'ID=ubuntu\nID_LIKE=debian\n', true],
    ['Mint', 'ID=linuxmint\nID_LIKE="ubuntu debian"\n', true],
    ['Fedora', 'ID=fedora\nHOME_URL="https://not.debian.example/"\n', false],
    ['Alpine', 'ID=alpine\n', false],
    ['no file', '', false],
  ])('%s', (_name, text, expected) => {
    expect(isDebianLike(text)).toBe(expected)
  })
})
