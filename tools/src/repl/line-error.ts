/** A line that cannot be carried out as it is; the message says what is expected. */
export class LineError extends Error {
  override readonly name = 'LineError'
}

/** A line that is not over: a quote or a bracket is open. */
export class OpenLineError extends LineError {}
