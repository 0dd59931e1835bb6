const unitOfSuffix: Readonly<Record<string, string>> = {
  Ms: 'ms',
  Seconds: 's',
  Bytes: 'bytes',
  Days: 'days',
  Hour: 'hour of the day',
  PerSecond: '/s',
  PerMinute: '/min',
}

/**
 * The unit that the name of a key ends with. Other names are counts, texts and switches, and have none; a key whose name
 * says too little carries its unit as `.meta({ unit })`.
 *
 * @example unitOfKey('flushIntervalMs') // 'ms'
 */
export function unitOfKey(key: string): string | undefined {
  const suffix = Object.keys(unitOfSuffix).find((each) => key.endsWith(each) && key.length > each.length)
  return suffix === undefined ? undefined : unitOfSuffix[suffix]
}
