import { chooseSeed, testBackends, uniqueName } from '@hydra/testing'
import * as fc from 'fast-check'
import { describe, it } from 'vitest'
import { testBackendsKinds } from '../test-support/test-backends.ts'
import { valueSteps } from '../test-support/value-steps.ts'
import { ValueWorld } from '../test-support/value-world.ts'

const roles = 3
/** How many stories are told, and how far the clock goes in a moment: real stores take real time. */
const extents: Readonly<Record<string, { readonly numRuns: number; readonly stepMs: number }>> = {
  embedded: { numRuns: 60, stepMs: 100 },
  real: { numRuns: 6, stepMs: 25 },
}

/** From none at all to so many that the ledger is full, were it not archived. */
const entriesBefore = fc.array(
  fc.oneof(fc.integer({ min: 4, max: 70 }), fc.integer({ min: 230, max: 247 })),
  {
    minLength: roles,
    maxLength: roles,
  },
)

describe.each(testBackendsKinds({ ...testBackends(), uniqueName }))(
  'value on $name backends',
  ({ name, open }) => {
    const { numRuns = 1, stepMs = 1 } = extents[name] ?? {}

    it(
      'comes and goes exactly once, whatever fails, and whenever the server dies',
      { timeout: 180_000 },
      async () => {
        await fc.assert(
          fc.asyncProperty(valueSteps(roles), entriesBefore, async (steps, entries) => {
            await new ValueWorld(await open(), { stepMs }).play(steps, entries)
          }),
          { numRuns, seed: chooseSeed(), endOnFailure: true },
        )
      },
    )
  },
)
