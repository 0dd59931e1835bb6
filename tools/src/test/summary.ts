import type { TestCounts } from './results.ts'
import { seconds, type StepResult } from './steps.ts'

/** What a run came to. */
export interface RunOutcome {
  readonly steps: readonly StepResult[]
  /** Steps that were left out because an earlier one failed. */
  readonly notRun: readonly string[]
  /** Undefined when vitest has not run or wrote nothing. */
  readonly tests: TestCounts | undefined
  /** What the backends in use kept from being tested, one sentence each. */
  readonly leftOut: readonly string[]
}

/** Whether everything that ran was fine and nothing had to be left out for a failure. */
export const isGreen = ({ steps, notRun }: RunOutcome): boolean =>
  notRun.length === 0 && steps.every(({ ok }) => ok)

/**
 * The end of the output. Its last line has the form `N passed, N failed` and is alone on its line, for programs: each
 * test counts one, and each other step that failed counts one failure, so that `0 failed` means exit code 0.
 */
export const summarise = ({ steps, notRun, tests, leftOut }: RunOutcome): string => {
  const others = steps.filter(({ name, ok }) => name !== 'test' && !ok).length
  const testStepFailed = steps.some(({ name, ok }) => name === 'test' && !ok)
  // An error outside of any test fails the run without a failed test.
  const failedTests = Math.max(tests?.failed ?? 0, testStepFailed ? 1 : 0)
  const skipped = tests?.skipped ?? 0
  return [
    '',
    ...steps.map(({ name, ok, durationMs }) => `${ok ? '✓' : '✗'} ${name.padEnd(11)} ${seconds(durationMs)}`),
    ...notRun.map((name) => `· ${name.padEnd(11)} not run, a step before it failed`),
    ...(leftOut.length === 0 ? [] : ['', 'Left out:', ...leftOut.map((sentence) => `  ${sentence}`)]),
    '',
    `${tests?.passed ?? 0} passed, ${failedTests + others} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`,
  ].join('\n')
}
