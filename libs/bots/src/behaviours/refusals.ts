import { HydraError, type ErrorCode } from '@hydra/protocol'

/**
 * The answer, or which of these codes it was refused with: for what a player runs into without doing wrong.
 *
 * @throws what else the request is refused with.
 * @example if ((await orCode(me.request(attack, { target }), ['OUT_OF_REACH'])).code !== undefined) return
 */
export async function orCode<T, C extends ErrorCode>(
  answer: Promise<T>,
  codes: readonly C[],
): Promise<
  { readonly value: T; readonly code?: undefined } | { readonly code: C; readonly error: HydraError }
> {
  try {
    return { value: await answer }
  } catch (thrown) {
    const error = HydraError.from(thrown)
    const code = codes.find((each) => each === error.code)
    if (code === undefined) throw thrown
    return { code, error }
  }
}
