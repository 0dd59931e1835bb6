import { runProcess, type ProcessOptions } from './run-process.ts'

/** One of the things that `npm test` does, each a process. */
export interface Step {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  /** Whether what follows makes no sense after this failed. */
  readonly fatal?: boolean
  /** Steps of several groups are run one after the other; those of one group two at a time. */
  readonly group: number
}

/** How a step went. */
export interface StepResult {
  readonly name: string
  readonly ok: boolean
  readonly durationMs: number
}

/** What {@link runSteps} needs from outside. */
export interface StepsOptions {
  readonly env: NodeJS.ProcessEnv
  readonly signal: AbortSignal
  readonly print: (text: string) => void
}

const parallelMax = 2

/**
 * Runs steps group by group. A step that is alone in its group writes straight to the terminal; the output of the others
 * is shown only if they fail. A failed step does not keep the others from running, unless it is a fatal one: then the
 * later groups are left out.
 *
 * @throws the signal's reason when it was aborted
 */
export const runSteps = async (
  steps: readonly Step[],
  options: StepsOptions,
): Promise<readonly StepResult[]> => {
  const results: StepResult[] = []
  const groups = [...new Set(steps.map(({ group }) => group))].sort((a, b) => a - b)
  for (const group of groups) {
    const members = steps.filter((step) => step.group === group)
    const output = members.length === 1 ? 'inherit' : 'capture'
    const waiting = [...members]
    const worker = async (): Promise<void> => {
      for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
        results.push(await runStep(step, output, options))
      }
    }
    await Promise.all(Array.from({ length: parallelMax }, worker))
    const fatal = members.some(({ name, fatal: isFatal = false }) => isFatal && failed(results, name))
    if (fatal) break
  }
  return results
}

const failed = (results: readonly StepResult[], name: string): boolean =>
  results.some((result) => result.name === name && !result.ok)

const runStep = async (
  step: Step,
  output: ProcessOptions['output'],
  { env, signal, print }: StepsOptions,
): Promise<StepResult> => {
  const { name, command, args } = step
  const begin = performance.now()
  if (output === 'inherit') print(`▸ ${name}`)
  const result = await runProcess({ command, args, env, output, signal })
  const durationMs = Math.round(performance.now() - begin)
  const ok = result.exitCode === 0
  print(`${ok ? '✓' : '✗'} ${name} ${seconds(durationMs)}`)
  if (!ok && output === 'capture') print(result.output.trimEnd())
  return { name, ok, durationMs }
}

/** A duration for people. */
export const seconds = (durationMs: number): string => `${(durationMs / 1_000).toFixed(1)} s`
