import * as z from 'zod'
import { errorCodes, isErrorCode, type ErrorCode } from './error-codes.ts'

/** Plain values that help a program react to an error, for example `{ path: 'name' }`, or `{ at: [120, 300] }`. */
export type ErrorMetadata = Readonly<Record<string, string | number | boolean | null | readonly number[]>>

/** What an error looks like inside a message or an HTTP answer. */
export interface ErrorBody {
  readonly code: string
  readonly msg: string
  readonly metadata?: ErrorMetadata
}

/** Schema of {@link ErrorBody}, tolerant of fields that other servers add. */
export const errorBodySchema = z.object({
  code: z.string(),
  msg: z.string(),
  metadata: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.number())]))
    .optional(),
})

/**
 * The one error class of Hydra: a stable code to branch on, a sentence for a person, the cause for the log.
 *
 * @example
 * throw new HydraError('NAME_TAKEN', `The role name "${name}" is taken; choose another.`, { metadata: { name } })
 */
export class HydraError extends Error {
  override readonly name = 'HydraError'
  readonly code: ErrorCode
  readonly metadata: ErrorMetadata | undefined

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; metadata?: ErrorMetadata } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.metadata = options.metadata
  }

  /** Whether sending the same request again later may succeed. */
  get retryable(): boolean {
    return errorCodes[this.code].retryable
  }

  /** The form that crosses the wire: no stack, no cause. */
  toBody(): ErrorBody {
    return {
      code: this.code,
      msg: this.message,
      ...(this.metadata === undefined ? {} : { metadata: this.metadata }),
    }
  }

  /**
   * Turns anything thrown into a HydraError. What is not one already becomes `INTERNAL` with a neutral sentence;
   * the original stays as the cause, for the log only.
   */
  static from(thrown: unknown): HydraError {
    if (thrown instanceof HydraError) return thrown
    return new HydraError('INTERNAL', 'The server failed to handle this; the failure was logged.', {
      cause: thrown,
    })
  }

  /**
   * Whether something caught is an error of ours with this code.
   *
   * @example if (HydraError.hasCode(error, 'ROLE_ELSEWHERE')) return 'absent'
   */
  static hasCode(error: unknown, code: ErrorCode): error is HydraError {
    return error instanceof HydraError && error.code === code
  }

  /** Rebuilds an error that arrived over a wire. An unknown code becomes `INTERNAL`, kept in the metadata. */
  static fromBody(body: unknown): HydraError {
    const parsed = errorBodySchema.safeParse(body)
    if (!parsed.success) {
      return new HydraError('INTERNAL', 'The other side answered with an error of unknown form.', {
        cause: body,
      })
    }
    const { code, msg, metadata } = parsed.data
    if (isErrorCode(code)) return new HydraError(code, msg, metadata === undefined ? {} : { metadata })
    return new HydraError('INTERNAL', msg, { metadata: { ...metadata, code } })
  }
}

const pathMaxChars = 100

/**
 * Names path and expectation of the first mismatch of a zod error, as `BAD_REQUEST`.
 *
 * @example badRequest('game.role.create', result.error).message
 * // game.role.create: "name" is wrong: Too small: expected string to have >=2 characters
 */
export function badRequest(what: string, error: z.ZodError): HydraError {
  const [issue] = error.issues
  const places = issue?.path ?? []
  // Keys of records are the sender's: an error is not to be as long as what it is about.
  const path = places.length === 0 ? '(body)' : places.map(String).join('.').slice(0, pathMaxChars)
  const expectation = issue?.message ?? 'unknown mismatch'
  return new HydraError('BAD_REQUEST', `${what}: "${path}" is wrong: ${expectation}`, {
    metadata: { path, expectation },
  })
}
