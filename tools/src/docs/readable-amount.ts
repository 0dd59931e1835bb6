interface Scale {
  readonly size: number
  readonly name: string
}

const times: readonly Scale[] = [
  { size: 86_400_000, name: 'days' },
  { size: 3_600_000, name: 'hours' },
  { size: 60_000, name: 'minutes' },
]
const sizes: readonly Scale[] = [
  { size: 1 << 30, name: 'GiB' },
  { size: 1 << 20, name: 'MiB' },
  { size: 1 << 10, name: 'KiB' },
]

/**
 * A large time or size in the unit that a person would take, when it is a round number of it.
 *
 * @example readableAmount(604_800_000, 'ms') // '7 days'
 */
export function readableAmount(value: unknown, unit: string | undefined): string | undefined {
  if (typeof value !== 'number' || value === 0) return undefined
  const base = unit === 's' ? 1_000 : 1
  const scales = unit === 'ms' || unit === 's' ? times : unit === 'bytes' ? sizes : []
  const scale = scales.find(({ size }) => (value * base) % size === 0)
  if (scale === undefined) return undefined
  const amount = (value * base) / scale.size
  return `${amount} ${amount === 1 ? scale.name.replace(/s$/, '') : scale.name}`
}
