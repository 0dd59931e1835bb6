/**
 * An error of ioredis without what was sent: it carries the arguments of its command, which are the password when that
 * was AUTH, and else the data of players. The error itself is changed, so that its stack stays.
 */
export function withoutArguments(error: unknown): unknown {
  if (typeof error !== 'object' || error === null || !('command' in error)) return error
  const { command } = error as { readonly command?: { readonly name?: unknown } }
  Object.assign(error, { command: { name: command?.name } })
  // Of a transaction: what its single commands were refused for; the message repeats the first of them.
  if ('previousErrors' in error) delete error.previousErrors
  return error
}
