import type { HydraError } from '@hydra/protocol'

/**
 * Something that a client survives but somebody may want to know:
 * - `unknown-push`: a push that no contract of this version describes;
 * - `invalid-push`: a push whose body does not have the form of its contract;
 * - `unmatched-response`: an answer to nothing, most often to a request that had timed out;
 * - `listener-failed`: a listener of the application threw.
 */
export type ClientIssue =
  | { readonly kind: 'unknown-push'; readonly route: string }
  | { readonly kind: 'invalid-push'; readonly route: string; readonly error: HydraError }
  | { readonly kind: 'unmatched-response'; readonly id: number }
  | { readonly kind: 'listener-failed'; readonly error: unknown }

/** Counts issues by kind and tells an optional listener. */
export class IssueLog {
  readonly counts: Record<ClientIssue['kind'], number> = {
    'unknown-push': 0,
    'invalid-push': 0,
    'unmatched-response': 0,
    'listener-failed': 0,
  }
  readonly #onIssue: (issue: ClientIssue) => void

  constructor(onIssue: (issue: ClientIssue) => void = rethrowListenerErrors) {
    this.#onIssue = onIssue
  }

  report(issue: ClientIssue): void {
    this.counts[issue.kind]++
    this.#onIssue(issue)
  }

  /** Runs a listener of the application; what it throws must not keep others from being called. */
  run(listener: () => void): void {
    try {
      listener()
    } catch (error) {
      this.report({ kind: 'listener-failed', error })
    }
  }
}

/** Without a hook a failing listener surfaces as what it is: an uncaught error of the application. */
function rethrowListenerErrors(issue: ClientIssue): void {
  if (issue.kind !== 'listener-failed') return
  queueMicrotask(() => {
    throw issue.error
  })
}
