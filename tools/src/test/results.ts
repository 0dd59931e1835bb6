import { readFile } from 'node:fs/promises'
import { z } from 'zod'

/** How many tests there were. */
export interface TestCounts {
  readonly passed: number
  readonly failed: number
  /** Not run although they were there: skipped or to do. */
  readonly skipped: number
}

// The part of vitest's JSON reporter that is read here, which is jest's format.
const report = z.object({
  numPassedTests: z.number().int(),
  numFailedTests: z.number().int(),
  numPendingTests: z.number().int(),
  numTodoTests: z.number().int(),
  testResults: z.array(
    z.object({ status: z.string(), assertionResults: z.array(z.object({ status: z.string() })) }),
  ),
})

/**
 * Counts from vitest's JSON. A file that failed without a failed test (it does not load, a hook threw) counts as one
 * failure; so do results of unknown form.
 */
export const countTests = (json: unknown): TestCounts => {
  const parsed = report.safeParse(json)
  if (!parsed.success) return { passed: 0, failed: 1, skipped: 0 }
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = parsed.data
  const brokenFiles = testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  ).length
  return {
    passed: numPassedTests,
    failed: numFailedTests + brokenFiles,
    skipped: numPendingTests + numTodoTests,
  }
}

/** {@link countTests} of a file; `undefined` when vitest has not run. */
export const readTestCounts = async (file: string): Promise<TestCounts | undefined> => {
  try {
    return countTests(JSON.parse(await readFile(file, 'utf8')))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
