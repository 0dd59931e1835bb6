import type { DoctorMachine } from './doctor-machine.ts'

/** What people do with a checkout, and what it takes. */
export const uses = ['play', 'test', 'local cluster', 'images'] as const
/** One of {@link uses}. */
export type Use = (typeof uses)[number]

/** Without these a checkout is of no use. */
export const neededUses: ReadonlySet<Use> = new Set(['play', 'test'])

/** How something is: `hint`: it works without, or with something else. */
export type Verdict = 'ok' | 'hint' | 'missing'

/** What a check has found. */
export interface Finding {
  readonly verdict: Verdict
  /** What there is, or is not, in a sentence or less. */
  readonly detail: string
  /** What to do, a line each: commands, or how else to go on. */
  readonly help?: readonly string[]
}

/** One thing to look at. */
export interface Check {
  readonly use: Use
  readonly name: string
  /** Changes nothing on the machine. */
  readonly look: (machine: DoctorMachine) => Finding | Promise<Finding>
}

/** A finding and what it is about. */
export interface NamedFinding extends Finding {
  readonly use: Use
  readonly name: string
}

/**
 * Makes all checks; one that breaks is a finding as well.
 *
 * @example const findings = await runChecks(checks, thisMachine(root))
 */
export async function runChecks(
  checks: readonly Check[],
  machine: DoctorMachine,
): Promise<readonly NamedFinding[]> {
  return Promise.all(
    checks.map(async ({ use, name, look }) => {
      try {
        return { use, name, ...(await look(machine)) }
      } catch (error) {
        const detail = `could not be looked at: ${error instanceof Error ? error.message : String(error)}`
        return { use, name, verdict: 'missing' as const, detail }
      }
    }),
  )
}

/** Whether nothing is missing that playing and testing need. */
export const isFit = (findings: readonly NamedFinding[]): boolean =>
  !findings.some(({ use, verdict }) => verdict === 'missing' && neededUses.has(use))
