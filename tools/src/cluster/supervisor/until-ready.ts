import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'

const lookEveryMs = 50
const answerTimeoutMs = 3_000

const reportSchema = z.object({ status: z.string(), checks: z.record(z.string(), z.string()) })

/** What `/readyz` of a service says, or why it says nothing. */
export type ReadyAnswer =
  | { readonly kind: 'ready' }
  /** With a sentence for people: `starting: mysql: connection refused`. */
  | { readonly kind: 'notReady'; readonly status: string; readonly reason: string }
  | { readonly kind: 'silent'; readonly reason: string }

/** Asks `/readyz` once. Never rejects. */
export async function askReady(opsUrl: string, timeoutMs: number = answerTimeoutMs): Promise<ReadyAnswer> {
  try {
    const response = await fetch(`${opsUrl}/readyz`, { signal: AbortSignal.timeout(timeoutMs) })
    const body: unknown = await response.json()
    if (response.ok) return { kind: 'ready' }
    const { status, checks } = reportSchema.parse(body)
    const failed = Object.entries(checks).filter(([, result]) => result !== 'ok')
    const reason = failed.map(([name, result]) => `${name}: ${result}`).join('; ')
    return { kind: 'notReady', status, reason }
  } catch (error) {
    const { cause } = error as { readonly cause?: unknown }
    const told = cause instanceof Error ? cause : error
    return { kind: 'silent', reason: told instanceof Error ? told.message : String(told) }
  }
}

/** Bounds of {@link untilReady}. */
export interface UntilReadyOptions {
  readonly opsUrl: string
  readonly timeoutMs: number
  /** Ends the waiting. */
  readonly signal: AbortSignal
}

/**
 * Waits until a service is ready.
 *
 * @returns `undefined` when it is, else what it said last
 * @throws the signal's reason
 */
export async function untilReady({
  opsUrl,
  timeoutMs,
  signal,
}: UntilReadyOptions): Promise<string | undefined> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const answer = await askReady(opsUrl)
    signal.throwIfAborted()
    if (answer.kind === 'ready') return undefined
    if (performance.now() > deadline) {
      return answer.kind === 'silent' ? answer.reason : `${answer.status}: ${answer.reason}`
    }
    await sleep(lookEveryMs, undefined, { signal })
  }
}
