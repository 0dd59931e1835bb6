import { accessSync, constants } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { planSteps } from './plan-steps.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const plan = (vitestArgs: readonly string[]): ReturnType<typeof planSteps> =>
  planSteps({ root, resultsFile: '/somewhere/vitest.json', vitestArgs })

describe('the steps of npm test', () => {
  test('the tests come last; only code that does not compile or bundle keeps them from running', () => {
    const steps = plan([])
    expect(steps.map(({ name }) => name).join(' ')).toBe('format lint boundaries typecheck docs build test')
    expect(steps.filter(({ fatal }) => fatal).map(({ name }) => name)).toEqual(['typecheck', 'build'])
    expect(Math.max(...steps.map(({ group }) => group))).toBe(steps.at(-1)?.group)
  })

  test('with arguments vitest runs alone and gets them', () => {
    const steps = plan(['libs/rpc', '--coverage'])
    expect(steps.map(({ name }) => name)).toEqual(['test'])
    expect(steps[0]?.args.slice(-2)).toEqual(['libs/rpc', '--coverage'])
  })

  test('every command is there', () => {
    for (const { command } of plan([])) accessSync(command, constants.X_OK)
  })
})
