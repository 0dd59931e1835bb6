/** What went wrong with a test server: a stable code to branch on. */
export type TestServerErrorCode =
  /** No installed binary was found; the message names what to install. */
  | 'BINARY_MISSING'
  /** The server ended or stayed silent before it was ready; the message carries the end of its log. */
  | 'START_FAILED'
  /** An operation was asked of a server that does not run, or did not end when told to. */
  | 'STATE_WRONG'
  /** A value of the environment is not one of those allowed. */
  | 'ENVIRONMENT_WRONG'
  /** Processes or files of a run could not be removed. */
  | 'CLEANUP_FAILED'
  /** A condition did not come true in time. */
  | 'TIMEOUT'

/**
 * The error of this library. It is not a `HydraError`, because that one's codes are what crosses the edges of Hydra
 * while these never leave a test run.
 *
 * @example
 * throw new TestServerError('BINARY_MISSING', 'redis-server is not installed.')
 */
export class TestServerError extends Error {
  override readonly name = 'TestServerError'
  readonly code: TestServerErrorCode

  constructor(code: TestServerErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
  }
}
