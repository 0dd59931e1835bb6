/**
 * A value as TOML writes it, numbers with their digits in groups of three.
 *
 * @throws Error for what no key of a configuration is (a table, a date).
 * @example tomlValue(60_000) // '60_000'
 */
export function tomlValue(value: unknown, key = ''): string {
  // Ports are names, not amounts: nobody groups their digits.
  if (typeof value === 'number') return /port$/i.test(key) ? `${value}` : grouped(value)
  if (typeof value === 'boolean') return `${value}`
  // What JSON escapes, TOML escapes alike.
  if (typeof value === 'string') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map((each) => tomlValue(each)).join(', ')}]`
  throw new Error(`a configuration cannot have ${JSON.stringify(value)} as a value`)
}

const grouped = (value: number): string => {
  const [whole = '', ...fraction] = `${value}`.split('.')
  return [whole.replaceAll(/(?<=\d)(?=(\d{3})+$)/g, '_'), ...fraction].join('.')
}
