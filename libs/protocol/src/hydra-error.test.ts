import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { badRequest, HydraError } from './hydra-error.ts'

describe('HydraError', () => {
  test('crosses a wire without stack or cause', () => {
    const cause = new Error('secret detail')
    const error = new HydraError('NAME_TAKEN', 'Taken.', { cause, metadata: { name: 'Ada' } })
    expect(error.cause).toBe(cause)
    expect(error.toBody()).toEqual({ code: 'NAME_TAKEN', msg: 'Taken.', metadata: { name: 'Ada' } })
    const received = HydraError.fromBody(error.toBody())
    expect(received).toMatchObject({ code: 'NAME_TAKEN', message: 'Taken.', metadata: { name: 'Ada' } })
    expect(received.cause).toBeUndefined()
    expect(new HydraError('TIMEOUT', 'Late.').toBody()).toEqual({ code: 'TIMEOUT', msg: 'Late.' })
  })

  test('carries a place', () => {
    const error = new HydraError('MOVE_TOO_FAR', 'Too far.', { metadata: { at: [120, 300] } })
    expect(HydraError.fromBody(error.toBody()).metadata).toEqual({ at: [120, 300] })
  })

  test('knows whether to try again', () => {
    expect(new HydraError('SERVER_BUSY', 'Full.').retryable).toBe(true)
    expect(new HydraError('NAME_TAKEN', 'Taken.').retryable).toBe(false)
  })

  test('from: keeps its own, hides everything else behind INTERNAL', () => {
    const own = new HydraError('BANNED', 'Out.')
    expect(HydraError.from(own)).toBe(own)
    for (const thrown of [
      new TypeError('password is hunter2'),
      'text',
      undefined,
      null,
      { code: 'BANNED' },
    ]) {
      const error = HydraError.from(thrown)
      expect(error.code).toBe('INTERNAL')
      expect(JSON.stringify(error.toBody())).not.toContain('hunter2')
      expect(error.cause).toBe(thrown)
    }
  })

  test('fromBody: codes and forms that are not ours become INTERNAL', () => {
    expect(HydraError.fromBody({ code: 'PIT-404', msg: 'not found', metadata: { a: 1 } })).toMatchObject({
      code: 'INTERNAL',
      message: 'not found',
      metadata: { a: 1, code: 'PIT-404' },
    })
    for (const body of [
      null,
      'text',
      {},
      { code: 1, msg: 'x' },
      { code: 'BANNED', msg: 'x', metadata: [] },
    ]) {
      expect(HydraError.fromBody(body).code).toBe('INTERNAL')
    }
  })
})

describe('badRequest', () => {
  const schema = z.object({ role: z.object({ name: z.string().min(2) }) })

  test('names path and expectation', () => {
    const { error } = schema.safeParse({ role: { name: 'x' } })
    const refusal = badRequest('game.role.create', error ?? new z.ZodError([]))
    expect(refusal.message).toBe(
      'game.role.create: "role.name" is wrong: Too small: expected string to have >=2 characters',
    )
    expect(refusal.toBody()).toMatchObject({ code: 'BAD_REQUEST', metadata: { path: 'role.name' } })
  })

  test('speaks of the body when there is no path', () => {
    const { error } = schema.safeParse(null)
    expect(badRequest('x', error ?? new z.ZodError([])).metadata).toMatchObject({ path: '(body)' })
    expect(badRequest('x', new z.ZodError([])).metadata).toMatchObject({ expectation: 'unknown mismatch' })
  })
})
