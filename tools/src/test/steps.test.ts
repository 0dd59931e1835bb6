import { describe, expect, test } from 'vitest'
import { Interrupted } from './interrupt.ts'
import { runSteps, type Step, type StepResult } from './steps.ts'

const step = (name: string, group: number, script: string, fatal = false): Step => ({
  name,
  group,
  command: 'sh',
  args: ['-c', script],
  fatal,
})

const run = async (
  steps: readonly Step[],
  signal = new AbortController().signal,
): Promise<{ results: readonly StepResult[]; printed: string }> => {
  const lines: string[] = []
  const results = await runSteps(steps, { env: process.env, signal, print: (text) => lines.push(text) })
  return { results, printed: lines.join('\n') }
}
const outcomes = (results: readonly StepResult[]): Record<string, boolean> =>
  Object.fromEntries(results.map(({ name, ok }) => [name, ok]))

describe('runSteps', () => {
  test('a failed step shows its output and does not keep the others from running', async () => {
    const { results, printed } = await run([
      step('format', 1, 'echo bad format; exit 1'),
      step('lint', 1, 'echo fine'),
      step('docs', 2, 'exit 0'),
    ])
    expect(outcomes(results)).toEqual({ format: false, lint: true, docs: true })
    expect(printed).toContain('bad format')
    expect(printed).not.toContain('fine')
    expect(printed).toMatch(/✗ format \d+\.\d s/)
  })

  test('after a fatal failure its own group is finished and the later ones are left out', async () => {
    const { results } = await run([
      step('typecheck', 1, 'exit 1', true),
      step('lint', 1, 'exit 0'),
      step('format', 1, 'exit 0'),
      step('build', 2, 'exit 0'),
    ])
    expect(outcomes(results)).toEqual({ typecheck: false, lint: true, format: true })
  })

  test('an interruption ends it at once', async () => {
    const abort = new AbortController()
    const steps = [step('a', 1, 'sleep 1000'), step('b', 1, 'sleep 1000'), step('c', 1, 'sleep 1000')]
    const running = run(steps, abort.signal)
    abort.abort(new Interrupted('SIGINT'))
    await expect(running).rejects.toBeInstanceOf(Interrupted)
  })
})
