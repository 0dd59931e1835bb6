import { join } from 'node:path'
import type { Step } from './steps.ts'

/** Where the steps find and leave things. */
export interface PlanOptions {
  /** The folder of the repository. */
  readonly root: string
  /** The file for vitest's results in JSON. */
  readonly resultsFile: string
  /** What the user gave; with it vitest runs alone. */
  readonly vitestArgs: readonly string[]
}

/**
 * The steps of `npm test`. Format, lint and stale documents are reported and the tests run all the same, so that one
 * run shows everything; code that does not compile or bundle ends the run, since the tests would say the same again.
 */
export const planSteps = ({ root, resultsFile, vitestArgs }: PlanOptions): readonly Step[] => {
  const bin = (name: string): string => join(root, 'node_modules', '.bin', name)
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${resultsFile}`]
  const test: Step = {
    name: 'test',
    command: bin('vitest'),
    args: ['run', ...reporters, ...vitestArgs],
    group: 4,
  }
  if (vitestArgs.length > 0) return [test]
  return [
    { name: 'format', command: bin('oxfmt'), args: ['--check'], group: 1 },
    { name: 'lint', command: bin('oxlint'), args: [], group: 1 },
    { name: 'boundaries', command: bin('eslint'), args: ['.'], group: 1 },
    { name: 'typecheck', command: bin('tsc'), args: ['-b'], group: 1, fatal: true },
    {
      name: 'docs',
      command: process.execPath,
      args: [join(root, 'tools', 'bin', 'hydra.mjs'), 'docs', '--check'],
      group: 2,
    },
    { name: 'build', command: bin('nx'), args: ['run-many', '-t', 'build'], group: 3, fatal: true },
    test,
  ]
}
