/** The command was called in a wrong way; the message says what is expected. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** A whole number within bounds. @throws UsageError that names the option. */
export function wholeNumber(option: string, text: string, min: number, max: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (value >= min && value <= max) return value
  throw new UsageError(`${option} takes a whole number from ${min} to ${max}; "${text}" is none.`)
}

/** The address of an http service. @throws UsageError when it is no http:// or https:// url. */
export function httpAddress(text: string): string {
  const protocol = URL.canParse(text) ? new URL(text).protocol : ''
  if (protocol === 'http:' || protocol === 'https:') return text
  throw new UsageError(`--http takes an address such as http://127.0.0.1:9001; "${text}" is none.`)
}
