import { HydraError, type Route } from '@hydra/protocol'
import type { RoleSession } from '@hydra/rpc'
import { expect } from 'vitest'
import type { TestGate } from './test-gate.ts'

/** The error that a request is refused with, whatever its body is; fails when it is not refused. */
export async function errorOf(
  gate: TestGate,
  session: RoleSession,
  route: Route,
  body: unknown,
): Promise<HydraError> {
  const error = await gate.request(session, route, body).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(HydraError)
  return error as HydraError
}
